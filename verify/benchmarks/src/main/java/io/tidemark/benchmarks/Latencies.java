// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

/** Durations of one thread's operations, to within 3 %. */
final class Latencies {
    private static final int STEPS_BITS = 5;
    private static final int STEPS = 1 << STEPS_BITS;

    private final long[] counts = new long[STEPS * (64 - STEPS_BITS)];
    private long total;

    void add(long nanos) {
        counts[bucket(Math.max(0, nanos))]++;
        total++;
    }

    /** Within a power of two, equal steps. */
    private static int bucket(long nanos) {
        int shift = Math.max(0, 63 - STEPS_BITS - Long.numberOfLeadingZeros(nanos));
        return shift * STEPS + (int) (nanos >>> shift);
    }

    private static long lowest(int bucket) {
        int shift = Math.max(0, bucket / STEPS - 1);
        return (long) (bucket - shift * STEPS) << shift;
    }

    /** The duration that this share of the operations did not exceed. */
    double micros(double share) {
        long rank = (long) Math.ceil(share * total);
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (seen >= rank) {
                return lowest(bucket) / 1e3;
            }
        }
        return 0;
    }
}
