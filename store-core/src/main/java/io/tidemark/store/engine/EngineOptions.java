// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Map;
import java.util.TreeMap;

/**
 * Limits of an engine.
 *
 * @param spaces the spaces that may be used (0 to 255) and what each keeps; a row of another space is refused. The
 *     directory remembers them: at its next open spaces may be added, but none may be left out or keep something else
 * @param memtableBytesMax size at which the memtable is frozen; at most two frozen ones wait for the disk, then apply
 *     blocks, so up to three times this is held on the heap, plus one commit
 * @param tableBytesMax what a compaction output should have; cuts are made between keys, from half of it to half as much
 *     again, so that they fall where an input ends
 * @param level0TablesCompact tables in level 0 that start a compaction; so do fewer with the bytes of {@code
 *     level1BytesTarget}
 * @param level0TablesSlow tables in level 0 at which apply begins to wait a little at every 64 KiB, more with each table
 *     more, so that compaction catches up before the stop
 * @param level0TablesStop tables in level 0 at which checkpoints wait for compaction
 * @param level1BytesTarget size of level 1; each further level is {@code levelRatio} times the one above
 * @param spaceSlackBytes dead or shadowed bytes tolerated whatever the store's size, so that a small store does not
 *     compact all the time
 */
public record EngineOptions(
        Map<Integer, Retention> spaces,
        long memtableBytesMax,
        long tableBytesMax,
        int level0TablesCompact,
        int level0TablesSlow,
        int level0TablesStop,
        long level1BytesTarget,
        int levelRatio,
        long spaceSlackBytes) {
    private static final long MIB = 1 << 20;

    /** A table is one read-only mapping; the cap leaves room for the last rows and for page rounding. */
    static final long TABLE_BYTES_CAP = 1024 * MIB;

    public EngineOptions {
        spaces = Map.copyOf(new TreeMap<>(spaces));
        for (int space : spaces.keySet()) {
            require(space >= 0 && space <= 255, "space", space, "0 to 255");
        }
        require(
                memtableBytesMax > 0 && memtableBytesMax <= TABLE_BYTES_CAP / 2,
                "memtableBytesMax",
                memtableBytesMax,
                "1 to 512 MiB");
        require(
                tableBytesMax > 0 && tableBytesMax <= TABLE_BYTES_CAP / 2,
                "tableBytesMax",
                tableBytesMax,
                "1 to 512 MiB");
        require(level0TablesCompact > 0, "level0TablesCompact", level0TablesCompact, "> 0");
        require(level0TablesSlow > level0TablesCompact, "level0TablesSlow", level0TablesSlow, "> level0TablesCompact");
        require(level0TablesStop >= level0TablesSlow, "level0TablesStop", level0TablesStop, ">= level0TablesSlow");
        require(level1BytesTarget > 0, "level1BytesTarget", level1BytesTarget, "> 0");
        require(levelRatio > 1, "levelRatio", levelRatio, "> 1");
        require(spaceSlackBytes >= 0, "spaceSlackBytes", spaceSlackBytes, ">= 0");
    }

    /** What production uses. */
    public static EngineOptions of(Map<Integer, Retention> spaces) {
        return new EngineOptions(spaces, 32 * MIB, 16 * MIB, 4, 8, 12, 128 * MIB, 8, 16 * MIB);
    }

    /** These with another size of the memtable. */
    public EngineOptions withMemtableBytesMax(long bytes) {
        return new EngineOptions(
                spaces,
                bytes,
                tableBytesMax,
                level0TablesCompact,
                level0TablesSlow,
                level0TablesStop,
                level1BytesTarget,
                levelRatio,
                spaceSlackBytes);
    }

    Retention retention(int space) {
        Retention retention = spaces.get(space);
        if (retention == null) {
            throw new IllegalArgumentException("space: " + space + " (expected: one of " + spaces.keySet() + ")");
        }
        return retention;
    }

    private static void require(boolean holds, String name, long value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
