// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** All calls without an outcome, so that each learns of its deadline and of a new leader. One timer for all, while there are any. */
final class UnderWay {

    private final Ticker ticker;
    private final Timers timers;
    private final Duration tick;
    private final Set<WriteCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean ticking = new AtomicBoolean();

    UnderWay(Ticker ticker, Timers timers, Duration tick) {
        this.ticker = ticker;
        this.timers = timers;
        this.tick = tick;
    }

    void add(WriteCall<?, ?> call) {
        calls.add(call);
        tickLater();
    }

    void remove(WriteCall<?, ?> call) {
        calls.remove(call);
    }

    int count() {
        return calls.size();
    }

    void leadershipChanged() {
        calls.forEach(WriteCall::leadershipChanged);
    }

    private void tickLater() {
        if (ticking.compareAndSet(false, true)) {
            timers.after(tick, this::tick);
        }
    }

    private void tick() {
        long now = ticker.now().monotonicNanos();
        calls.forEach(call -> call.tick(now));
        ticking.set(false);
        if (!calls.isEmpty()) {
            tickLater();
        }
    }
}
