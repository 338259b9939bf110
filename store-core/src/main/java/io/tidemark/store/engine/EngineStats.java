// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.List;

/**
 * What an engine holds now.
 *
 * @param level0Tables tables whose key ranges may overlap
 * @param openedFromFallback whether a manifest or CURRENT was damaged at open and was made again from its twin
 * @param damagedFiles tables in force in which a read met damage since open
 * @param compactions compactions finished since open
 * @param heldVersions states that were replaced since and are still held: by views and cursors, or by a compaction or a
 *     scrub at work. A view of the present state holds nothing back, and does not count
 * @param oldestHeldMillis for how long the oldest of them has been held since it was replaced
 * @param pinnedBytes table files on disk for those holders and for pinned checkpoints alone
 * @param slowedMillis how long apply has been slowed since open, because compaction was behind
 */
public record EngineStats(
        long appliedIndex,
        long durableIndex,
        long horizon,
        long memtableBytes,
        int frozenMemtables,
        int level0Tables,
        int tables,
        long tableBytes,
        long tableRows,
        long compactions,
        long slowedMillis,
        int heldVersions,
        long oldestHeldMillis,
        long pinnedBytes,
        boolean openedFromFallback,
        List<String> damagedFiles) {

    public EngineStats {
        damagedFiles = List.copyOf(damagedFiles);
    }
}
