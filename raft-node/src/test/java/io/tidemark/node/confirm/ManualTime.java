// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Time that stands still until a test moves it. Calls are made by the thread that moves it, those of one moment in order. */
final class ManualTime implements Ticker, Timers {

    private record Call(long due, long order, Runnable call) {}

    private final PriorityQueue<Call> calls =
            new PriorityQueue<>((a, b) -> a.due == b.due ? Long.compare(a.order, b.order) : Long.compare(a.due, b.due));
    private long nanos = 1;
    private long order;

    @Override
    public Moment now() {
        return new Moment(nanos, nanos);
    }

    @Override
    public Pending after(Duration delay, Runnable call) {
        Call pending = new Call(nanos + delay.toNanos(), order++, call);
        calls.add(pending);
        return () -> calls.remove(pending);
    }

    /** Moves on, and makes the calls that fall due on the way. */
    void pass(Duration time) {
        long end = nanos + time.toNanos();
        for (Call next = next(end); next != null; next = next(end)) {
            nanos = Math.max(nanos, next.due);
            next.call.run();
        }
        nanos = end;
    }

    private @Nullable Call next(long end) {
        Call first = calls.peek();
        return first == null || first.due > end ? null : calls.poll();
    }

    int pendingCalls() {
        return calls.size();
    }
}
