// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import java.util.ArrayList;
import java.util.List;

/**
 * The digests of many buckets as plain numbers: with each row that changes one of them does, and there are thousands, so as
 * objects they would be the garbage collector's. Not safe for many threads until it is left alone.
 */
final class DigestSums {

    private static final int NUMBERS = 3;

    private final long[] numbers;

    /** Of no rows. */
    DigestSums(int buckets) {
        this(new long[Math.multiplyExact(buckets, NUMBERS)]);
    }

    private DigestSums(long[] numbers) {
        this.numbers = numbers;
    }

    DigestSums copy() {
        return new DigestSums(numbers.clone());
    }

    Digest get(int bucket) {
        int at = bucket * NUMBERS;
        return new Digest(numbers[at], numbers[at + 1], numbers[at + 2]);
    }

    void set(int bucket, Digest digest) {
        int at = bucket * NUMBERS;
        numbers[at] = digest.high();
        numbers[at + 1] = digest.low();
        numbers[at + 2] = digest.rowCount();
    }

    /** Takes a row out and puts one in. */
    void change(int bucket, Digest before, Digest after) {
        set(bucket, get(bucket).minus(before).plus(after));
    }

    List<Digest> range(int from, int to) {
        List<Digest> digests = new ArrayList<>(to - from);
        for (int bucket = from; bucket < to; bucket++) {
            digests.add(get(bucket));
        }
        return List.copyOf(digests);
    }
}
