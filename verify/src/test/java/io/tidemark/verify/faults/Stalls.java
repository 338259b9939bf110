// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Notes for how long this machine stood still at a time, as a thread that does nothing but sleep can tell. */
final class Stalls implements AutoCloseable {

    private static final long NAP_NANOS = 20_000_000;

    private final AtomicLong longest = new AtomicLong();
    private final Thread sleeper = new Thread(this::sleep, "stalls");
    private volatile boolean closed;

    Stalls() {
        sleeper.setDaemon(true);
        sleeper.start();
    }

    private void sleep() {
        long last = System.nanoTime();
        while (!closed) {
            LockSupport.parkNanos(NAP_NANOS);
            long now = System.nanoTime();
            longest.accumulateAndGet(now - last - NAP_NANOS, Math::max);
            last = now;
        }
    }

    Duration longest() {
        return Duration.ofNanos(longest.get());
    }

    @Override
    public void close() {
        closed = true;
    }
}
