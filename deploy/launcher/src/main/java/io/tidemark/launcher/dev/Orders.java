// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import io.tidemark.server.process.DirectoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Orders to the cluster in a directory, from another process; what its supervisor cannot do any more is done here. */
final class Orders {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(90);

    private final Path directory;
    private final ClusterFile file;

    Orders(Path directory) {
        this.directory = directory;
        this.file = ClusterFile.in(directory);
    }

    Order.Outcome give(Order order) throws IOException, InterruptedException {
        Optional<ClusterFile.Content> found = file.read();
        if (found.isEmpty()) {
            return new Order.Outcome(
                    DevCommand.FAILED, "no cluster runs in " + directory + " (expected: one, or another --data-dir)");
        }
        ClusterFile.Content cluster = found.get();
        Optional<ProcessHandle> supervisor = cluster.supervisor().identity().find();
        return switch (order.verb()) {
            case STOP -> supervisor.isPresent() ? stop(cluster, supervisor.get()) : stopLeftovers(cluster);
            case STATUS -> supervisor.isPresent() ? ask(cluster, order) : status(cluster);
            case KILL, START, PAUSE, RESUME, PARTITION, HEAL ->
                supervisor.isPresent()
                        ? ask(cluster, order)
                        : new Order.Outcome(DevCommand.FAILED, withoutSupervisor(cluster));
        };
    }

    private static Order.Outcome ask(ClusterFile.Content cluster, Order order) throws IOException {
        return ControlClient.give(Path.of(cluster.control()), order);
    }

    private Order.Outcome stop(ClusterFile.Content cluster, ProcessHandle supervisor)
            throws IOException, InterruptedException {
        try {
            Order.Outcome unused = ask(cluster, new Order(Order.Verb.STOP, ""));
        } catch (IOException e) {
            // It is stopping already, or does not listen.
            boolean unused = supervisor.destroy();
        }
        if (!Leftovers.awaitEnd(supervisor, STOP_TIMEOUT)) {
            return new Order.Outcome(
                    DevCommand.FAILED,
                    "the supervisor, process " + supervisor.pid() + ", has not ended after " + STOP_TIMEOUT.toSeconds()
                            + " s (expected: seconds; kill it, and stop again)");
        }
        Optional<ClusterFile.Content> left = file.read();
        return left.isPresent() ? stopLeftovers(left.get()) : Order.Outcome.done("stopped");
    }

    private Order.Outcome stopLeftovers(ClusterFile.Content cluster) throws IOException, InterruptedException {
        Leftovers left = Leftovers.of(cluster);
        left.stop();
        file.delete();
        Files.deleteIfExists(Path.of(cluster.control()));
        if (cluster.ephemeral()) {
            DirectoryTree.remove(directory);
        }
        return Order.Outcome.done(
                left.ids().isEmpty()
                        ? "the cluster had ended without a word; nothing of it runs"
                        : "stopped " + String.join(", ", left.ids()) + ", whose supervisor had been killed");
    }

    private static Order.Outcome status(ClusterFile.Content cluster) {
        List<String> running = Leftovers.of(cluster).ids();
        List<ClusterFile.Server> servers = cluster.servers().stream()
                .map(server -> running.contains(server.id()) ? server : server.ended())
                .toList();
        return new Order.Outcome(
                DevCommand.FAILED,
                withoutSupervisor(cluster)
                        + "\n\n"
                        + ClusterTable.withStates(servers, Optional.empty()).stripTrailing());
    }

    private static String withoutSupervisor(ClusterFile.Content cluster) {
        return "the supervisor, process " + cluster.supervisor().pid()
                + ", has been killed: servers that run cannot reach"
                + " each other (expected: that it runs; `tidemark dev stop` ends what is left)";
    }
}
