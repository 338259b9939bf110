// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Few keys often, many seldom: the k-th most popular key is chosen with a probability in proportion to 1/k^theta. By Gray and
 * others, "Quickly generating billion-record synthetic databases" (1994). Popular keys are scattered over the key space by a
 * hash, so that they do not stand side by side. Immutable.
 */
final class Zipf implements KeyChoice {

    /** As in YCSB. */
    static final double THETA = 0.99;

    private final long keys;
    private final double zetaOfAll;
    private final double alpha;
    private final double eta;
    private final double secondThreshold;

    Zipf(long keys) {
        this.keys = keys;
        this.zetaOfAll = zeta(keys);
        this.alpha = 1 / (1 - THETA);
        this.eta = (1 - Math.pow(2.0 / keys, 1 - THETA)) / (1 - zeta(2) / zetaOfAll);
        this.secondThreshold = 1 + Math.pow(0.5, THETA);
    }

    @Override
    public long next() {
        return scatter(rank(ThreadLocalRandom.current().nextDouble()));
    }

    /** The rank, from 0, that a number in [0, 1) stands for. */
    long rank(double uniform) {
        double uz = uniform * zetaOfAll;
        if (uz < 1) {
            return 0;
        }
        if (uz < secondThreshold) {
            return Math.min(1, keys - 1);
        }
        return Math.min(keys - 1, (long) (keys * Math.pow(eta * uniform - eta + 1, alpha)));
    }

    private long scatter(long rank) {
        long hash = (rank + 1) * 0x9E37_79B9_7F4A_7C15L;
        hash ^= hash >>> 32;
        return Math.floorMod(hash, keys);
    }

    private static double zeta(long n) {
        double sum = 0;
        for (long k = 1; k <= n; k++) {
            sum += 1 / Math.pow((double) k, THETA);
        }
        return sum;
    }
}
