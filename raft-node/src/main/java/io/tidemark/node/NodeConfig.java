// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.api.ProtoTimes;
import io.tidemark.node.confirm.ConfirmOptions;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.offline.NewNode;
import io.tidemark.node.registry.RegistryOptions;
import io.tidemark.node.write.WriteLimits;
import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.proto.v1.FirstMember;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.ConfigurationException;
import io.tidemark.server.config.Option;
import io.tidemark.server.config.ValueType;
import io.tidemark.server.feed.BootstrapOptions;
import io.tidemark.server.feed.core.FeedOptions;
import io.tidemark.server.process.FirstNode;
import io.tidemark.server.process.ServerConfig;
import io.tidemark.server.process.StoreMemory;
import io.tidemark.server.service.RequestLimits;
import io.tidemark.server.watch.WatchOptions;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.validate.SettingsRules;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a raft node is configured with.
 *
 * @param joins whether an empty directory waits to be added to a cluster that runs
 * @param plan the first members in the order of their ids, and what the store is born with; of a node that joins, whom to ask
 * @param raft how it takes part
 * @param store what its store keeps in memory
 * @param diskReserve how many bytes of the disk stay free of writes
 * @param confirm how leadership is confirmed
 * @param write what the write path may hold
 * @param limits what requests may ask for
 * @param watch what watches may use
 * @param registry how replicas are watched
 * @param feed what replicas that are fed may use
 */
