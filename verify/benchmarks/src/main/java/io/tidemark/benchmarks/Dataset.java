// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Rows that can be made again from their numbers. Keys are 16 to 32 bytes and scattered, so that loading by number is in
 * random order; values are noise.
 */
record Dataset(int rows, int valueBytes) {
    static final Dataset SMALL_ROWS = new Dataset(1_000_000, 128);
    static final Dataset LARGE_ROWS = new Dataset(400_000, 1024);

    private static final byte[] NOISE = new byte[1 << 20];
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    static {
        new SplittableRandom(1).nextBytes(NOISE);
    }

    /** Reads {@code 400000x1024}. */
    static Dataset parse(String text) {
        int by = text.indexOf('x');
        if (by < 0) {
            throw new IllegalArgumentException("data set: " + text + " (expected: rows x bytes, as 400000x1024)");
        }
        return new Dataset(Integer.parseInt(text.substring(0, by)), Integer.parseInt(text.substring(by + 1)));
    }

    @Override
    public String toString() {
        return rows + "x" + valueBytes;
    }

    /** Numbers from {@link #rows} on give keys that are absent. */
    byte[] key(int number) {
        long scattered = scatter(number);
        byte[] key = new byte[16 + (number & 15)];
        for (int i = 0; i < key.length; i++) {
            key[i] = HEX[(int) (scattered >>> (60 - 4 * (i & 15))) & 15];
        }
        return key;
    }

    /** One to one, so that no two numbers give the same key. */
    private static long scatter(long number) {
        long mixed = (number + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 29)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 32);
    }

    /** Differs from round to round. */
    byte[] value(int number, int round) {
        int from = (int) (scatter(31L * number + round) >>> 33) % (NOISE.length - valueBytes);
        return Arrays.copyOfRange(NOISE, from, from + valueBytes);
    }

    byte[][] presentKeys(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[][] keys = new byte[count][];
        for (int i = 0; i < count; i++) {
            keys[i] = key(random.nextInt(rows));
        }
        return keys;
    }

    byte[][] absentKeys(int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[][] keys = new byte[count][];
        for (int i = 0; i < count; i++) {
            keys[i] = key(rows + random.nextInt(rows));
        }
        return keys;
    }

    /** Applies rows {@code from} to {@code to}, so many to a commit, with a checkpoint after every so many rows. */
    void load(Contender store, int from, int to, int commitRows, int checkpointRows, int round) {
        for (int at = from; at < to; at += commitRows) {
            int count = Math.min(commitRows, to - at);
            byte[][] keys = new byte[count][];
            byte[][] values = new byte[count][];
            for (int i = 0; i < count; i++) {
                keys[i] = key(at + i);
                values[i] = value(at + i, round);
            }
            store.apply(keys, values);
            if ((at + count - from) % checkpointRows < count) {
                store.checkpoint();
            }
        }
    }

    /** Overwrites {@code count} random rows, a hundred to a commit. */
    void change(Contender store, int count, SplittableRandom random, int round) {
        for (int at = 0; at < count; at += 100) {
            changeOnce(store, Math.min(100, count - at), random, round);
        }
    }

    /** Overwrites random rows in one commit; a row drawn twice is written once. */
    void changeOnce(Contender store, int count, SplittableRandom random, int round) {
        int[] numbers = random.ints(count, 0, rows).distinct().toArray();
        byte[][] keys = new byte[numbers.length][];
        byte[][] values = new byte[numbers.length][];
        for (int i = 0; i < numbers.length; i++) {
            keys[i] = key(numbers[i]);
            values[i] = value(numbers[i], round);
        }
        store.apply(keys, values);
    }
}
