// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Looks again and again until something holds, and not for ever: nobody tells when another part of a cluster has done its share. */
final class Waiting {

    private static final long POLL_MILLIS = 5;

    private Waiting() {}

    /**
     * Waits.
     *
     * @param what does not hold, for the message; asked when the time is over
     */
    static void until(Duration timeout, Supplier<String> what, BooleanSupplier holds) {
        long begin = System.nanoTime();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - begin >= timeout.toNanos()) {
                throw new ClusterException("not after " + timeout.toMillis() + " ms: " + what.get());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ClusterException("interrupted while waiting: " + what.get(), e);
            }
        }
    }
}
