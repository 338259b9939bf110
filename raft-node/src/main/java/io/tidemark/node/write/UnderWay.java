// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** All calls without an outcome, of which there are no more than allowed, so that each learns of its deadline and of a new leader. One timer for all, while there are any. */
final class UnderWay {

    private final Ticker ticker;
    private final Timers timers;
    private final Duration tick;
    private final int callsMax;
    private final long bytesMax;
    private final AtomicLong bytes = new AtomicLong();
    private final Set<WriteCall<?, ?>> calls = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean ticking = new AtomicBoolean();

    UnderWay(Ticker ticker, Timers timers, NodeWriteOptions options) {
        this.ticker = ticker;
        this.timers = timers;
        this.tick = options.tick();
        this.callsMax = options.callsMax();
        this.bytesMax = options.callsBytesMax();
    }

    /** Takes a call, unless there are too many. */
    boolean add(WriteCall<?, ?> call) {
        long all = bytes.addAndGet(call.bytes());
        if (all > bytesMax || calls.size() >= callsMax) {
            bytes.addAndGet(-call.bytes());
            return false;
        }
        calls.add(call);
        tickLater();
        return true;
    }

    void remove(WriteCall<?, ?> call) {
        if (calls.remove(call)) {
            bytes.addAndGet(-call.bytes());
        }
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
        try {
            long now = ticker.now().monotonicNanos();
            calls.forEach(call -> call.tick(now));
        } finally {
            // Whatever happens to one call, the others have deadlines too.
            ticking.set(false);
            if (!calls.isEmpty()) {
                tickLater();
            }
        }
    }
}
