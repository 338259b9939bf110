// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.validate;

import com.google.protobuf.Duration;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.LogTime;

/** The rules of the replicated settings, and what they are unless somebody says otherwise. */
public final class SettingsRules {

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
                .build();
    }

    /** Throws unless a store can work with them. */
    public static void require(StoreSettings settings) {
        Violations violations = new Violations();
        int shards = settings.getShardCount();
        check(violations, "shard_count", shards >= 1 && shards <= SHARDS_MAX && Integer.bitCount(shards) == 1);
        check(violations, "max_value_bytes", settings.getMaxValueBytes() > 0);
        check(violations, "max_commit_rows", settings.getMaxCommitRows() > 0);
        check(violations, "max_commit_bytes", settings.getMaxCommitBytes() > 0);
        check(violations, "max_commit_conditions", settings.getMaxCommitConditions() >= 0);
        check(violations, "max_tables", settings.getMaxTables() > 0);
        check(violations, "min_request_ids", settings.getMinRequestIds() > 0);
        check(violations, "max_request_ids", settings.getMaxRequestIds() >= settings.getMinRequestIds());
        check(violations, "request_id_retention", LogTime.isPositive(settings.getRequestIdRetention()));
        check(violations, "history_retention", LogTime.isPositive(settings.getHistoryRetention()));
        check(violations, "history_bytes", settings.getHistoryBytes() > 0);
        violations.throwIfAny();
    }

    private static void check(Violations violations, String field, boolean holds) {
        if (!holds) {
            violations.add("settings." + field, "out of range");
        }
    }
}
