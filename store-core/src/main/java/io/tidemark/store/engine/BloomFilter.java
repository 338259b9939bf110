// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Ten bits per key, about 1 % false positives. The hash is part of the file format. */
final class BloomFilter {
    private static final int BITS_PER_KEY = 10;
    private static final int PROBES = 7;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bits;

    private BloomFilter(byte[] bits) {
        this.bits = bits;
    }

    static BloomFilter of(Hashes hashes) {
        BloomFilter filter = new BloomFilter(new byte[Math.toIntExact(hashes.count * BITS_PER_KEY / 8 + 1)]);
        int left = Math.toIntExact(hashes.count);
        for (long[] piece : hashes.pieces) {
            int of = Math.min(left, piece.length);
            for (int i = 0; i < of; i++) {
                filter.add(piece[i]);
            }
            left -= of;
        }
        return filter;
    }

    /** Of the keys of a filter to be. In pieces: one array for all would be large, and copied as it grows. */
    static final class Hashes {
        private static final int PIECE = 8 << 10;

        private final List<long[]> pieces = new ArrayList<>();
        private long count;

        void add(long hash) {
            int at = (int) (count % PIECE);
            if (at == 0) {
                pieces.add(new long[PIECE]);
            }
            pieces.get(pieces.size() - 1)[at] = hash;
            count++;
        }
    }

    static BloomFilter ofBytes(byte[] bits) {
        return new BloomFilter(bits);
    }

    byte[] bytes() {
        return bits;
    }

    private void add(long hash) {
        long probe = hash;
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(probe);
            bits[bit >>> 3] = (byte) (bits[bit >>> 3] | 1 << (bit & 7));
            probe += step(hash);
        }
    }

    boolean mayContain(long hash) {
        long probe = hash;
        for (int i = 0; i < PROBES; i++) {
            int bit = bit(probe);
            if ((bits[bit >>> 3] & 1 << (bit & 7)) == 0) {
                return false;
            }
            probe += step(hash);
        }
        return true;
    }

    private int bit(long probe) {
        return (int) Long.remainderUnsigned(probe, bits.length * 8L);
    }

    private static long step(long hash) {
        return mix(hash) | 1;
    }

    /** The same for all versions of a row. */
    static long hashOfRow(byte[] rowKey) {
        return hash(rowKey, rowKey.length - Encoding.INDEX_BYTES);
    }

    private static long hash(byte[] bytes, int length) {
        long hash = 0x9E3779B97F4A7C15L ^ length;
        int at = 0;
        for (; at + 8 <= length; at += 8) {
            hash = mix(hash ^ (long) LONG.get(bytes, at));
        }
        long tail = 0;
        for (; at < length; at++) {
            tail = tail << 8 | (bytes[at] & 0xFF);
        }
        return mix(hash ^ tail);
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 32) * 0xD6E8FEB86659FD93L;
        mixed = (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
        return mixed ^ mixed >>> 32;
    }
}
