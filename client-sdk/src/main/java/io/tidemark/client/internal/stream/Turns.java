// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Work that is done in turns, one at a time, on an executor: at least one whole turn follows each signal. However often it is
 * signalled, it takes at most one place in the executor's queue. Where the executor takes no more, a thread of the SDK does the work:
 * whoever signals may be one on which nothing may block.
 */
final class Turns {

    private final Executor executor;
    private final BooleanSupplier turn;
    private final AtomicInteger signals = new AtomicInteger();

    /** @param turn whether there is more to do; then others get their turn first */
    Turns(Executor executor, BooleanSupplier turn) {
        this.executor = executor;
        this.turn = turn;
    }

    /** Something may be to be done. From any thread. */
    void signal() {
        if (signals.getAndIncrement() == 0) {
            goOn();
        }
    }

    private void goOn() {
        try {
            executor.execute(this::run);
        } catch (RejectedExecutionException stopped) {
            StreamServices.SPARE.execute(this::run);
        }
    }

    private void run() {
        if (isDue()) {
            goOn();
        }
    }

    /** Takes a turn. Whether another one is due. */
    private boolean isDue() {
        int seen = signals.get();
        boolean more = turn.getAsBoolean();
        return more || !signals.compareAndSet(seen, 0);
    }
}
