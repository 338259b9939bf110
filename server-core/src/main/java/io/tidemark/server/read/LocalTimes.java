// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.tidemark.store.LogTime;
import io.tidemark.store.state.Store;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Resolves times by a store that knows the time of every commit, a node's: as soon as no later commit can carry the time. Until
 * then it waits; whoever asked cancels.
 */
public final class LocalTimes implements Function<LogTime, CompletableFuture<Long>> {

    private final Store store;
    private final IndexWaiters waiters;

    public LocalTimes(Store store, IndexWaiters waiters) {
        this.store = store;
        this.waiters = waiters;
    }

    @Override
    public CompletableFuture<Long> apply(LogTime time) {
        Waiting waiting = new Waiting(time);
        waiting.look();
        return waiting.resolved;
    }

    private final class Waiting {
        private final LogTime time;
        private final CompletableFuture<Long> resolved = new CompletableFuture<>();
        private volatile CompletableFuture<Void> next = CompletableFuture.completedFuture(null);

        @SuppressWarnings("FutureReturnValueIgnored") // listeners here do not throw
        Waiting(LogTime time) {
            this.time = time;
            resolved.whenComplete((index, failure) -> next.cancel(false));
        }

        @SuppressWarnings("FutureReturnValueIgnored") // the step that follows does not throw
        void look() {
            try {
                long applied = store.appliedIndex();
                Optional<Long> index = store.indexAt(time);
                if (index.isPresent()) {
                    resolved.complete(index.get());
                } else if (!resolved.isDone()) {
                    next = waiters.reached(applied + 1);
                    next.thenRun(this::look);
                }
            } catch (RuntimeException e) {
                resolved.completeExceptionally(e);
            }
        }
    }
}
