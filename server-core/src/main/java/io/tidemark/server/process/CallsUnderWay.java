// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Waits for calls to end, when a server stops. They are counted without a lock, since every call is, so there is nobody to wake who
 * waits: he looks now and then.
 */
final class CallsUnderWay {

    private static final long LOOK_EVERY_MILLIS = 5;

    /** A count that is taken while calls begin and end may be zero and was not: it is believed when it is so twice. */
    private static final int LOOKS = 2;

    private final LongSupplier count;

    CallsUnderWay(LongSupplier count) {
        this.count = count;
    }

    /** Waits until there are none, at most that long; whether there are none. */
    boolean awaitNone(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        int none = 0;
        try {
            while (true) {
                none = count.getAsLong() == 0 ? none + 1 : 0;
                if (none == LOOKS) {
                    return true;
                }
                if (none == 0 && System.nanoTime() - deadline >= 0) {
                    return false;
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
