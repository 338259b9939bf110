// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.time.Ticker;

/**
 * How many more retries there may be: a share of what is answered, a little every second, and a reserve, so that retries cannot
 * multiply an outage. Thread-safe. While the reserve is full, which it is while all is well, nothing is locked.
 */
final class RetryBudget {

    private static final double NANOS_PER_SECOND = 1e9;

    private final DispatchOptions.Budget options;
    private final Ticker ticker;
    private volatile boolean full = true;
    private double left;
    private long countedNanos;

    RetryBudget(DispatchOptions.Budget options, Ticker ticker) {
        this.options = options;
        this.ticker = ticker;
        this.left = options.reserve();
        this.countedNanos = ticker.nanoTime();
    }

    /** Calls were answered. */
    void answered(int calls) {
        if (!full) {
            add(calls * options.share());
        }
    }

    private synchronized void add(double more) {
        left = Math.min(options.reserve(), left + more);
        full = left >= options.reserve();
    }

    /** Whether there may be another retry, which is counted. */
    synchronized boolean take() {
        if (isEmpty()) {
            return false;
        }
        left--;
        full = false;
        return true;
    }

    /** Whether there is none to take. */
    synchronized boolean isEmpty() {
        long now = ticker.nanoTime();
        double earned = (now - countedNanos) * options.perSecond() / NANOS_PER_SECOND;
        left = Math.min(options.reserve(), left + earned);
        countedNanos = now;
        return left < 1;
    }
}
