// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * XXH64, as the xxHash specification (version 0.1.1, section "XXH64 algorithm description") defines it.
 *
 * <p>Written here because placement and digests must never change under us: a library's next version may, and the SDK
 * should not carry a compression library for sixty lines.
 */
public final class XxHash64 {

    private static final long PRIME_1 = 0x9E3779B185EBCA87L;
    private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;
    private static final long PRIME_3 = 0x165667B19E3779F9L;
    private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;
    private static final long PRIME_5 = 0x27D4EB2F165667C5L;
    /** Their sum overflows, which is meant, and which the compiler would rather not see. */
    private static final long PRIME_1_PLUS_2 = 0x60EA27EEADC0B5D6L;

    private static final int STRIPE = 32;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private XxHash64() {}

    /** The hash of a part of an array. */
    public static long hash(byte[] input, int offset, int length, long seed) {
        int position = offset;
        int end = offset + length;
        long hash = seed + PRIME_5;
        if (length >= STRIPE) {
            long lane1 = seed + PRIME_1_PLUS_2;
            long lane2 = seed + PRIME_2;
            long lane3 = seed;
            long lane4 = seed - PRIME_1;
            for (; position <= end - STRIPE; position += STRIPE) {
                lane1 = round(lane1, longAt(input, position));
                lane2 = round(lane2, longAt(input, position + 8));
                lane3 = round(lane3, longAt(input, position + 16));
                lane4 = round(lane4, longAt(input, position + 24));
            }
            hash = Long.rotateLeft(lane1, 1)
                    + Long.rotateLeft(lane2, 7)
                    + Long.rotateLeft(lane3, 12)
                    + Long.rotateLeft(lane4, 18);
            hash = mergeLane(hash, lane1);
            hash = mergeLane(hash, lane2);
            hash = mergeLane(hash, lane3);
            hash = mergeLane(hash, lane4);
        }
        return avalanche(remainder(hash + length, input, position, end));
    }

    private static long remainder(long start, byte[] input, int from, int end) {
        long hash = start;
        int position = from;
        for (; position <= end - 8; position += 8) {
            hash = Long.rotateLeft(hash ^ round(0, longAt(input, position)), 27) * PRIME_1 + PRIME_4;
        }
        if (position <= end - 4) {
            hash = Long.rotateLeft(hash ^ (((int) INT.get(input, position)) & 0xFFFFFFFFL) * PRIME_1, 23) * PRIME_2
                    + PRIME_3;
            position += 4;
        }
        for (; position < end; position++) {
            hash = Long.rotateLeft(hash ^ (input[position] & 0xFF) * PRIME_5, 11) * PRIME_1;
        }
        return hash;
    }

    private static long avalanche(long start) {
        long hash = start;
        hash = (hash ^ (hash >>> 33)) * PRIME_2;
        hash = (hash ^ (hash >>> 29)) * PRIME_3;
        return hash ^ (hash >>> 32);
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * PRIME_2, 31) * PRIME_1;
    }

    private static long mergeLane(long hash, long lane) {
        return (hash ^ round(0, lane)) * PRIME_1 + PRIME_4;
    }

    private static long longAt(byte[] input, int position) {
        return (long) LONG.get(input, position);
    }
}
