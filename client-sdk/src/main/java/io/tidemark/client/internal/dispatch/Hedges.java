// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import org.jspecify.annotations.Nullable;

/**
 * When a read is sent to a second server, and how many are. The 95th percentile of how long reads take is followed by small steps: up
 * when one took longer, down a little when one did not. A race loses a step, never more; the share is exact.
 */
final class Hedges {

    private static final double QUANTILE = 0.95;
    /** A step, as a part of the present value. */
    private static final double STEP = 0.05;

    private static final double RESERVE = 10;

    private final DispatchOptions.@Nullable Hedging options;
    private volatile double nanos;
    private double allowed;

    Hedges(DispatchOptions.@Nullable Hedging options) {
        this.options = options;
    }

    /** After how long a read goes to a second server too; 0: never. */
    long delayNanos() {
        DispatchOptions.Hedging on = options;
        double known = nanos;
        return on == null || known == 0 ? 0 : Math.max(on.delayMin().toNanos(), (long) known);
    }

    /** A read took so long. */
    void took(long readNanos) {
        DispatchOptions.Hedging on = options;
        if (on == null) {
            return;
        }
        double before = nanos;
        if (before == 0) {
            nanos = Math.max(1, readNanos);
        } else {
            nanos = readNanos > before ? before * (1 + STEP * QUANTILE) : before * (1 - STEP * (1 - QUANTILE));
        }
        synchronized (this) {
            allowed = Math.min(RESERVE, allowed + on.shareMax());
        }
    }

    /** Whether one more read may be sent twice, which is counted. */
    synchronized boolean take() {
        if (allowed < 1) {
            return false;
        }
        allowed--;
        return true;
    }
}
