// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import io.tidemark.replica.feed.core.FeedOptions;
import io.tidemark.replica.feed.core.OwnedShards;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.ConfigurationException;
import io.tidemark.server.config.Option;
import io.tidemark.server.config.ValueType;
import io.tidemark.server.process.FirstNode;
import io.tidemark.server.process.ServerConfig;
import io.tidemark.server.process.StoreMemory;
import io.tidemark.server.service.RequestLimits;
import io.tidemark.server.watch.WatchOptions;
import io.tidemark.store.Shards;
import io.tidemark.store.state.StoreOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a replica is configured with.
 *
 * @param nodes whom it asks first where the cluster is
 * @param weight its share of the shards relative to other replicas
 * @param checkpointInterval between checkpoints while something changes
 */
public record ReplicaConfig(
        ServerConfig server,
        List<FirstNode> nodes,
        int weight,
        OwnedShards owned,
        FeedOptions feed,
        Duration checkpointInterval,
        StoreOptions store,
        RequestLimits limits,
        WatchOptions watches) {

    private static final int SHARDS_MAX = 65_536;
    private static final Pattern RANGE = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

    public static final Option<List<FirstNode>> CLUSTER_NODES = Option.withDefault(
            "cluster.nodes",
            ValueType.list(FirstNode.type()),
            "",
            "Raft nodes that it asks first, as they have it themselves; one that runs is enough. Must be given.");
    public static final Option<Integer> WEIGHT = Option.withDefault(
            "replica.weight",
            ValueType.integer(1, 10_000),
            "100",
            "Its share of the shards, relative to other replicas.");
    public static final Option<OwnedShards> SHARDS = Option.withDefault(
            "replica.shards",
            new ValueType<>(
                    "placed, all, or ranges of shards joined by +, as in 0-511+600", ReplicaConfig::parseShards),
            "placed",
            "The shards that it owns: those placed on it, or always the same. Placement counts on a replica for all that it places"
                    + " there, so ranges are for trials.");
    public static final Option<Long> CREDIT_BYTES = Option.withDefault(
            "feed.credit-bytes",
            ValueType.size(1 << 20, 1 << 30),
            "2MiB",
            "How much a node may have under way to it, so how much it catches up with in a round trip at most. Where that is enough,"
                    + " more only makes work for the garbage collector.");
    public static final Option<Duration> PROBE_INTERVAL = Option.withDefault(
            "feed.probe-interval",
            ValueType.duration(Duration.ofMillis(5), Duration.ofSeconds(10)),
            "50ms",
            "How often it probes how fresh it is, while reads ask for bounds.");
    public static final Option<Duration> IDLE_PROBE_INTERVAL = Option.withDefault(
            "feed.idle-probe-interval",
            ValueType.duration(Duration.ofMillis(50), Duration.ofMinutes(1)),
            "1s",
            "How often when no read has asked for a bound for 10 s. Below `feed.max-silence`.");
    public static final Option<Duration> SILENCE_MAX = Option.withDefault(
            "feed.max-silence",
            ValueType.duration(Duration.ofMillis(500), Duration.ofMinutes(2)),
            "5s",
            "A node that says nothing for this long is left for another one.");
    public static final Option<Duration> CHECKPOINT_INTERVAL = Option.withDefault(
            "checkpoint.interval",
            ValueType.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            "60s",
            "How often it makes durable what has changed; a restart asks for the rest again.");
    public static final Option<Integer> WATCHES_MAX = Option.withDefault(
            "watch.max", ValueType.integer(0, 10_000_000), "50000", "How many watches there may be at a time.");
    public static final Option<Duration> WATCH_STALL_MAX = Option.withDefault(
            "watch.max-stall",
            ValueType.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            "30s",
            "A watcher that takes nothing for this long is cut off.");

    /** Those that a replica has beside {@link ServerConfig#OPTIONS}, in the order in which they are shown. */
    static final List<Option<?>> OWN_OPTIONS = Stream.concat(
                    Stream.of(
                            CLUSTER_NODES,
                            WEIGHT,
                            SHARDS,
                            CREDIT_BYTES,
                            PROBE_INTERVAL,
                            IDLE_PROBE_INTERVAL,
                            SILENCE_MAX,
                            CHECKPOINT_INTERVAL,
                            StoreMemory.CHECKPOINT_BYTES,
                            StoreMemory.RECENT_BYTES,
                            WATCHES_MAX,
                            WATCH_STALL_MAX),
                    RequestLimits.OPTIONS.stream())
            .toList();

    /** All of a replica's. */
    public static final List<Option<?>> OPTIONS =
            Stream.concat(ServerConfig.OPTIONS.stream(), OWN_OPTIONS.stream()).toList();

    /**
     * From what was configured.
     *
     * @throws ConfigurationException if options do not go together; it names them all
     */
    public static ReplicaConfig from(Configuration configuration) {
        List<String> problems = new ArrayList<>();
        List<FirstNode> nodes = configuration.get(CLUSTER_NODES);
        if (nodes.isEmpty()) {
            problems.add("cluster.nodes: missing (expected: one raft node at least that runs, as in n1@10.0.0.1)");
        }
        Duration silence = configuration.get(SILENCE_MAX);
        if (configuration.get(IDLE_PROBE_INTERVAL).compareTo(silence) >= 0) {
            problems.add("feed.idle-probe-interval: "
                    + configuration.get(IDLE_PROBE_INTERVAL).toMillis() + "ms (expected: below feed.max-silence, "
                    + silence.toMillis() + "ms)");
        }
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems);
        }
        ServerConfig server = ServerConfig.from(configuration);
        RequestLimits limits = RequestLimits.from(configuration, server.client().messageBytesMax());
        WatchOptions usual = WatchOptions.defaults();
        return new ReplicaConfig(
                server,
                nodes,
                configuration.get(WEIGHT),
                configuration.get(SHARDS),
                FeedOptions.defaults()
                        .with(
                                configuration.get(CREDIT_BYTES),
                                configuration.get(PROBE_INTERVAL),
                                configuration.get(IDLE_PROBE_INTERVAL),
                                silence),
                configuration.get(CHECKPOINT_INTERVAL),
                StoreMemory.from(configuration),
                limits,
                new WatchOptions(
                        configuration.get(WATCHES_MAX),
                        limits.maxWatchFilters(),
                        configuration.get(WATCH_STALL_MAX),
                        usual.storeAbsenceMax(),
                        usual.openingWaitMax(),
                        usual.readBytes(),
                        usual.batchBytes(),
                        usual.messageBytesMax()));
    }

    private static OwnedShards parseShards(String text) {
        if (text.equals("placed")) {
            return OwnedShards.placed();
        }
        if (text.equals("all")) {
            return OwnedShards.all();
        }
        Shards shards = Shards.NONE;
        for (String range : text.split("\\+", -1)) {
            Matcher matcher = RANGE.matcher(range.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException("not as expected");
            }
            int first = Integer.parseInt(matcher.group(1));
            int last = matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2));
            if (first > last || last >= SHARDS_MAX) {
                throw new IllegalArgumentException("not as expected");
            }
            shards = shards.plus(Shards.all(last + 1).minus(Shards.all(first)));
        }
        return OwnedShards.of(shards);
    }
}
