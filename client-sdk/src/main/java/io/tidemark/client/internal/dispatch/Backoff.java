// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import java.util.random.RandomGenerator;

/** Pauses between the attempts of a call: each about twice as long as the one before, and anything between half and all of that. */
final class Backoff {

    private final long longestNanos;
    private long nextNanos;

    Backoff(DispatchOptions.Pauses pauses) {
        this.nextNanos = pauses.first().toNanos();
        this.longestNanos = pauses.longest().toNanos();
    }

    long next(RandomGenerator chance) {
        long pause = nextNanos / 2 + chance.nextLong(Math.max(1, nextNanos / 2));
        nextNanos = Math.min(longestNanos, nextNanos * 2);
        return pause;
    }
}
