// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.engine.EngineOptions;
import io.tidemark.store.format.Spaces;

/**
 * What a store may use.
 *
 * @param memtableBytesMax size of the memtable at which a store makes a checkpoint of its own accord; up to three of them are
 *     on the heap while the disk is slow
 * @param recentBytesMax how much of the newest commits is kept in memory for those who follow closely
 * @param engine the engine's own limits
 */
public record StoreOptions(long memtableBytesMax, long recentBytesMax, EngineOptions engine) {

    private static final long MIB = 1 << 20;
    private static final long MEMTABLE_BYTES = 32 * MIB;
    private static final long RECENT_BYTES = 32 * MIB;

    public StoreOptions {
        if (memtableBytesMax <= 0 || memtableBytesMax >= engine.memtableBytesMax()) {
            throw new IllegalArgumentException("memtableBytesMax: " + memtableBytesMax
                    + " (expected: above 0 and below that of the engine, " + engine.memtableBytesMax() + ")");
        }
        if (recentBytesMax < 0) {
            throw new IllegalArgumentException("recentBytesMax: " + recentBytesMax + " (expected: >= 0)");
        }
    }

    /** What production uses. */
    public static StoreOptions defaults() {
        return of(MEMTABLE_BYTES, RECENT_BYTES);
    }

    /** The same with these sizes. */
    public static StoreOptions of(long memtableBytesMax, long recentBytesMax) {
        return new StoreOptions(
                memtableBytesMax,
                recentBytesMax,
                EngineOptions.of(Spaces.RETENTION).withMemtableBytesMax(2 * memtableBytesMax));
    }
}
