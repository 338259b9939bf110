// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.LogTime;
import io.tidemark.store.Shards;
import io.tidemark.store.proto.v1.StoreSettings;
import io.tidemark.store.transition.Transition;
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

    public StoreBirth {
        tables = List.copyOf(tables);
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
}
