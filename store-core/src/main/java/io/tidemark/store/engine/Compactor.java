// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Merges tables whenever the picker finds something to gain, and all of them when asked. Runs on the thread {@code
 * tidemark-engine-compact}, which alone compacts; so of the levels below 0 nobody else makes new ones.
 */
final class Compactor implements Runnable {
    private final EngineState state;
    private final DurableState durable;
    private final CompactionPicker picker;
    private volatile long finished;

    Compactor(EngineState state, DurableState durable, EngineOptions options) {
        this.state = state;
        this.durable = durable;
        this.picker = new CompactionPicker(options);
    }

    /** Compactions since open. */
    long finished() {
        return finished;
    }

    @Override
    public void run() {
        EngineState.CompactionJob job = state.awaitCompaction();
        while (job != null) {
            run(job);
            job = state.awaitCompaction();
        }
    }

    private void run(EngineState.CompactionJob job) {
        try {
            compact(job);
            state.compactionSucceeded();
            job.asked().forEach(future -> future.complete(null));
        } catch (Throwable e) {
            EngineException failure = Failures.typed(e);
            state.compactionFailed(failure, !job.asked().isEmpty());
            job.asked().forEach(future -> future.completeExceptionally(failure));
        }
    }

    /** Holds the inputs alone, not their version: each is let go of, and gives its room back, as soon as it is replaced. */
    private CompactionPicker.@Nullable Plan pick(EngineState.CompactionJob job, boolean all) {
        try {
            Levels levels = job.held().levels();
            CompactionPicker.Plan plan = all ? picker.pickAll(levels) : picker.pick(levels, job.dropThrough());
            if (plan != null) {
                plan.inputs().forEach(Table::hold);
            }
            return plan;
        } finally {
            job.held().release();
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread alone
    private void compact(EngineState.CompactionJob job) throws IOException {
        boolean all = !job.asked().isEmpty();
        CompactionPicker.Plan plan = pick(job, all);
        if (plan != null) {
            durable.compact(plan, job.dropThrough(), this::betweenBytes, state::installCompacted);
            finished++;
        } else if (all) {
            durable.persistHorizon(job.dropThrough());
        }
    }

    private void betweenBytes() {
        state.checkOpen();
        state.yieldToFlush();
    }
}
