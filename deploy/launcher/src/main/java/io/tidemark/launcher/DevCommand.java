// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a whole cluster on this machine, each server a process of its own, until it is interrupted. */
@Command(name = "dev", description = "Runs a whole cluster on this machine, on free ports of the loopback interface.")
final class DevCommand implements Callable<Integer> {

    private static final int SERVERS_MAX = 32;
    private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

    @CommandLine.Option(names = "--nodes", defaultValue = "3", description = "Raft nodes (default: 3).")
    private int nodes;

    @CommandLine.Option(names = "--replicas", defaultValue = "3", description = "Read replicas (default: 3).")
    private int replicas;

    @CommandLine.Option(
            names = "--data-dir",
            defaultValue = "tidemark-dev",
            description = "Where the servers keep their data and logs (default: ./tidemark-dev).")
    private Path dataDir = Path.of("tidemark-dev");

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (nodes < 1 || replicas < 0 || nodes + replicas > SERVERS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--nodes " + nodes + " --replicas " + replicas + " (expected: at least 1 node, at most "
                            + SERVERS_MAX + " servers in all)");
        }
        List<DevServer> servers = new CopyOnWriteArrayList<>();
        AtomicBoolean stopping = new AtomicBoolean();
        // Ctrl-C reaches the children too, but a SIGTERM to us alone does not.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            stopping.set(true);
                            servers.parallelStream().forEach(DevServer::stop);
                        },
                        "stop"));
        for (int i = 1; i <= nodes; i++) {
            servers.add(DevServer.start("node", "n" + i, dataDir));
        }
        for (int i = 1; i <= replicas; i++) {
            servers.add(DevServer.start("replica", "r" + i, dataDir));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%-8s %-4s %-22s %-22s %-8s %s%n", "ROLE", "ID", "CLIENT (gRPC)", "HTTP", "PID", "LOG");
        for (DevServer server : servers) {
            server.awaitReady(READY_TIMEOUT);
            out.println(server.describe());
            out.flush();
        }
        out.printf("%d servers ready. Ctrl-C stops them.%n", servers.size());
        out.flush();
        return awaitAnyEnd(servers, stopping);
    }

    /** Returns when a server has ended; the exit that follows stops the others. */
    private int awaitAnyEnd(List<DevServer> servers, AtomicBoolean stopping) {
        CompletableFuture<?>[] ends = servers.stream().map(DevServer::onEnd).toArray(CompletableFuture<?>[]::new);
        DevServer ended = (DevServer) CompletableFuture.anyOf(ends).join();
        if (stopping.get()) {
            return 0;
        }
        spec.commandLine()
                .getErr()
                .printf(
                        "tidemark: %s ended with exit code %d (its log: %s); stopping the others%n",
                        ended.id(), ended.exitCode(), ended.logFile());
        return Tidemark.FAILED;
    }
}
