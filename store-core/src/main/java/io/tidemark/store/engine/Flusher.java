// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/**
 * Turns frozen memtables into durable tables, oldest first, and then tells who waits for the checkpoint. Runs on the
 * thread {@code tidemark-engine-flush}, which alone flushes.
 */
final class Flusher implements Runnable {
    private final EngineState state;
    private final DurableState durable;

    Flusher(EngineState state, DurableState durable) {
        this.state = state;
        this.durable = durable;
    }

    @Override
    public void run() {
        for (Frozen oldest = state.awaitFrozen(); oldest != null; oldest = state.awaitFrozen()) {
            flush(oldest);
        }
    }

    private void flush(Frozen oldest) {
        try {
            durable.flush(oldest, state.horizon(), levels -> state.installFlushed(oldest, levels));
            Checkpoint done = oldest.end().toCheckpoint();
            state.takeWaiting(oldest).forEach(future -> future.complete(done));
        } catch (Throwable e) {
            EngineException failure = Failures.typed(e);
            state.flushFailed(failure).forEach(future -> future.completeExceptionally(failure));
        }
    }
}
