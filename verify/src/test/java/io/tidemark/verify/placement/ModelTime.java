// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.placement;

import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that stands still until a test moves it. Calls are made by the thread that moves it, those due at once in the order of asking. */
final class ModelTime implements Ticker, Timers {

    private record Call(long due, long number, Runnable call) {}

    private final PriorityQueue<Call> calls =
            new PriorityQueue<>(Comparator.comparingLong(Call::due).thenComparingLong(Call::number));
    private long nanos = 1;
    private long asked;

    @Override
    public Moment now() {
        return new Moment(nanos, nanos);
    }

    @Override
    public Pending after(Duration delay, Runnable call) {
        Call pending = new Call(nanos + delay.toNanos(), asked, call);
        asked++;
        calls.add(pending);
        return () -> calls.remove(pending);
    }

    /** Moves on, and makes the calls that fall due on the way. */
    void pass(Duration time) {
        long end = nanos + time.toNanos();
        for (Call next = calls.peek(); next != null && next.due() <= end; next = calls.peek()) {
            calls.remove(next);
            nanos = Math.max(nanos, next.due());
            next.call().run();
        }
        nanos = end;
    }
}
