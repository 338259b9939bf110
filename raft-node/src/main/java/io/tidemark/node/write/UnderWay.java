// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * All calls without an outcome, of which there are no more than allowed, so that each learns of its deadline and of a new leader. One
 * timer for all, at the earliest deadline: most calls end long before theirs, and a timer that looked now and then would cost more
 * than they do.
 */
final class UnderWay {

    private final Ticker ticker;
    private final Timers timers;
    private final long pauseNanos;
    private final int callsMax;
    private final long bytesMax;
    private final AtomicLong bytes = new AtomicLong();
    private final Set<WriteCall<?, ?>> calls = ConcurrentHashMap.newKeySet();

    /** When all are looked at, and what will bring that about. Replaced under the lock. */
    private record Look(long atNanos, Timers.Pending timer) {}

    private volatile @Nullable Look next;

    UnderWay(Ticker ticker, Timers timers, NodeWriteOptions options) {
        this.ticker = ticker;
        this.timers = timers;
        this.pauseNanos = options.tick().toNanos();
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
        lookBy(call.deadlineNanos());
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

    private void lookBy(long nanos) {
        if (isLookedAtBy(nanos)) {
            return;
        }
        synchronized (this) {
            if (!isLookedAtBy(nanos)) {
                Look later = next;
                if (later != null) {
                    later.timer.cancel();
                }
                long wait = Math.max(0, nanos - ticker.now().monotonicNanos());
                next = new Look(nanos, timers.after(Duration.ofNanos(wait), this::look));
            }
        }
    }

    private boolean isLookedAtBy(long nanos) {
        Look planned = next;
        return planned != null && planned.atNanos - nanos <= 0;
    }

    private void look() {
        synchronized (this) {
            next = null;
        }
        long now = ticker.now().monotonicNanos();
        try {
            calls.forEach(call -> call.tick(now));
        } finally {
            // Whatever happens to one call, the others have deadlines too. Whoever comes from now on looks to its own.
            calls.stream()
                    .mapToLong(call -> Math.max(pauseNanos, call.deadlineNanos() - now))
                    .min()
                    .ifPresent(wait -> lookBy(now + wait));
        }
    }
}
