// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Stages;
import io.tidemark.client.internal.dispatch.Interruptible;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A call under way: an answer to come, on a thread of the dispatcher, and what is left to do with it on a thread of the user, which is
 * where codecs run.
 *
 * @param begun who is told how it ends; null: nobody
 * @param answer what comes from the servers
 * @param finish makes the result of it
 * @param write whether an interrupted caller cannot know what came of it
 */
record Call<A, T>(@Nullable Begun begun, CompletableFuture<A> answer, Function<A, T> finish, boolean write) {

    private static final String INTERRUPTED = "INTERRUPTED";

    static <A, T> Call<A, T> read(@Nullable Begun begun, CompletableFuture<A> answer, Function<A, T> finish) {
        return new Call<>(begun, answer, finish, false);
    }

    static <A, T> Call<A, T> write(Begun begun, CompletableFuture<A> answer, Function<A, T> finish) {
        return new Call<>(begun, answer, finish, true);
    }

    /** The same call with something more to do at the end. */
    <U> Call<A, U> then(Function<? super T, ? extends U> more) {
        return new Call<>(begun, answer, came -> more.apply(finish.apply(came)), write);
    }

    /** Begins a call, and gives its result to come. What is wrong with it before it is sent fails the future like everything else. */
    static <T> CompletableFuture<T> begin(Supplier<? extends Call<?, T>> call, Executor executor) {
        Call<?, T> begun;
        try {
            begun = call.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
        return begun.future(executor);
    }

    /**
     * Waits for the result. Failures have the caller's own stack. Of a write that was never sent nobody is told that it may have happened,
     * and of one that was the name, also when the wait is interrupted.
     */
    T await() {
        A came;
        try {
            came = answer.get();
        } catch (ExecutionException e) {
            throw heard(failure(e.getCause()));
        } catch (CancellationException e) {
            throw heard(e);
        } catch (InterruptedException e) {
            Interruptible.interrupt(answer);
            Thread.currentThread().interrupt();
            came = afterInterrupt(e);
        }
        try {
            return told(finish.apply(came));
        } catch (RuntimeException e) {
            throw heard(e);
        }
    }

    /** The result to come. Cancelling it gives the call up: so {@link #answer} is the call itself, or of {@link Stages}. */
    CompletableFuture<T> future(Executor executor) {
        CompletableFuture<T> result = new CompletableFuture<>();
        var unused = answer.whenCompleteAsync(
                (came, failure) -> {
                    if (failure != null) {
                        result.completeExceptionally(heard(Stages.cause(failure)));
                        return;
                    }
                    try {
                        result.complete(told(finish.apply(came)));
                    } catch (Throwable t) {
                        result.completeExceptionally(heard(t));
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

    private T told(T result) {
        if (begun != null) {
            begun.ended(
                    result instanceof Refused ? "refused" : "ok",
                    result instanceof Result answered ? answered.header() : null);
        }
        return result;
    }

    private <E extends Throwable> E heard(E failure) {
        if (begun != null) {
            begun.failed(failure);
        }
        return failure;
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

    /** What the call has come to, if that was in time; it has ended by now. */
    private A afterInterrupt(InterruptedException e) {
        try {
            return answer.join();
        } catch (CancellationException cancelled) {
            Failure failure = interrupted(null);
            throw heard(
                    write ? new OutcomeUnknownException(failure, e, null, null) : new UnavailableException(failure, e));
        } catch (CompletionException ended) {
            if (ended.getCause() instanceof OutcomeUnknownException open) {
                throw heard(new OutcomeUnknownException(
                        interrupted(open.failure()),
                        open,
                        open.requestId().orElse(null),
                        open.firstSentIndex().isPresent()
                                ? open.firstSentIndex().getAsLong()
                                : null));
            }
            throw heard(failure(ended.getCause()));
        }
    }

    /** @param open how the call ended; null: that is not known */
    private Failure interrupted(@Nullable Failure open) {
        String message = write
                ? "the calling thread was interrupted: the write may have happened, or may still happen"
                : "the calling thread was interrupted";
        return open == null
                ? new Failure(message, INTERRUPTED)
                : new Failure(message, INTERRUPTED, open.metadata(), open.attempts());
    }
}
