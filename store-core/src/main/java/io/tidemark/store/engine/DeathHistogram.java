// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * How many bytes of a table die once the horizon reaches an index: rows that a newer version in the same table covers,
 * tombstones, and rows of a LOG space. Each is counted at the upper end of its bucket, so never too early.
 */
final class DeathHistogram {
    private static final int BUCKETS = 32;

    private final long low;
    private final long width;
    private final long[] bytes;

    private DeathHistogram(long low, long width, long[] bytes) {
        this.low = low;
        this.width = width;
        this.bytes = bytes;
    }

    /** For deaths at indexes from low to high. */
    static DeathHistogram between(long low, long high) {
        return new DeathHistogram(low, (high - low) / BUCKETS + 1, new long[BUCKETS]);
    }

    void add(long index, long count) {
        bytes[(int) ((index - low) / width)] += count;
    }

    long deadBytes(long horizon) {
        long dead = 0;
        for (int i = 0; i < BUCKETS && low + (i + 1) * width - 1 <= horizon; i++) {
            dead += bytes[i];
        }
        return dead;
    }

    void writeTo(DataOutputStream out) throws IOException {
        out.writeLong(low);
        out.writeLong(width);
        for (long count : bytes) {
            out.writeLong(count);
        }
    }

    static DeathHistogram readFrom(DataInputStream in) throws IOException {
        long low = in.readLong();
        long width = in.readLong();
        long[] bytes = new long[BUCKETS];
        for (int i = 0; i < BUCKETS; i++) {
            bytes[i] = in.readLong();
        }
        return new DeathHistogram(low, width, bytes);
    }
}
