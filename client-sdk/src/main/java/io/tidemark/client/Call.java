// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call under way: an answer to come, on a thread of the dispatcher, and what is left to do with it on a thread of the user, which is
 * where codecs run.
 *
 * @param answer what comes from the servers
 * @param finish makes the result of it
 * @param write whether an interrupted caller cannot know what came of it
 */
record Call<A, T>(CompletableFuture<A> answer, Function<A, T> finish, boolean write) {

    static <A, T> Call<A, T> read(CompletableFuture<A> answer, Function<A, T> finish) {
        return new Call<>(answer, finish, false);
    }

    static <A, T> Call<A, T> write(CompletableFuture<A> answer, Function<A, T> finish) {
        return new Call<>(answer, finish, true);
    }

    /** The same call with something more to do at the end. */
    <U> Call<A, U> then(Function<? super T, ? extends U> more) {
        return new Call<>(answer, came -> more.apply(finish.apply(came)), write);
    }

    /** Begins a call, and gives its result to come. What is wrong with it before it is sent fails the future like everything else. */
    static <T> CompletableFuture<T> begin(Supplier<? extends Call<?, T>> call, Executor executor) {
        Call<?, T> begun;
        try {
            begun = call.get();
        } catch (TidemarkException e) {
            return CompletableFuture.failedFuture(e);
        }
        return begun.future(executor);
    }

    /** Waits for the result. Failures have the caller's own stack. */
    T await() {
        A came;
        try {
            came = answer.get();
        } catch (ExecutionException e) {
            throw failure(e.getCause());
        } catch (CancellationException e) {
            throw e;
        } catch (InterruptedException e) {
            answer.cancel(false);
            Thread.currentThread().interrupt();
            throw interrupted(e);
        }
        return finish.apply(came);
    }

    /** The result to come. Cancelling it gives the call up. */
    CompletableFuture<T> future(Executor executor) {
        CompletableFuture<T> result = new CompletableFuture<>();
        var unused = answer.whenCompleteAsync(
                (came, failure) -> {
                    if (failure != null) {
                        result.completeExceptionally(failure);
                        return;
                    }
                    try {
                        result.complete(finish.apply(came));
                    } catch (Throwable t) {
                        result.completeExceptionally(t);
                    }
                },
                executor);
        var ignored = result.whenComplete((done, failure) -> {
            if (result.isCancelled()) {
                answer.cancel(false);
            }
        });
        return result;
    }

    private static RuntimeException failure(@Nullable Throwable cause) {
        if (cause instanceof TidemarkException failure) {
            return failure.fromHere();
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException failure ? failure : new IllegalStateException(cause);
    }

    private TidemarkException interrupted(InterruptedException e) {
        Failure failure = new Failure(
                write
                        ? "the calling thread was interrupted: the write may have happened, or may still happen"
                        : "the calling thread was interrupted",
                "INTERRUPTED");
        return write ? new OutcomeUnknownException(failure, e, null, null) : new UnavailableException(failure, e);
    }
}