public record NodeConfig(
        ServerConfig server,
        boolean joins,
        BirthPlan plan,
        Raft raft,
        StoreOptions store,
        long diskReserve,
        ConfirmOptions confirm,
        Write write,
        RequestLimits limits,
        Watch watch,
        RegistryOptions registry,
        Feed feed) {

    /**
     * How it takes part.
     *
     * @param port of Ratis; 0, for any free one, only for a node that is alone
     * @param electionMin a follower that heard nothing of a leader for this long may campaign
     * @param electionMax at the latest after this long
     * @param checkpointEntries a checkpoint is begun this many Raft entries after the last
     * @param checkpointBytes or once those take so much
     * @param keptEntries how many Raft entries behind the last checkpoint stay for followers that are slow
     * @param segmentBytes of one file of the log
     */
    public record Raft(
            int port,
            java.time.Duration electionMin,
            java.time.Duration electionMax,
            int checkpointEntries,
            long checkpointBytes,
            int keptEntries,
            int segmentBytes) {}

    /**
     * What the write path may hold.
     *
     * @param queueCommands how many writes may wait
     * @param queueBytes how large they may be together
     */
    public record Write(int queueCommands, long queueBytes) {}

    /**
     * What watches may use.
     *
     * @param watchesMax how many there may be at a time
     * @param stallMax for how long a watcher may take nothing before it is cut off
     */
    public record Watch(int watchesMax, java.time.Duration stallMax) {}

    /**
     * What replicas that are fed may use.
     *
     * @param subscribersMax how many there may be at a time
     * @param stallMax for how long one may take nothing before it is cut off
     * @param bootstrapsMax how many copies of shards may be under way
     * @param bootstrapHeldMax for how long the state of one is held that broke off
     */
    public record Feed(
            int subscribersMax, java.time.Duration stallMax, int bootstrapsMax, java.time.Duration bootstrapHeldMax) {}

    /** What a node with an empty directory does. */
    public enum ClusterStart {
        /** Forms the cluster with the others that cluster.nodes names. */
        AUTO,
        /** Waits to be added. */
        JOIN
    }

    public static final Option<String> CLUSTER_NAME = Option.withDefault(
            "cluster.name",
            ValueType.text(Pattern.compile("[a-z0-9][a-z0-9-]{0,62}"), "1 to 63 of a-z, 0-9 and -"),
            "tidemark",
            "Guards against connecting two clusters by mistake.");
    public static final Option<List<FirstNode>> CLUSTER_NODES = Option.withDefault(
            "cluster.nodes",
            ValueType.list(FirstNode.type()),
            "",
            "The first members, this one among them; the same at each. Empty: this node alone. No effect once the cluster is"
                    + " formed. To join: a majority of the members at least, to ask.");
    public static final Option<ClusterStart> CLUSTER_START = Option.withDefault(
            "cluster.start",
            ValueType.oneOf(ClusterStart.class),
            "auto",
            "What to do with an empty directory: form the cluster (auto), or wait to be added to one (join).");
    public static final Option<Integer> RAFT_PORT = Option.withDefault(
            "raft.port",
            ValueType.port(),
            "7402",
            "Apache Ratis, between raft nodes. 0 only for a node that stays alone.");
    public static final Option<java.time.Duration> ELECTION_MIN = Option.withDefault(
            "raft.election-min",
            ValueType.duration(java.time.Duration.ofMillis(50), java.time.Duration.ofMinutes(1)),
            "1s",
            "Without a word of the leader for this long, a node may campaign. The leader speaks at least five times as often.");
    public static final Option<java.time.Duration> ELECTION_MAX = Option.withDefault(
            "raft.election-max",
            ValueType.duration(java.time.Duration.ofMillis(100), java.time.Duration.ofMinutes(2)),
            "1500ms",
            "At the latest after this long it does. Above `raft.election-min`.");
    public static final Option<Integer> CHECKPOINT_ENTRIES = Option.withDefault(
            "raft.checkpoint-entries",
            ValueType.integer(100, 10_000_000),
            "10000",
            "A checkpoint is begun this many Raft entries after the last; a restart replays about so many, more only on a leader that was sending a checkpoint.");
    public static final Option<Long> CHECKPOINT_BYTES = Option.withDefault(
            "raft.checkpoint-bytes",
            ValueType.size(1 << 20, 1L << 40),
            "512MiB",
            "Or once those take so much: the log behind a checkpoint is dropped.");
    public static final Option<Integer> KEPT_ENTRIES = Option.withDefault(
            "raft.kept-entries",
            ValueType.integer(0, 10_000_000),
            "20000",
            "How many Raft entries behind the last checkpoint stay for followers that are slow.");
    public static final Option<java.time.Duration> CONFIRM_MAX = Option.withDefault(
            "raft.confirm-max",
            ValueType.duration(java.time.Duration.ofMillis(50), java.time.Duration.ofSeconds(30)),
            "800ms",
            "A leader that no majority has confirmed for this long tells the reads that wait for it so; several round trips"
                    + " between nodes.");
    public static final Option<java.time.Duration> CLOCK_OFF_MAX = Option.withDefault(
            "raft.clock-off-max",
            ValueType.duration(java.time.Duration.ofMillis(10), java.time.Duration.ofHours(1)),
            "500ms",
            "A leader whose clock differs by more than this from a majority's gives up leading, and log time follows it no"
                    + " further.");
    public static final Option<Long> SEGMENT_BYTES = Option.withDefault(
            "raft.segment-bytes",
            ValueType.size(1 << 20, 256 << 20),
            "16MiB",
            "One file of the log, the unit in which it is dropped.");
    public static final Option<Long> DISK_RESERVE = Option.withDefault(
            "disk.reserve-bytes",
            ValueType.size(0, 1L << 44),
            "512MiB",
            "While less than this is free where `data-dir` is (or than 5 % of that disk, if it is less), no writes are taken:"
                    + " STORE_FULL. 0: nobody looks, and a full disk may end the node.");
    public static final Option<Integer> WRITE_QUEUE = Option.withDefault(
            "write.max-queued",
            ValueType.integer(1, 1_000_000),
            "8192",
            "How many writes may wait at the leader; beyond it they are refused as OVERLOADED.");
    public static final Option<Long> WRITE_QUEUE_BYTES = Option.withDefault(
            "write.max-queued-bytes", ValueType.size(8 << 20, 4L << 30), "64MiB", "How large they may be together.");
    public static final Option<Integer> WATCHES_MAX = Option.withDefault(
            "watch.max", ValueType.integer(0, 10_000_000), "50000", "How many watches there may be at a time.");
    public static final Option<java.time.Duration> WATCH_STALL_MAX = Option.withDefault(
            "watch.max-stall",
            ValueType.duration(java.time.Duration.ofSeconds(1), java.time.Duration.ofHours(1)),
            "30s",
            "A watcher that takes nothing for this long is cut off.");
    public static final Option<java.time.Duration> LOSS_TIMEOUT = Option.withDefault(
            "replica.loss-timeout",
            ValueType.duration(java.time.Duration.ofSeconds(1), java.time.Duration.ofHours(1)),
            "30s",
            "A replica that is silent for so long is lost: others take its shards over. The leader's counts.");
    public static final Option<Integer> FEED_SUBSCRIBERS_MAX = Option.withDefault(
            "feed.max-subscribers",
            ValueType.integer(0, 100_000),
            "1000",
            "How many replicas this node may feed at a time.");
    public static final Option<java.time.Duration> FEED_STALL_MAX = Option.withDefault(
            "feed.max-stall",
            ValueType.duration(java.time.Duration.ofSeconds(1), java.time.Duration.ofHours(1)),
            "30s",
            "A replica that takes nothing of its feed for this long is cut off.");
    public static final Option<Integer> BOOTSTRAPS_MAX = Option.withDefault(
            "bootstrap.max-copies",
            ValueType.integer(1, 1_000),
            "4",
            "How many copies of shards may be under way; each holds a state of the store, and one or two threads.");
    public static final Option<java.time.Duration> BOOTSTRAP_HELD_MAX = Option.withDefault(
            "bootstrap.max-held",
            ValueType.duration(java.time.Duration.ofSeconds(1), java.time.Duration.ofDays(1)),
            "2m",
            "How long a copy of shards that broke off can go on; its state is held on disk until then.");
    public static final Option<Integer> STORE_SHARDS = Option.withDefault(
            "store.shards",
            ValueType.integer(1, 65_536),
            "1024",
            "At birth only: how many shards there are; a power of two.");
    public static final Option<Boolean> STORE_AUTO_CREATE = Option.withDefault(
            "store.auto-create-tables",
            ValueType.bool(),
            "false",
            "At birth only: whether a write makes the table that it names.");
    public static final Option<Long> STORE_VALUE_BYTES_MAX = Option.withDefault(
            "store.max-value-bytes",
            ValueType.size(1 << 10, SettingsRules.VALUE_BYTES_MAX),
            "1MiB",
            "At birth only: how large a value may be.");
    public static final Option<Integer> STORE_COMMIT_ROWS_MAX = Option.withDefault(
            "store.max-commit-rows",
            ValueType.integer(1, SettingsRules.COMMIT_ROWS_MAX),
            "10000",
            "At birth only: how many rows one commit may change.");
    public static final Option<Long> STORE_COMMIT_BYTES_MAX = Option.withDefault(
            "store.max-commit-bytes",
            ValueType.size(64 << 10, SettingsRules.COMMIT_BYTES_MAX),
            "4MiB",
            "At birth only: how large the effects of one commit may be.");
    public static final Option<Integer> STORE_TABLES_MAX = Option.withDefault(
            "store.max-tables",
            ValueType.integer(1, SettingsRules.TABLES_MAX),
            "10000",
            "At birth only: how many tables there may be.");
    public static final Option<Integer> STORE_REQUEST_IDS_MIN = Option.withDefault(
            "store.min-request-ids",
            ValueType.integer(1_000, 100_000_000),
            "100000",
            "At birth only: so many request ids are remembered at least.");
    public static final Option<Integer> STORE_REQUEST_IDS_MAX = Option.withDefault(
            "store.max-request-ids",
            ValueType.integer(1_000, 100_000_000),
            "1000000",
            "At birth only: so many at most. Not below `store.min-request-ids`.");
    public static final Option<java.time.Duration> STORE_REQUEST_ID_RETENTION = Option.withDefault(
            "store.request-id-retention",
            ValueType.duration(java.time.Duration.ofSeconds(1), java.time.Duration.ofDays(30)),
            "10m",
            "At birth only: those between the two are forgotten after this long.");
    public static final Option<java.time.Duration> STORE_HISTORY_RETENTION = Option.withDefault(
            "store.history-retention",
            ValueType.duration(java.time.Duration.ofSeconds(1), java.time.Duration.ofDays(30)),
            "5m",
            "At birth only: how long the past can be read.");
    public static final Option<Long> STORE_HISTORY_BYTES = Option.withDefault(
            "store.history-bytes",
            ValueType.size(1 << 20, 1L << 44),
            "1GiB",
            "At birth only: it is cut short when the past is larger than this and than the live rows.");

    public static final Option<Integer> STORE_REPLICATION_FACTOR = Option.withDefault(
            "store.replication-factor",
            ValueType.integer(0, SettingsRules.REPLICATION_FACTOR_MAX),
            "2",
            "At birth only: how many replicas should own each shard; 0: all of them.");
    public static final Option<Integer> STORE_REPLICAS_MAX = Option.withDefault(
            "store.max-replicas",
            ValueType.integer(1, SettingsRules.REPLICAS_MAX),
            "1000",
            "At birth only: how many replicas may be registered.");

    /** Those that a node has beside {@link ServerConfig#OPTIONS}, in the order in which they are shown. */
    static final List<Option<?>> OWN_OPTIONS = Stream.concat(
                    Stream.of(
                            CLUSTER_NAME,
                            CLUSTER_NODES,
                            CLUSTER_START,
                            RAFT_PORT,
                            ELECTION_MIN,
                            ELECTION_MAX,
                            CONFIRM_MAX,
                            CLOCK_OFF_MAX,
                            CHECKPOINT_ENTRIES,
                            CHECKPOINT_BYTES,
                            KEPT_ENTRIES,
                            SEGMENT_BYTES,
                            StoreMemory.CHECKPOINT_BYTES,
                            StoreMemory.RECENT_BYTES,
                            DISK_RESERVE,
                            WRITE_QUEUE,
                            WRITE_QUEUE_BYTES,
                            WATCHES_MAX,
                            WATCH_STALL_MAX,
                            LOSS_TIMEOUT,
                            FEED_SUBSCRIBERS_MAX,
                            FEED_STALL_MAX,
                            BOOTSTRAPS_MAX,
                            BOOTSTRAP_HELD_MAX,
                            STORE_SHARDS,
                            STORE_AUTO_CREATE,
                            STORE_VALUE_BYTES_MAX,
                            STORE_COMMIT_ROWS_MAX,
                            STORE_COMMIT_BYTES_MAX,
                            STORE_TABLES_MAX,
                            STORE_REQUEST_IDS_MIN,
                            STORE_REQUEST_IDS_MAX,
                            STORE_REQUEST_ID_RETENTION,
                            STORE_HISTORY_RETENTION,
                            STORE_HISTORY_BYTES,
                            STORE_REPLICATION_FACTOR,
                            STORE_REPLICAS_MAX),
                    RequestLimits.OPTIONS.stream())
            .toList();

    /** All of a node's. */
    public static final List<Option<?>> OPTIONS =
            Stream.concat(ServerConfig.OPTIONS.stream(), OWN_OPTIONS.stream()).toList();

    /**
     * From what was configured.
     *
     * @throws ConfigurationException if two options do not go together; it names them all
     */
    public static NodeConfig from(Configuration configuration) {
        ServerConfig server = ServerConfig.from(configuration);
        Raft raft = new Raft(
                configuration.get(RAFT_PORT),
                configuration.get(ELECTION_MIN),
                configuration.get(ELECTION_MAX),
                configuration.get(CHECKPOINT_ENTRIES),
                configuration.get(CHECKPOINT_BYTES),
                configuration.get(KEPT_ENTRIES),
                Math.toIntExact(configuration.get(SEGMENT_BYTES)));
        boolean joins = configuration.get(CLUSTER_START) == ClusterStart.JOIN;
        BirthPlan plan = BirthPlan.newBuilder()
                .setClusterName(configuration.get(CLUSTER_NAME))
                .addAllMembers(members(server, raft, joins, configuration.get(CLUSTER_NODES)))
                .setSettings(settings(configuration))
                .build();
        List<String> problems = new ArrayList<>();
        checkMembers(server, raft, joins, plan.getMembersList(), configuration.get(CLUSTER_NODES), problems);
        checkNumbers(raft, plan.getSettings(), problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new NodeConfig(
                server,
                joins,
                plan,
                raft,
                StoreMemory.from(configuration),
                configuration.get(DISK_RESERVE),
                ConfirmOptions.of(configuration.get(CONFIRM_MAX), configuration.get(CLOCK_OFF_MAX)),
                new Write(configuration.get(WRITE_QUEUE), configuration.get(WRITE_QUEUE_BYTES)),
                RequestLimits.from(configuration, server.client().messageBytesMax()),
                new Watch(configuration.get(WATCHES_MAX), configuration.get(WATCH_STALL_MAX)),
                new RegistryOptions(configuration.get(LOSS_TIMEOUT)),
                new Feed(
                        configuration.get(FEED_SUBSCRIBERS_MAX),
                        configuration.get(FEED_STALL_MAX),
                        configuration.get(BOOTSTRAPS_MAX),
                        configuration.get(BOOTSTRAP_HELD_MAX)));
    }

    /** This node, as others reach it. */
    Member self() {
        return new Member(
                server.id(),
                address(server, raft.port()),
                address(server, server.internal().port()),
                address(server, server.client().port()));
    }

    /**
     * This node as the first of a new cluster that is made offline.
     *
     * @throws ConfigurationException if it is to join another, or others could not reach it
     */
    public NewNode toNewCluster() {
        List<String> problems = new ArrayList<>();
        if (joins) {
            problems.add("cluster.start: join (expected: auto, for the node is the first of a new cluster)");
        }
        checkReachable(server, raft, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        return new NewNode(server.dataDir(), plan.getClusterName(), self(), store);
    }

    /** What the write path may hold, where it is not what production uses. */
    WriteLimits writeLimits() {
        WriteLimits usual = WriteLimits.defaults();
        return new WriteLimits(
                write.queueCommands(),
                write.queueBytes(),
                usual.entryCommands(),
                usual.entryBytes(),
                usual.entryWeight(),
                usual.commandBytes(),
                usual.entriesUnderWay());
    }

    /** What watches may use, where it is not what production uses. */
    WatchOptions watchOptions() {
        WatchOptions usual = WatchOptions.defaults();
        return new WatchOptions(
                watch.watchesMax(),
                limits.maxWatchFilters(),
                watch.stallMax(),
                usual.storeAbsenceMax(),
                usual.openingWaitMax(),
                usual.readBytes(),
                usual.batchBytes(),
                usual.messageBytesMax());
    }

    /** What feeds may use, where it is not what production uses. */
    FeedOptions feedOptions() {
        FeedOptions usual = FeedOptions.defaults();
        return new FeedOptions(
                feed.subscribersMax(),
                usual.messageBytes(),
                usual.silenceMax(),
                feed.stallMax(),
                usual.probeMax(),
                usual.probesMax(),
                usual.changesMax(),
                usual.topologyPause());
    }

    /** What copies of shards may use, where it is not what production uses. */
    BootstrapOptions bootstrapOptions() {
        BootstrapOptions usual = BootstrapOptions.defaults();
        return new BootstrapOptions(
                feed.bootstrapsMax(),
                feed.bootstrapHeldMax(),
                feed.stallMax(),
                usual.waitMax(),
                usual.messageBytes(),
                usual.messageRows());
    }

    private static List<FirstMember> members(ServerConfig server, Raft raft, boolean joins, List<FirstNode> nodes) {
        if (nodes.isEmpty() && !joins) {
            return List.of(FirstMember.newBuilder()
                    .setNodeId(server.id())
                    .setRaftAddress(address(server, raft.port()))
                    .setInternalAddress(address(server, server.internal().port()))
                    .setClientAddress(address(server, server.client().port()))
                    .build());
        }
        return nodes.stream()
                .sorted(Comparator.comparing(FirstNode::id))
                .map(FirstNode::toMember)
                .toList();
    }

    private static String address(ServerConfig server, int port) {
        String host = server.advertisedHost();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private static void checkMembers(
            ServerConfig server,
            Raft raft,
            boolean joins,
            List<FirstMember> members,
            List<FirstNode> nodes,
            List<String> problems) {
        Set<String> ids = new TreeSet<>();
        members.forEach(member -> {
            if (!ids.add(member.getNodeId())) {
                problems.add("cluster.nodes: " + member.getNodeId() + " is there twice (expected: each id once)");
            }
        });
        if (joins) {
            if (ids.isEmpty() || ids.equals(Set.of(server.id()))) {
                problems.add("cluster.nodes: " + String.join(", ", ids)
                        + " (expected, with cluster.start: join: members that run, to ask)");
            }
        } else if (!ids.contains(server.id())) {
            problems.add("cluster.nodes: " + String.join(", ", ids) + " (expected: this node, " + server.id()
                    + ", among them; or cluster.start: join)");
        }
        if (nodes.size() > 1 || joins) {
            checkReachable(server, raft, problems);
        }
        for (FirstNode node : nodes) {
            if (!joins && node.id().equals(server.id())) {
                checkPort("client.port", server.client().port(), node.clientPort(), problems);
                checkPort("internal.port", server.internal().port(), node.internalPort(), problems);
                checkPort("raft.port", raft.port(), node.raftPort(), problems);
            }
        }
    }

    /** What others are told must be what there is; a mapping of ports in between is not supported. */
    private static void checkPort(String option, int here, int told, List<String> problems) {
        if (here != told) {
            problems.add(option + ": " + here + " (expected: " + told + ", as cluster.nodes says of this node)");
        }
    }

    private static void checkReachable(ServerConfig server, Raft raft, List<String> problems) {
        if (server.advertisedHost().equals("0.0.0.0") || server.advertisedHost().equals("::")) {
            problems.add("advertised-host: missing, and host is " + server.host()
                    + " (expected: a name or address at which others reach this node)");
        }
        if (server.client().port() == 0 || server.internal().port() == 0 || raft.port() == 0) {
            problems.add("client.port, internal.port, raft.port: "
                    + server.client().port() + ", " + server.internal().port() + ", " + raft.port()
                    + " (expected: none of them 0 in a cluster of several nodes)");
        }
    }

    private static void checkNumbers(Raft raft, StoreSettings settings, List<String> problems) {
        if (raft.electionMin().compareTo(raft.electionMax()) >= 0) {
            problems.add(
                    "raft.election-min: " + raft.electionMin().toMillis() + "ms (expected: below raft.election-max, "
                            + raft.electionMax().toMillis() + "ms)");
        }
        if (Integer.bitCount(settings.getShardCount()) != 1) {
            problems.add("store.shards: " + settings.getShardCount() + " (expected: a power of two)");
        }
        if (settings.getMaxRequestIds() < settings.getMinRequestIds()) {
            problems.add("store.max-request-ids: " + settings.getMaxRequestIds()
                    + " (expected: not below store.min-request-ids, " + settings.getMinRequestIds() + ")");
        }
    }

    private static StoreSettings settings(Configuration configuration) {
        return SettingsRules.defaults().toBuilder()
                .setShardCount(configuration.get(STORE_SHARDS))
                .setAutoCreateTables(configuration.get(STORE_AUTO_CREATE))
                .setMaxValueBytes(configuration.get(STORE_VALUE_BYTES_MAX))
                .setMaxCommitRows(configuration.get(STORE_COMMIT_ROWS_MAX))
                .setMaxCommitBytes(configuration.get(STORE_COMMIT_BYTES_MAX))
                .setMaxTables(configuration.get(STORE_TABLES_MAX))
                .setMinRequestIds(configuration.get(STORE_REQUEST_IDS_MIN))
                .setMaxRequestIds(configuration.get(STORE_REQUEST_IDS_MAX))
                .setRequestIdRetention(ProtoTimes.duration(configuration.get(STORE_REQUEST_ID_RETENTION)))
                .setHistoryRetention(ProtoTimes.duration(configuration.get(STORE_HISTORY_RETENTION)))
                .setHistoryBytes(configuration.get(STORE_HISTORY_BYTES))
                .setReplicationFactor(configuration.get(STORE_REPLICATION_FACTOR))
                .setMaxReplicas(configuration.get(STORE_REPLICAS_MAX))
                .build();
    }
}
