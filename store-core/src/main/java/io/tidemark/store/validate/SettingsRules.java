// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import com.google.protobuf.Duration;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.LogTime;

/** The rules of the replicated settings, and what they are unless somebody says otherwise. */
public final class SettingsRules {

    /*
     * What an engine can store bounds what may be committed: a record of 16 MiB (CommitRows.VALUE_BYTES_MAX), or an entry that was
     * accepted could be applied by nobody. A row is its value and less than 2 KiB. The record of a commit names each row that it
     * changed, in fewer bytes than the row's effect counts, and each table that it made, in fewer than 128 bytes each: 8 MiB and
     * 6.1 MiB.
     */
    /** The most that {@code max_value_bytes} may be. */
    public static final long VALUE_BYTES_MAX = 8L << 20;

    /** The most that {@code max_commit_bytes} may be. */
    public static final long COMMIT_BYTES_MAX = 8L << 20;

    /** The most that {@code max_commit_rows} may be. */
    public static final int COMMIT_ROWS_MAX = 50_000;

    /** The most that {@code max_commit_conditions} may be. */
    public static final int COMMIT_CONDITIONS_MAX = 10_000;

    /** The most that {@code max_tables} may be: all of them travel in the header of a backup and at the start of a feed. */
    public static final int TABLES_MAX = 100_000;

    /** The most that {@code max_replicas} may be: all of them travel in every topology. */
    public static final int REPLICAS_MAX = 10_000;

    /** The most that {@code replication_factor} may be; zero stands for all. */
    public static final int REPLICATION_FACTOR_MAX = 100;

    private static final int SHARDS_MAX = ShardHash.SHARD_COUNT_MAX;

    private SettingsRules() {}

    /** The limits of the design. */
    public static StoreSettings defaults() {
        return StoreSettings.newBuilder()
                .setShardCount(ShardHash.SHARD_COUNT_DEFAULT)
                .setMaxValueBytes(1L << 20)
                .setMaxCommitRows(10_000)
                .setMaxCommitBytes(4L << 20)
                .setMaxCommitConditions(1_000)
                .setMaxTables(10_000)
                .setMinRequestIds(100_000)
                .setMaxRequestIds(1_000_000)
                .setRequestIdRetention(Duration.newBuilder().setSeconds(600))
                .setHistoryRetention(Duration.newBuilder().setSeconds(300))
                .setHistoryBytes(1L << 30)
                .setMaxReplicas(1_000)
                .setReplicationFactor(2)
                .build();
    }

    /** Throws unless a store can work with them. */
    public static void require(StoreSettings settings) {
        Violations violations = new Violations();
        int shards = settings.getShardCount();
        check(violations, "shard_count", shards >= 1 && shards <= SHARDS_MAX && Integer.bitCount(shards) == 1);
        check(violations, "max_value_bytes", settings.getMaxValueBytes(), 1, VALUE_BYTES_MAX);
        check(violations, "max_commit_rows", settings.getMaxCommitRows(), 1, COMMIT_ROWS_MAX);
        check(violations, "max_commit_bytes", settings.getMaxCommitBytes(), 1, COMMIT_BYTES_MAX);
        check(violations, "max_commit_conditions", settings.getMaxCommitConditions(), 0, COMMIT_CONDITIONS_MAX);
        check(violations, "max_tables", settings.getMaxTables(), 1, TABLES_MAX);
        check(violations, "min_request_ids", settings.getMinRequestIds() > 0);
        check(violations, "max_request_ids", settings.getMaxRequestIds() >= settings.getMinRequestIds());
        check(violations, "request_id_retention", LogTime.isPositive(settings.getRequestIdRetention()));
        check(violations, "history_retention", LogTime.isPositive(settings.getHistoryRetention()));
        check(violations, "history_bytes", settings.getHistoryBytes() > 0);
        check(violations, "max_replicas", settings.getMaxReplicas(), 1, REPLICAS_MAX);
        check(violations, "replication_factor", settings.getReplicationFactor(), 0, REPLICATION_FACTOR_MAX);
        violations.throwIfAny();
    }

    private static void check(Violations violations, String field, long value, long min, long max) {
        if (value < min || value > max) {
            violations.add("settings." + field, "expected: from " + min + " to " + max + ", not " + value);
        }
    }

    private static void check(Violations violations, String field, boolean holds) {
        if (!holds) {
            violations.add("settings." + field, "out of range");
        }
    }
}
