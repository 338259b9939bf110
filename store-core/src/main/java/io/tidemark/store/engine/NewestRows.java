// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Which node of a skip list holds the newest version of a row, by the row's hash: nearly every look-up of one row is for that, and
 * finds it, or that there is none, at once. One thread adds; any thread reads, without waiting.
 *
 * <p>A hash table with open addressing. A reader that knows of a version finds it or a newer one, for it was put here before anybody
 * was told.
 */
final class NewestRows {
    static final int NONE = 0;

    /** Slots for each row, on the average, and eight bytes for each slot. */
    private static final int ROW_BYTES = 3 * Long.BYTES;

    private static final int SLOTS_MIN = 1 << 8;
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);

    private final RowSkipList rows;

    /** In each the upper half of a row's hash and its node; 0: it is free. At most half of them are taken. */
    private volatile long[] slots = new long[SLOTS_MIN];

    private int count;

    NewestRows(RowSkipList rows) {
        this.rows = rows;
    }

    /** By the writer: a version of a row, which may be an older one than is known. */
    void put(byte[] key, long hash, int node) {
        long[] now = slots;
        int at = first(now, hash);
        while (now[at] != 0 && !isOf(now[at], hash, key)) {
            at = at + 1 & now.length - 1;
        }
        long taken = now[at];
        if (taken == 0) {
            count++;
        } else if (rows.index(node(taken)) > rows.index(node)) {
            return;
        }
        SLOTS.setRelease(now, at, tag(hash) | node);
        if (2 * count > now.length) {
            grow(now);
        }
    }

    private void grow(long[] from) {
        long[] grown = new long[2 * from.length];
        for (long slot : from) {
            if (slot != 0) {
                int at = first(grown, slot);
                while (grown[at] != 0) {
                    at = at + 1 & grown.length - 1;
                }
                grown[at] = slot;
            }
        }
        slots = grown;
    }

    /** The node of a row's newest version; {@link #NONE}: it has none. */
    int find(byte[] key, long hash) {
        long[] now = slots;
        int at = first(now, hash);
        while (true) {
            long slot = (long) SLOTS.getAcquire(now, at);
            if (slot == 0 || isOf(slot, hash, key)) {
                return node(slot);
            }
            at = at + 1 & now.length - 1;
        }
    }

    private boolean isOf(long slot, long hash, byte[] key) {
        return tag(slot) == tag(hash) && rows.isSameRow(node(slot), key);
    }

    private static int first(long[] slots, long hash) {
        return (int) (hash >>> Integer.SIZE) & slots.length - 1;
    }

    private static long tag(long hash) {
        return hash & ~0xFFFF_FFFFL;
    }

    private static int node(long slot) {
        return (int) slot;
    }

    /** What the heap holds for it, near enough. The writer's. */
    long bytes() {
        return (long) count * ROW_BYTES;
    }
}
