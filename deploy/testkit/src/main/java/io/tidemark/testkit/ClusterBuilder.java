// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Describes a cluster: without a word of the caller, one raft node and one read replica. Ends in {@link #start}, or for JUnit in
 * {@link #build}. Of one thread.
 */
public final class ClusterBuilder {

    private static final int NODES_MAX = 5;
    private static final int REPLICAS_MAX = 16;

    private int nodes = 1;
    private int replicas = 1;
    private Duration startTimeout = Duration.ofSeconds(60);
    private Optional<Path> parent = Optional.empty();
    private boolean restores = true;
    private final List<String> nodeFlags = new ArrayList<>();
    private final List<String> replicaFlags = new ArrayList<>();

    ClusterBuilder() {}

    /** How many raft nodes, {@code n1}, {@code n2} and so on: 1 to 5. With 3, one may be stopped without stopping writes. */
    public ClusterBuilder nodes(int count) {
        require(count >= 1 && count <= NODES_MAX, "nodes", count, "from 1 to " + NODES_MAX);
        this.nodes = count;
        return this;
    }

    /** How many read replicas, {@code r1}, {@code r2} and so on: 0 to 16. Each shard is on two of them. */
    public ClusterBuilder replicas(int count) {
        require(count >= 0 && count <= REPLICAS_MAX, "replicas", count, "from 0 to " + REPLICAS_MAX);
        this.replicas = count;
        return this;
    }

    /**
     * An option of every node, as {@code docs/configuration.md} lists them: {@code nodeOption("store.max-value-bytes", "4KiB")}. A
     * name or value that is wrong fails the start.
     */
    public ClusterBuilder nodeOption(String name, String value) {
        nodeFlags.add(flag(name, value));
        return this;
    }

    /** An option of every replica: {@code replicaOption("feed.probe-interval", "10ms")}. */
    public ClusterBuilder replicaOption(String name, String value) {
        replicaFlags.add(flag(name, value));
        return this;
    }

    /** How long the cluster may take to be ready. By default a minute, for machines that have much else to do. */
    public ClusterBuilder startTimeout(Duration timeout) {
        require(!timeout.isNegative() && !timeout.isZero(), "start timeout", timeout, "above 0");
        this.startTimeout = timeout;
        return this;
    }

    /**
     * Below which directory the cluster makes its own, which it removes at the end. By default where the system keeps temporary files;
     * one in memory, such as {@code /dev/shm}, makes writes faster than a disk does.
     */
    public ClusterBuilder temporaryFilesIn(Path directory) {
        this.parent = Optional.of(requireNonNull(directory, "directory"));
        return this;
    }

    /**
     * Whether JUnit's extension brings the cluster back to its beginning before each test: servers that an earlier test stopped run
     * again, and no table has a row. It does by default, and never for tests that run at the same time, which would empty each other's
     * tables: give each of those a table of its own.
     */
    public ClusterBuilder restoreBeforeEachTest(boolean restore) {
        this.restores = restore;
        return this;
    }

    /**
     * Starts the cluster, which is the caller's to close.
     *
     * @throws ClusterException if it cannot be started, or is not ready in time; nothing is left of it then
     */
    public LocalCluster start() {
        LocalCluster cluster = new LocalCluster(options());
        cluster.open();
        return cluster;
    }

    /** An extension for {@code @RegisterExtension}, which starts the cluster before the tests and ends it after them. */
    public TidemarkCluster build() {
        return new TidemarkCluster(options());
    }

    private ClusterOptions options() {
        return new ClusterOptions(nodes, replicas, nodeFlags, replicaFlags, startTimeout, parent, restores);
    }

    private static String flag(String name, String value) {
        return "--" + requireNonNull(name, "name") + "=" + requireNonNull(value, "value");
    }

    private static void require(boolean condition, String name, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
