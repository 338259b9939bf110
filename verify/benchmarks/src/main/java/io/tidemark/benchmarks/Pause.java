// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waiting that an interrupt ends early. */
final class Pause {
    private Pause() {}

    static void of(Duration duration) {
        until(System.nanoTime() + duration.toNanos());
    }

    static void until(long nanoTime) {
        for (long left = nanoTime - System.nanoTime();
                left > 0 && !Thread.currentThread().isInterrupted();
                left = nanoTime - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
