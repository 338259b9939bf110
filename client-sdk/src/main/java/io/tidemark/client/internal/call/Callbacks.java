// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.call;

import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;

/**
 * The threads on which futures are completed unless the user gives others: one pool for all clients of a process, whose threads go when
 * they have nothing to do. Not the common pool: where that has a single thread, as on machines and in containers with two processors,
 * {@link java.util.concurrent.CompletableFuture} takes it for none and starts a thread for each completion.
 */
public final class Callbacks {

    private static final int THREADS = Math.max(2, Runtime.getRuntime().availableProcessors());

    private static final ForkJoinPool POOL =
            new ForkJoinPool(THREADS, Callbacks::thread, /* handler= */ null, /* asyncMode= */ true);

    private Callbacks() {}

    /** The pool. It is never shut down, so what ends with a client is still told. */
    public static Executor pool() {
        return POOL;
    }

    /** The executor, and where it does not take something, the pool: whatever ends is told in any case, and never by whoever ends it. */
    public static Executor orPool(Executor executor) {
        return task -> {
            try {
                executor.execute(task);
            } catch (RuntimeException | Error refused) {
                POOL.execute(task);
            }
        };
    }

    private static ForkJoinWorkerThread thread(ForkJoinPool pool) {
        ForkJoinWorkerThread thread = ForkJoinPool.defaultForkJoinWorkerThreadFactory.newThread(pool);
        thread.setName("tidemark-callbacks-" + thread.getPoolIndex());
        thread.setDaemon(true);
        return thread;
    }
}
