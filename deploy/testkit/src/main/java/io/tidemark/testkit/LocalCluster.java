// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import io.tidemark.client.TidemarkClient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A small real cluster inside this JVM: the servers that a production cluster is made of, on ports of the loopback interface that were
 * free and with data in a temporary directory that {@link #close} removes. What tests see of it (a replica's staleness, a leader's end,
 * refusals) is what applications will see.
 *
 * <pre>{@code
 * try (LocalCluster cluster = LocalCluster.builder().nodes(3).replicas(2).start()) {
 *     cluster.stop(cluster.leader());
 *     ...
 * }
 * }</pre>
 *
 * <p>With JUnit, {@link TidemarkCluster} does the starting and closing. Any number of clusters may run at a time; one that nobody
 * closes is closed when the JVM ends. Tables are made by their first write, unless {@code
 * nodeOption("store.auto-create-tables", "false")} says otherwise.
 *
 * <p>Servers stop in order here, within a second. Processes that are killed or frozen, slow networks and full disks are no faults that
 * can be had inside one JVM.
 *
 * <p>Thread-safe. While one caller starts or stops servers, others that ask about servers wait.
 */
public sealed class LocalCluster implements AutoCloseable permits TidemarkCluster {

    private final ClusterOptions options;

    /** Null: it does not run. */
    private @Nullable ServerGroup servers;

    /** Null: nobody asked for it. */
    private @Nullable TidemarkClient client;

    private @Nullable Thread atExit;

    LocalCluster(ClusterOptions options) {
        this.options = options;
    }

    /** Describes one, with one node and one replica unless told otherwise. */
    public static ClusterBuilder builder() {
        return new ClusterBuilder();
    }

    /** Starts it, with empty disks. */
    final synchronized void open() {
        if (servers != null) {
            throw new IllegalStateException("the cluster is running");
        }
        ServerGroup started = ServerGroup.start(options);
        servers = started;
        Thread hook = new Thread(started::close, "tidemark-testkit-exit");
        Runtime.getRuntime().addShutdownHook(hook);
        atExit = hook;
    }

    /**
     * A client of the cluster, the same one for as long as it runs, and closed with it. Its reads are in one session, so that a test sees
     * what it wrote.
     */
    public synchronized TidemarkClient client() {
        ServerGroup running = servers();
        if (client == null) {
            client = TidemarkClient.connect(String.join(",", running.endpoints()));
        }
        return client;
    }

    /** Where clients reach the servers, {@code host:port}, whether they run or not: nodes first. */
    public List<String> endpoints() {
        return servers().endpoints();
    }

    /** Where clients reach this server; the same for as long as the cluster lives. */
    public String endpoint(String id) {
        return servers().endpoint(id);
    }

    /** The ids of the raft nodes. */
    public List<String> nodes() {
        return servers().nodes();
    }

    /** The ids of the replicas. */
    public List<String> replicas() {
        return servers().replicas();
    }

    /** The id of the node that leads; waits until one does. */
    public String leader() {
        return servers().leader();
    }

    public boolean isRunning(String id) {
        return servers().isRunning(id);
    }

    /**
     * Stops servers, in order: calls under way have a second to end. Without a majority of the nodes nothing can be written, and
     * replicas know less and less how fresh they are, as anywhere.
     *
     * @throws IllegalStateException if one of them does not run
     */
    public void stop(String... ids) {
        servers().stop(List.of(ids));
    }

    /**
     * Starts servers again, on their ports and with their data, and waits until they are ready. A node is not without a majority of the
     * nodes, and a replica not without a node, so start together what needs each other.
     *
     * @throws ClusterException if one of them cannot start, or is not ready in time
     */
    public void start(String... ids) {
        servers().start(List.of(ids));
    }

    /** Starts every server that does not run, and waits until all are ready. */
    public void startAll() {
        servers().startAll();
    }

    /**
     * Waits until each running server has applied all that was acknowledged before, to anybody: then also a read that asks for no
     * more than what a replica happens to have sees it.
     */
    public void awaitApplied() {
        servers().awaitApplied();
    }

    /** Removes every row of every table; the tables and their settings stay. When this returns no running server shows one. */
    public void clearTables() {
        servers().clearTables();
    }

    /** Ends the servers and removes their data. Further calls do nothing. */
    @Override
    public synchronized void close() {
        if (servers == null) {
            return;
        }
        ServerGroup ending = servers;
        servers = null;
        if (client != null) {
            client.close();
            client = null;
        }
        ending.close();
        forgetHook();
    }

    private void forgetHook() {
        try {
            if (atExit != null) {
                boolean unused = Runtime.getRuntime().removeShutdownHook(atExit);
            }
        } catch (IllegalStateException exiting) {
            // The hook runs, and finds nothing left to do.
            return;
        }
        atExit = null;
    }

    final ClusterOptions options() {
        return options;
    }

    private synchronized ServerGroup servers() {
        if (servers == null) {
            throw new IllegalStateException(
                    "the cluster does not run (expected: after its start, by start() or JUnit, and before its close)");
        }
        return servers;
    }
}
