// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * The pauses between attempts: each up to twice as long as the one before, and drawn between half of that and all of it, so that
 * those whom one server has lost do not come to the next one in the same moment.
 */
public final class Backoff {

    private static final int DOUBLINGS_MAX = 30;

    private final Duration first;
    private final Duration max;
    private final DoubleSupplier random;

    /** @param random from 0 to 1 */
    public Backoff(Duration first, Duration max, DoubleSupplier random) {
        if (first.isNegative() || first.isZero() || max.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "pauses: " + first + " to " + max + " (expected: more than zero, and no less)");
        }
        this.first = first;
        this.max = max;
        this.random = random;
    }

    /**
     * The next pause.
     *
     * @param failures how many there were in a row, this one included
     */
    public Duration pause(int failures) {
        long longest = first.toNanos() << Math.min(Math.max(failures - 1, 0), DOUBLINGS_MAX);
        long cap = longest <= 0 ? max.toNanos() : Math.min(longest, max.toNanos());
        return Duration.ofNanos((long) (cap * (1 + random.getAsDouble()) / 2));
    }
}
