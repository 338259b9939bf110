// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.time;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Time that stands still until a test moves it. Calls are made by the thread that moves it. */
public final class ManualTime implements Ticker, Timers {

    private record Call(long due, Runnable call) {}

    private final List<Call> calls = new ArrayList<>();
    private long nanos = 1_000_000_000;
    private boolean making;
    private Runnable lookedAt = () -> {};

    /** What happens elsewhere each time that somebody looks. */
    public void whenLookedAt(Runnable happening) {
        lookedAt = happening;
    }

    @Override
    public long nanoTime() {
        lookedAt.run();
        return nanos;
    }

    @Override
    public Pending at(long dueNanos, Runnable call) {
        Call pending = new Call(dueNanos, call);
        calls.add(pending);
        return () -> calls.remove(pending);
    }

    /** Moves on by steps, makes the calls that fall due, and lets whatever else is to happen do so in between. */
    public void pass(Duration time, Runnable between) {
        long end = nanos + time.toNanos();
        between.run();
        for (Call next = next(end); next != null; next = next(end)) {
            calls.remove(next);
            nanos = Math.max(nanos, next.due());
            making = true;
            try {
                next.call().run();
            } finally {
                making = false;
            }
            between.run();
        }
        nanos = end;
        between.run();
    }

    private @Nullable Call next(long end) {
        return calls.stream()
                .filter(call -> call.due() <= end)
                .min(Comparator.comparingLong(Call::due))
                .orElse(null);
    }

    /** Whoever moves it makes the calls. */
    @Override
    public boolean ownsThread(Thread thread) {
        return making && thread == Thread.currentThread();
    }

    @Override
    public void close() {
        List<Call> all = List.copyOf(calls);
        calls.clear();
        all.forEach(call -> call.call().run());
    }
}
