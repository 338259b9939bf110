// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.call;

import io.tidemark.client.internal.dispatch.Interruptible;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Calls that follow each other, as one future. Unlike with the stages of {@link CompletableFuture}, cancelling it cancels whichever call
 * is under way; and a failure is what the call failed with, never wrapped.
 */
public final class Stages {

    private Stages() {}

    /** What follows a success. */
    public static <A, B> CompletableFuture<B> then(
            CompletableFuture<A> first, Function<? super A, ? extends CompletableFuture<B>> next) {
        return thenEither(
                first, (came, failure) -> failure == null ? next.apply(came) : CompletableFuture.failedFuture(failure));
    }

    /** Nothing but something more to do with a success. */
    public static <A, B> CompletableFuture<B> map(CompletableFuture<A> first, Function<? super A, ? extends B> more) {
        return then(first, came -> CompletableFuture.completedFuture(more.apply(came)));
    }

    /** What follows a success, or else a failure. */
    public static <A, B> CompletableFuture<B> thenEither(
            CompletableFuture<A> first,
            BiFunction<? super A, @Nullable Throwable, ? extends CompletableFuture<B>> next) {
        AtomicReference<CompletableFuture<?>> underWay = new AtomicReference<>(first);
        CompletableFuture<B> result = new Chain<>(underWay);
        var unused = first.whenComplete((came, failure) -> {
            if (result.isDone()) {
                return;
            }
            CompletableFuture<B> second;
            try {
                second = next.apply(came, failure == null ? null : cause(failure));
            } catch (Throwable t) {
                result.completeExceptionally(t);
                return;
            }
            underWay.set(second);
            settle(result, second);
        });
        var ignored = result.whenComplete((done, failure) -> {
            CompletableFuture<?> open = underWay.get();
            if (result.isCancelled() && open != null) {
                open.cancel(false);
            }
        });
        return result;
    }

    /** Ends as whichever call is under way does when it is interrupted. */
    private static final class Chain<B> extends CompletableFuture<B> implements Interruptible {

        private final AtomicReference<CompletableFuture<?>> underWay;

        Chain(AtomicReference<CompletableFuture<?>> underWay) {
            this.underWay = underWay;
        }

        @Override
        public void interrupt() {
            if (underWay.get() instanceof Interruptible open) {
                open.interrupt();
            }
        }
    }

    private static <B> void settle(CompletableFuture<B> result, CompletableFuture<B> second) {
        var unused = second.whenComplete((came, failure) -> {
            if (failure == null) {
                result.complete(came);
            } else {
                result.completeExceptionally(cause(failure));
            }
        });
        if (result.isCancelled()) {
            second.cancel(false);
        }
    }

    /** What a stage that came before failed with. */
    public static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
