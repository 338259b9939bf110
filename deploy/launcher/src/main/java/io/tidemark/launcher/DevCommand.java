// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.server.process.DataDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
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
        // Held until this process ends: two clusters in one directory would destroy each other.
        DataDirectory.open(dataDir);
        DevCluster cluster = new DevCluster(dataDir);
        AtomicInteger exitCode = new AtomicInteger();
        // Ctrl-C reaches the children too, but a SIGTERM to us alone does not.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(cluster, exitCode), "stop"));
        try {
            exitCode.set(run(cluster));
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (cluster.isStopping()) {
                return 0;
            }
            exitCode.set(Tidemark.FAILED);
            throw e;
        }
        return exitCode.get();
    }

    private int run(DevCluster cluster) throws IOException, InterruptedException {
        DevNodes devNodes = DevNodes.in(dataDir, nodes);
        for (int i = 1; i <= nodes; i++) {
            DevNodes.Ports ports = devNodes.nodes().get(i - 1);
            cluster.start(
                    "node",
                    "n" + i,
                    List.of(
                            "--cluster.name=dev",
                            "--cluster.nodes=" + devNodes.toOption(),
                            "--client.port=" + ports.client(),
                            "--internal.port=" + ports.internal(),
                            "--raft.port=" + ports.raft(),
                            "--store.auto-create-tables=true"));
        }
        for (int i = 1; i <= replicas; i++) {
            cluster.start(
                    "replica",
                    "r" + i,
                    List.of("--cluster.nodes=" + devNodes.toOption(), "--client.port=0", "--internal.port=0"));
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%-8s %-4s %-22s %-22s %-8s %s%n", "ROLE", "ID", "CLIENT (gRPC)", "HTTP", "PID", "LOG");
        for (DevServer server : cluster.servers()) {
            server.awaitReady(READY_TIMEOUT);
            out.println(server.describe());
            out.flush();
        }
        out.printf("%d servers ready. Ctrl-C stops them.%n", cluster.servers().size());
        out.flush();
        return awaitAnyEnd(cluster);
    }

    /** Returns when a server has ended; the exit that follows stops the others. */
    private int awaitAnyEnd(DevCluster cluster) {
        CompletableFuture<?>[] ends =
                cluster.servers().stream().map(DevServer::onEnd).toArray(CompletableFuture<?>[]::new);
        DevServer ended = (DevServer) CompletableFuture.anyOf(ends).join();
        if (cluster.isStopping()) {
            return 0;
        }
        spec.commandLine()
                .getErr()
                .printf(
                        "tidemark: %s ended with exit code %d (its log: %s); stopping the others%n",
                        ended.id(), ended.exitCode(), ended.logFile());
        return Tidemark.FAILED;
    }

    private static void stop(DevCluster cluster, AtomicInteger exitCode) {
        cluster.stop();
        // A signal's own exit code (128 + its number) would make an orderly stop look like a failure.
        Runtime.getRuntime().halt(exitCode.get());
    }
}
