// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.server.time.ManualTime;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.time.Duration;

/** Time that a test moves, on two clocks that it can also move apart. */
final class TwoClocks implements Ticker, Timers {

    private final ManualTime time = new ManualTime();
    private long wallNanos = 1_000_000_000_000L;

    @Override
    public Moment now() {
        long nanos = time.now().monotonicNanos();
        return new Moment(nanos, wallNanos + nanos);
    }

    @Override
    public Pending after(Duration delay, Runnable call) {
        return time.after(delay, call);
    }

    void pass(Duration passed) {
        time.pass(passed);
    }

    /** Somebody sets the wall clock. */
    void setWall(Duration by) {
        wallNanos += by.toNanos();
    }

    /** The machine is suspended: the monotonic clock stands still, no timer runs, the wall clock goes on. */
    void suspend(Duration length) {
        wallNanos += length.toNanos();
    }
}
