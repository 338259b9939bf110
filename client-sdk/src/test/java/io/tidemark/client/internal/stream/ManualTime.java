// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.tidemark.client.internal.time.Timers;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A clock and timers that a test moves. */
public final class ManualTime implements Timers {

    private final AtomicLong now = new AtomicLong(1_000_000_000L);
    private final PriorityQueue<Call> calls =
            new PriorityQueue<>(Comparator.comparingLong(Call::due).thenComparingLong(Call::number));
    private long made;

    private record Call(long due, long number, Runnable task) {}

    public long nanoTime() {
        return now.get();
    }

    @Override
    public synchronized Pending at(long dueNanos, Runnable call) {
        Call made = new Call(dueNanos, this.made++, call);
        calls.add(made);
        return () -> {
            synchronized (this) {
                calls.remove(made);
            }
        };
    }

    /** How many calls are to come. */
    public synchronized int pending() {
        return calls.size();
    }

    /** Makes all calls that come due. */
    public void advance(Duration by) {
        long until = now.get() + by.toNanos();
        for (Call next = due(until); next != null; next = due(until)) {
            now.accumulateAndGet(next.due(), Math::max);
            next.task().run();
        }
        now.set(until);
    }

    @Override
    public void close() {
        advance(Duration.ofDays(1));
    }

    private synchronized @Nullable Call due(long until) {
        Call next = calls.peek();
        return next != null && next.due() - until <= 0 ? calls.poll() : null;
    }
}
