// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Time that stands still until a test moves it. Calls are made by the thread that moves it. */
final class StandingTime implements Timers {

    private record Call(long due, Runnable call) {}

    private final List<Call> calls = new ArrayList<>();
    private long nanos = 1;

    @Override
    public Pending after(Duration delay, Runnable call) {
        Call pending = new Call(nanos + delay.toNanos(), call);
        calls.add(pending);
        return () -> calls.remove(pending);
    }

    /** Moves on, and makes the calls that fall due on the way. */
    void pass(Duration time) {
        long end = nanos + time.toNanos();
        for (Call next = next(end); next != null; next = next(end)) {
            calls.remove(next);
            nanos = Math.max(nanos, next.due);
            next.call.run();
        }
        nanos = end;
    }

    private @Nullable Call next(long end) {
        return calls.stream()
                .filter(call -> call.due <= end)
                .min(Comparator.comparingLong(Call::due))
                .orElse(null);
    }
}
