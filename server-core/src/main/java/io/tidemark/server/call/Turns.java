// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * Work that is done in turns, one at a time, on an executor: at least one whole turn follows each signal. However often it is
 * signalled, it takes at most one place in the executor's queue.
 */
public final class Turns {

    private final Executor executor;
    private final BooleanSupplier turn;
    private final AtomicInteger signals = new AtomicInteger();

    /** @param turn whether there is more to do; then others get their turn first */
    public Turns(Executor executor, BooleanSupplier turn) {
        this.executor = executor;
        this.turn = turn;
    }

    /** Something may be to be done. From any thread; quick. */
    public void signal() {
        if (signals.getAndIncrement() == 0) {
            executor.execute(this::run);
        }
    }

    private void run() {
        int seen = signals.get();
        boolean more = turn.getAsBoolean();
        if (more || !signals.compareAndSet(seen, 0)) {
            executor.execute(this::run);
        }
    }
}
