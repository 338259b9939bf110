// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.FeedStart;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.RefusedException;
import io.tidemark.store.Shards;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.util.List;

/**
 * What a store starts from.
 *
 * @param shards those that it holds, empty as they are: all at a node; none at a replica, which takes them in by copies
 * @param index the index that the history has here: 0 for a new one; where a replica starts to follow; that of a backup
 * @param tables those that there are at that index
 */
public record StoreBirth(
        HistoryId history,
        StoreSettings settings,
        Shards shards,
        long index,
        LogTime logTime,
        int transitionVersion,
        List<Table> tables) {

    /** @throws IllegalArgumentException if a store cannot work with the settings */
    public StoreBirth {
        tables = List.copyOf(tables);
        try {
            SettingsRules.require(settings);
        } catch (RefusedException e) {
            throw new IllegalArgumentException(e.refusal().message(), e);
        }
    }

    /** The first store of a new history. */
    public static StoreBirth ofNewHistory(HistoryId history, StoreSettings settings) {
        return new StoreBirth(
                history,
                settings,
                Shards.all(settings.getShardCount()),
                0,
                LogTime.MIN,
                Transition.VERSION_FIRST,
                List.of());
    }

    /**
     * A replica's store, as its upstream said.
     *
     * @throws IllegalArgumentException if that is no whole start
     */
    public static StoreBirth ofReplica(FeedWelcome welcome) {
        FeedStart start = welcome.getStart();
        int shardCount = start.getSettings().getShardCount();
        if (!welcome.hasStart() || shardCount == 0 || shardCount != welcome.getShardCount()) {
            throw new IllegalArgumentException("welcome with " + welcome.getShardCount() + " shards and a start with "
                    + shardCount + " (expected: a start with as many)");
        }
        return new StoreBirth(
                new HistoryId(welcome.getHistoryId()),
                start.getSettings(),
                Shards.NONE,
                welcome.getAppliedIndex(),
                LogTime.of(start.getLogTime()),
                start.getTransitionVersion(),
                start.getTablesList());
    }

    /** What an upstream says of it in its welcome, beside history, shard count and index. */
    public FeedStart toFeedStart() {
        return FeedStart.newBuilder()
                .setLogTime(logTime.toTimestamp())
                .setSettings(settings)
                .setTransitionVersion(transitionVersion)
                .addAllTables(tables)
                .build();
    }
}
