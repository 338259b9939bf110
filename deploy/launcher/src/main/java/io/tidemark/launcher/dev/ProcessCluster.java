// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import static java.util.Objects.requireNonNull;

import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Servers that are processes of their own. Starting and stopping exclude each other, so that a server whose start a stop overtakes is not
 * left behind; nobody waits for a server under the monitor, but who stops them all.
 */
final class ProcessCluster implements Servers {

    private static final Duration READY_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration START_ORDER_TIMEOUT = Duration.ofSeconds(30);

    /** Many small Javas on one machine: collecting in parallel would have each of them start a thread per processor. */
    private static final List<String> JVM_OPTIONS = List.of("-Xmx256m", "-XX:+UseSerialGC");

    private final Optional<Links> links;
    private final List<ChildServer> servers = new ArrayList<>();
    private final LeaderSearch leaderSearch;
    private final ClusterListener listener;
    private boolean stopping;

    private ProcessCluster(Optional<Links> links, LeaderSearch leaderSearch, ClusterListener listener) {
        this.links = links;
        this.leaderSearch = leaderSearch;
        this.listener = listener;
    }

    /** Where nothing runs yet. */
    static ProcessCluster of(ClusterPlan plan, Path directory, JavaCommand java, ClusterListener listener)
            throws IOException {
        Optional<Links> links = Links.arePossible() ? Optional.of(Links.between(plan.members())) : Optional.empty();
        ProcessCluster cluster = new ProcessCluster(links, new LeaderSearch(), listener);
        for (ServerPlan server : plan.servers()) {
            List<String> options = new ArrayList<>(JVM_OPTIONS);
            if (links.isPresent() && !server.isSidecar()) {
                options.add(HostsFile.write(server, links.get().address(server), directory)
                        .jvmOption());
            }
            List<String> arguments = new ArrayList<>(List.of(server.role()));
            arguments.addAll(server.flags(directory));
            cluster.servers.add(new ChildServer(server, directory, java.with(options, arguments)));
        }
        return cluster;
    }

    @Override
    public void start() throws IOException, InterruptedException {
        for (ChildServer server : servers) {
            start(server);
        }
        listener.changed();
        Map<ServerPlan, ChildServer> byPlan =
                servers.stream().collect(Collectors.toMap(ChildServer::plan, server -> server));
        Starting.await(
                servers.stream().map(ChildServer::plan).toList(),
                plan -> requireNonNull(byPlan.get(plan)).isReady(),
                READY_TIMEOUT,
                plan -> "see " + requireNonNull(byPlan.get(plan)).logFile(),
                listener);
    }

    private synchronized void start(ChildServer server) throws IOException {
        if (stopping) {
            throw new StartException("not starting " + server.plan().id() + ": the cluster is being stopped");
        }
        server.awaitEndNoted();
        // Before it runs, or a process that ends at once would leave them listening.
        if (links.isPresent()) {
            links.get().running(server.plan().id());
        }
        server.start(this::ended);
    }

    /** Not under the monitor, which who starts it again holds while this is waited for. */
    private void ended(ChildServer server) {
        try {
            if (links.isPresent()) {
                links.get().ended(server.plan().id());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> noteEnd(server));
        }
    }

    private void noteEnd(ChildServer server) {
        synchronized (this) {
            if (stopping || server.isAlive()) {
                return;
            }
        }
        listener.changed();
        listener.tell(server.plan().id() + " ended with exit code " + server.exitCode() + " (its log: "
                + server.logFile() + "); the others go on");
    }

    @Override
    public List<ServerState> states() {
        return servers.stream().filter(ChildServer::wasStarted).map(this::state).toList();
    }

    private synchronized ServerState state(ChildServer server) {
        String id = server.plan().id();
        return new ServerState(
                server.plan(),
                server.condition(),
                links.map(known -> known.isCutOff(id)).orElse(false),
                server.identity());
    }

    @Override
    public String carryOut(Order order) throws IOException, InterruptedException {
        ChildServer server = find(order.server());
        String said = switch (order.verb()) {
            case KILL -> kill(server);
            case START -> startAgain(server);
            case PAUSE -> pause(server);
            case RESUME -> resume(server);
            case PARTITION -> partition(server);
            case HEAL -> heal(server);
            case STATUS, STOP -> throw new IllegalArgumentException("order: " + order);
        };
        listener.changed();
        return said;
    }

    private String kill(ChildServer server) {
        synchronized (this) {
            requireAlive(server);
            server.kill();
        }
        server.awaitEndNoted();
        return describe(server) + " is killed";
    }

    private String startAgain(ChildServer server) throws IOException, InterruptedException {
        synchronized (this) {
            if (server.isAlive()) {
                throw new OrderException(describe(server) + " runs (expected: a server that has ended)");
            }
            start(server);
        }
        listener.changed();
        return server.awaitReady(START_ORDER_TIMEOUT)
                ? describe(server) + " is ready"
                : describe(server) + " runs, and is not ready yet; " + ReadyCheck.url(server.plan()) + " says why";
    }

    private synchronized String pause(ChildServer server) throws IOException {
        requireAlive(server);
        server.pause();
        return describe(server) + " stands still";
    }

    private synchronized String resume(ChildServer server) throws IOException {
        requireAlive(server);
        if (server.condition() != ServerState.Condition.PAUSED) {
            throw new OrderException(describe(server) + " runs (expected: a server that was paused)");
        }
        server.resume();
        return describe(server) + " goes on";
    }

    private String partition(ChildServer server) throws IOException {
        if (server.plan().isSidecar()) {
            throw new OrderException(
                    server.plan().id() + " is a client of the cluster (expected: a node or a replica)");
        }
        network().cut(server.plan().id());
        return describe(server) + " is cut off from the other servers; clients reach it";
    }

    private String heal(ChildServer server) throws IOException {
        if (!network().isCutOff(server.plan().id())) {
            throw new OrderException(
                    describe(server) + " is not cut off (expected: a server that was cut off by partition)");
        }
        network().heal(server.plan().id());
        return describe(server) + " reaches the other servers again";
    }

    private Links network() {
        return links.orElseThrow(() -> new OrderException("servers cannot be cut off on this machine, whose loopback"
                + " interface has one address only (expected: Linux)"));
    }

    private ChildServer find(String name) {
        String id = leaderSearch.idOf(name, states());
        return servers.stream()
                .filter(server -> server.plan().id().equals(id))
                .findFirst()
                .orElseThrow(() -> new OrderException("server: '" + name + "' (expected: "
                        + servers.stream().map(server -> server.plan().id()).collect(Collectors.joining(", "))
                        + ", leader or follower)"));
    }

    private static void requireAlive(ChildServer server) {
        if (!server.isAlive()) {
            throw new OrderException(server.plan().id() + " has ended (expected: a server that runs; start "
                    + server.plan().id() + " makes it one)");
        }
    }

    private static String describe(ChildServer server) {
        return server.plan().id() + " (process " + server.identity().pid() + ")";
    }

    @Override
    public synchronized void close() {
        stopping = true;
        // All are told before any is waited for.
        for (ChildServer server : servers) {
            try {
                server.tellToStop();
            } catch (IOException e) {
                server.kill();
            }
        }
        servers.forEach(ChildServer::awaitEnd);
        try {
            if (links.isPresent()) {
                links.get().close();
            }
        } catch (IOException e) {
            // Its sockets go with the process, which is about to end.
            listener.tell("the relays between servers were not closed: " + e);
        }
        leaderSearch.close();
    }
}
