// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import io.tidemark.server.process.DataDirectory;
import io.tidemark.server.process.DirectoryTree;
import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Runs a cluster: makes it, keeps {@code cluster.json}, takes orders, and ends it. Thread-safe; its monitor guards the file.
 */
final class Supervisor implements ClusterListener, AutoCloseable {

    private final DevOptions options;
    private final Console console;
    private final ClusterFile file;
    private final DataDirectory held;
    private final Servers servers;
    private final ControlSocket control;
    private final LeaderSearch leaderSearch = new LeaderSearch();
    private final CompletableFuture<Void> stopOrdered = new CompletableFuture<>();
    private volatile boolean ready;
    private boolean closed;

    /** Where it tells what happens. */
    interface Console {

        /** What lines begin with where they are printed. */
        String PREFIX = "tidemark: ";

        void tell(String line);
    }

    private Supervisor(DevOptions options, Console console, DataDirectory held, JavaCommand java) throws IOException {
        this.options = options;
        this.console = console;
        this.held = held;
        this.file = ClusterFile.in(options.directory());
        ClusterPlan plan = ClusterPlan.in(options.directory(), options.nodes(), options.replicas(), options.sidecar());
        this.servers = options.singleProcess()
                ? new InProcessCluster(plan, options.directory(), this)
                : ProcessCluster.of(plan, options.directory(), java, this);
        this.control = ControlSocket.open(options.directory(), this::carryOut);
    }

    /**
     * Takes the directory. Nothing runs yet.
     *
     * @throws StartException if another cluster has it, or is left in it
     */
    static Supervisor open(DevOptions options, JavaCommand java, Console console) throws IOException {
        Path directory = options.directory();
        if (options.ephemeral()) {
            Directory.requireNothingToLose(directory);
        }
        // Held until this process ends: two clusters in one directory would destroy each other.
        DataDirectory held = DataDirectory.open(directory);
        Optional<ClusterFile.Content> earlier = ClusterFile.in(directory).read();
        if (earlier.isPresent()) {
            List<String> left = Leftovers.of(earlier.get()).ids();
            if (!left.isEmpty()) {
                throw new StartException("servers of a cluster whose supervisor was killed still run in " + directory
                        + ": " + String.join(", ", left) + " (expected: none; `tidemark dev stop --data-dir="
                        + directory + "` ends them)");
            }
        }
        return new Supervisor(options, console, held, java);
    }

    /** Starts the cluster, and tells how far it is; returns when it is ready. */
    ClusterFile.Content start() throws IOException, InterruptedException {
        tell(announcement(options));
        servers.start();
        ready = true;
        changed();
        return content();
    }

    /** What is about to happen, and where to look on. */
    static String announcement(DevOptions options) {
        Path logs = options.directory().resolve(options.singleProcess() ? InProcessCluster.LOG : "*.log");
        return "starting " + options.describe() + (options.singleProcess() ? " in one process" : "") + "; logs: "
                + ClusterTable.shorten(logs.toString());
    }

    /** Returns when somebody has ordered it to stop. */
    void awaitStopOrder() {
        stopOrdered.join();
    }

    private ClusterFile.Content content() {
        return new ClusterFile.Content(
                ready,
                ClusterFile.Proc.of(ProcessIdentity.of(ProcessHandle.current())),
                control.path().toString(),
                options.ephemeral(),
                servers.states().stream()
                        .map(server -> ClusterFile.Server.of(server, log(server.plan())))
                        .toList());
    }

    private Path log(ServerPlan server) {
        return options.singleProcess()
                ? options.directory().resolve(InProcessCluster.LOG)
                : server.logFile(options.directory());
    }

    @Override
    public void changed() {
        ClusterFile.Content now = content();
        synchronized (this) {
            if (closed) {
                return;
            }
            try {
                file.write(now);
            } catch (IOException e) {
                tell(file.path() + " cannot be written: " + e);
            }
        }
    }

    @Override
    public void tell(String line) {
        console.tell(line);
    }

    private Order.Outcome carryOut(Order order) {
        try {
            return switch (order.verb()) {
                case STATUS -> Order.Outcome.done(status());
                case STOP -> {
                    stopOrdered.complete(null);
                    yield Order.Outcome.done("");
                }
                case KILL, START, PAUSE, RESUME, PARTITION, HEAL -> {
                    String said = servers.carryOut(order);
                    tell(said);
                    yield Order.Outcome.done(said);
                }
            };
        } catch (OrderException | StartException e) {
            return new Order.Outcome(DevCommand.WRONG_USAGE, String.valueOf(e.getMessage()));
        } catch (IOException | RuntimeException e) {
            return new Order.Outcome(DevCommand.FAILED, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Order.Outcome(DevCommand.FAILED, "interrupted");
        }
    }

    private String status() {
        Optional<String> leader = leaderSearch.leader(servers.states());
        return ClusterTable.withStates(content().servers(), leader).stripTrailing();
    }

    /** Stops the servers, and leaves nothing that says there is a cluster. */
    @Override
    public void close() throws IOException {
        servers.close();
        leaderSearch.close();
        control.close();
        synchronized (this) {
            closed = true;
            file.delete();
        }
        held.close();
        if (options.ephemeral()) {
            DirectoryTree.remove(options.directory());
        }
    }
}
