// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Keys and values one behind the other in a few large arrays, which the garbage collector neither looks into nor, where
 * they are as large as its regions, moves. One thread adds and nothing is ever removed; any thread reads what it knows the place of.
 */
final class RowBytes {
    /** With an array's header no more than a MiB: one region of the smallest heaps. */
    private static final int SLAB_BYTES_MAX = (1 << 20) - 16;

    private static final int SLAB_BYTES_MIN = 32 << 10;

    /** A row of more has an array of its own, so that no slab ends half empty. */
    private static final int SHARED_BYTES_MAX = 64 << 10;

    /** Replaced when it is full; whoever learned of a place sees the array that holds its slab. */
    private ByteBuffer[] slabs = new ByteBuffer[8];

    private int count;
    private int filling = -1;
    private int filled;

    /** The place of a key with its value right behind it. */
    long add(byte[] key, EncodedRow row) {
        int bytes = key.length + row.valueBytes();
        int slab = filling;
        int from = filled;
        if (bytes > SHARED_BYTES_MAX) {
            slab = newSlab(bytes);
            from = 0;
        } else {
            if (filling < 0 || bytes > slabs[filling].capacity() - filled) {
                filling = newSlab(Math.max(bytes, Math.min(SLAB_BYTES_MAX, SLAB_BYTES_MIN << Math.min(count, 10))));
                filled = 0;
                slab = filling;
                from = 0;
            }
            filled += bytes;
        }
        byte[] target = slabs[slab].array();
        System.arraycopy(key, 0, target, from, key.length);
        System.arraycopy(row.value(), 0, target, from + key.length, row.valueBytes());
        return (long) slab << Integer.SIZE | from;
    }

    private int newSlab(int bytes) {
        if (count == slabs.length) {
            slabs = Arrays.copyOf(slabs, 2 * count);
        }
        slabs[count] = ByteBuffer.allocate(bytes);
        return count++;
    }

    /** What holds the bytes of a place, from {@link #offset} on. */
    byte[] array(long place) {
        return buffer(place).array();
    }

    ByteBuffer buffer(long place) {
        return slabs[(int) (place >>> Integer.SIZE)];
    }

    static int offset(long place) {
        return (int) place;
    }
}
