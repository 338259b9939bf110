// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Shares rounds among all who ask: at most one is under way and one waits to begin. Who asks joins the one that waits, never
 * the one under way, so a round that serves a caller began after the caller asked.
 */
final class SharedRounds<T> {

    private final Supplier<CompletableFuture<T>> begin;

    /** Guarded by this. */
    private boolean underWay;

    /** Who waits for the next round. Guarded by this. */
    private @Nullable CompletableFuture<T> waiting;

    /** @param begin begins a round */
    SharedRounds(Supplier<CompletableFuture<T>> begin) {
        this.begin = begin;
    }

    /** Completes as the round that this caller is served by. Each caller has a future of its own. */
    CompletableFuture<T> join() {
        CompletableFuture<T> served = new CompletableFuture<>();
        synchronized (this) {
            if (underWay) {
                if (waiting == null) {
                    waiting = served;
                }
                return waiting.copy();
            }
            underWay = true;
        }
        run(served);
        return served.copy();
    }

    /** A loop, not a recursion, for rounds that are over at once. */
    private void run(CompletableFuture<T> first) {
        CompletableFuture<T> served = first;
        while (served != null) {
            CompletableFuture<T> round = begun();
            if (!round.isDone()) {
                CompletableFuture<T> members = served;
                CompletableFuture<T> unused = round.whenComplete((value, failure) -> {
                    // The next round's questions go out before this one's members go on.
                    CompletableFuture<T> next = next();
                    if (next != null) {
                        run(next);
                    }
                    tell(members, value, failure);
                });
                return;
            }
            CompletableFuture<T> members = served;
            served = next();
            CompletableFuture<T> unused = round.whenComplete((value, failure) -> tell(members, value, failure));
        }
    }

    private CompletableFuture<T> begun() {
        try {
            return begin.get();
        } catch (RuntimeException e) {
            // Whoever waits for the next round must not wait for ever.
            return CompletableFuture.failedFuture(e);
        }
    }

    private synchronized @Nullable CompletableFuture<T> next() {
        CompletableFuture<T> next = waiting;
        waiting = null;
        underWay = next != null;
        return next;
    }

    private void tell(CompletableFuture<T> members, @Nullable T value, @Nullable Throwable failure) {
        if (failure != null) {
            members.completeExceptionally(failure);
        } else if (value != null) {
            members.complete(value);
        }
    }
}
