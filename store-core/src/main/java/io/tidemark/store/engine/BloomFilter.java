// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Ten bits per key, about 1 % false positives. The hash is part of the file format. */
final class BloomFilter {
    private static final int BITS_PER_KEY = 10;
    private static final int PROBES = 7;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bits;

    private BloomFilter(byte[] bits) {
        this.bits = bits;
    }

    static BloomFilter of(long[] hashes, int count) {
        BloomFilter filter = new BloomFilter(new byte[Math.toIntExact((long) count * BITS_PER_KEY / 8 + 1)]);
        for (int i = 0; i < count; i++) {
            filter.add(hashes[i]);
        }
        return filter;
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

    static long hash(byte[] bytes, int length) {
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
