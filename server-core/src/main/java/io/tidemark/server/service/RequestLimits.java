// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.Limits;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.Option;
import io.tidemark.server.config.ValueType;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.store.validate.NameRules;
import java.time.Duration;
import java.util.List;

/**
 * What this server allows a request. Together with the store's settings, which are replicated, these are the {@code Limits} that
 * clients keep to.
 *
 * @param maxRequestBytes one request message; the port refuses what is larger
 * @param maxAnswerBytes one answer, or one message of a stream; a single row is sent even if it is larger
 * @param maxReadWait the longest that a read may wait for its asks
 * @param streamMessageBytes about how large the messages of a streamed scan are
 * @param maxStreams how many streamed scans may be open at a time
 * @param maxStreamStall for how long the caller of a stream may leave room for nothing before it is cut off
 * @param maxTopologyWatches how many watches of the topology may be open at a time
 * @param maxScanPin how long a streamed scan may hold on to replaced files before it looks again whether its index is still kept
 */
public record RequestLimits(
        long maxRequestBytes,
        long maxAnswerBytes,
        int maxBatchKeys,
        int maxBatchWrites,
        int defaultPageSize,
        int maxPageSize,
        int maxWatchFilters,
        Duration maxReadWait,
        long streamMessageBytes,
        int maxStreams,
        Duration maxStreamStall,
        int maxTopologyWatches,
        Duration maxScanPin) {

    private static final int DEFAULT_PAGE_SIZE = 1_000;

    /** What an answer holds beside its rows: the header, and a page token with the longest key. */
    private static final long BESIDE_ROWS_BYTES = 4096;

    public static final Option<Long> MAX_ANSWER_BYTES = Option.withDefault(
            "read.max-answer-bytes",
            ValueType.size(64 << 10, 64 << 20),
            "4MiB",
            "One answer, or one message of a stream. gRPC clients take 4 MiB unless told otherwise.");
    public static final Option<Integer> MAX_BATCH_KEYS = Option.withDefault(
            "read.max-batch-keys", ValueType.integer(1, 100_000), "1000", "How many rows one BatchGet may name.");
    public static final Option<Integer> MAX_BATCH_WRITES = Option.withDefault(
            "write.max-batch-writes",
            ValueType.integer(1, 100_000),
            "1000",
            "How many writes one BatchWrite may hold.");
    public static final Option<Integer> MAX_PAGE_SIZE = Option.withDefault(
            "read.max-page-size",
            ValueType.integer(1, 1_000_000),
            "10000",
            "How many rows one page of a scan may hold.");
    public static final Option<Integer> MAX_WATCH_FILTERS = Option.withDefault(
            "watch.max-filters", ValueType.integer(1, 10_000), "100", "How many filters one watch may have.");
    public static final Option<Duration> MAX_READ_WAIT = Option.withDefault(
            "read.max-wait",
            ValueType.duration(Duration.ZERO, Duration.ofMinutes(10)),
            "10s",
            "The longest that a read may wait for what it asks of freshness.");
    public static final Option<Long> STREAM_MESSAGE_BYTES = Option.withDefault(
            "read.stream-message-bytes",
            ValueType.size(1 << 10, 4 << 20),
            "256KiB",
            "About how large the messages of a streamed scan are.");
    public static final Option<Integer> MAX_STREAMS = Option.withDefault(
            "read.max-streams", ValueType.integer(1, 100_000), "256", "How many streamed scans may be open at a time.");
    public static final Option<Duration> MAX_STREAM_STALL = Option.withDefault(
            "read.max-stream-stall",
            ValueType.duration(Duration.ofSeconds(1), Duration.ofHours(24)),
            "1m",
            "For how long the caller of a streamed scan, or of a watch of the topology, may take nothing before it is cut off.");
    public static final Option<Integer> MAX_TOPOLOGY_WATCHES = Option.withDefault(
            "watch.max-topology-watches",
            ValueType.integer(1, 1_000_000),
            "50000",
            "How many watches of the topology may be open at a time.");
    public static final Option<Duration> MAX_SCAN_PIN = Option.withDefault(
            "read.max-scan-pin",
            ValueType.duration(Duration.ofMillis(100), Duration.ofHours(24)),
            "1m",
            "How long a streamed scan may hold on to replaced files; then it ends if its index is no longer kept.");

    /** In the order in which they are shown. */
    public static final List<Option<?>> OPTIONS = List.of(
            MAX_ANSWER_BYTES,
            MAX_BATCH_KEYS,
            MAX_BATCH_WRITES,
            MAX_PAGE_SIZE,
            MAX_WATCH_FILTERS,
            MAX_READ_WAIT,
            STREAM_MESSAGE_BYTES,
            MAX_STREAMS,
            MAX_STREAM_STALL,
            MAX_TOPOLOGY_WATCHES,
            MAX_SCAN_PIN);

    /**
     * As configured.
     *
     * @param maxRequestBytes what the client port is configured with
     */
    public static RequestLimits from(Configuration configuration, long maxRequestBytes) {
        int maxPageSize = configuration.get(MAX_PAGE_SIZE);
        return new RequestLimits(
                maxRequestBytes,
                configuration.get(MAX_ANSWER_BYTES),
                configuration.get(MAX_BATCH_KEYS),
                configuration.get(MAX_BATCH_WRITES),
                Math.min(DEFAULT_PAGE_SIZE, maxPageSize),
                maxPageSize,
                configuration.get(MAX_WATCH_FILTERS),
                configuration.get(MAX_READ_WAIT),
                Math.min(configuration.get(STREAM_MESSAGE_BYTES), configuration.get(MAX_ANSWER_BYTES)),
                configuration.get(MAX_STREAMS),
                configuration.get(MAX_STREAM_STALL),
                configuration.get(MAX_TOPOLOGY_WATCHES),
                configuration.get(MAX_SCAN_PIN));
    }

    /** What the options say unless somebody says otherwise. */
    public static RequestLimits defaults() {
        return new RequestLimits(
                4L << 20,
                4L << 20,
                1_000,
                1_000,
                DEFAULT_PAGE_SIZE,
                10_000,
                100,
                Duration.ofSeconds(10),
                256L << 10,
                256,
                Duration.ofMinutes(1),
                50_000,
                Duration.ofMinutes(1));
    }

    /** What is left of an answer for its rows. */
    public long maxRowsBytes() {
        return maxAnswerBytes - BESIDE_ROWS_BYTES;
    }

    /** How many rows a page that asks for so many may hold; zero asks for the default. */
    int pageSize(int asked) {
        return asked == 0 ? defaultPageSize : Math.min(asked, maxPageSize);
    }

    /** As clients are told. */
    public Limits published(StoreSettings settings) {
        return Limits.newBuilder()
                .setMaxRequestBytes(maxRequestBytes)
                .setMaxAnswerBytes(maxAnswerBytes)
                .setMaxKeyBytes(NameRules.KEY_BYTES_MAX)
                .setMaxValueBytes(settings.getMaxValueBytes())
                .setMaxCommitRows(settings.getMaxCommitRows())
                .setMaxCommitBytes(settings.getMaxCommitBytes())
                .setMaxCommitConditions(settings.getMaxCommitConditions())
                .setMaxBatchKeys(maxBatchKeys)
                .setMaxBatchWrites(maxBatchWrites)
                .setDefaultPageSize(defaultPageSize)
                .setMaxPageSize(maxPageSize)
                .setMaxWatchFilters(maxWatchFilters)
                .setMaxSessionTokens(ReadAsks.SESSION_TOKENS_MAX)
                .setMaxReadWait(ProtoTimes.duration(maxReadWait))
                .setHistoryRetention(settings.getHistoryRetention())
                .setMinRequestIds(settings.getMinRequestIds())
                .setMaxTables(settings.getMaxTables())
                .setShardCount(settings.getShardCount())
                .build();
    }
}
