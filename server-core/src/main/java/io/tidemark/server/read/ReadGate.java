// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.tidemark.proto.v1.Unmet;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets a read through once this server can meet what it asks, and gives it the state to read. Most pass at once, on the calling
 * thread; those that wait cost a future and a timer, and no thread.
 *
 * <p>The proof is taken before the view, and the staleness is told after the read, so that it covers all the time in between.
 */
public final class ReadGate {

    /** Between attempts to prove anew when the last one failed. */
    private static final Duration RETRY_PAUSE = Duration.ofMillis(20);

    private final Store store;
    private final Freshness freshness;
    private final IndexWaiters waiters;
    private final Ticker ticker;
    private final Timers timers;
    private final ReadErrors errors;
    private final Function<LogTime, CompletableFuture<Long>> timeResolver;

    /** @param timeResolver gives the index that a time names, or an error for the caller */
    public ReadGate(
            Store store,
            Freshness freshness,
            IndexWaiters waiters,
            Ticker ticker,
            Timers timers,
            ReadErrors errors,
            Function<LogTime, CompletableFuture<Long>> timeResolver) {
        this.store = store;
        this.freshness = freshness;
        this.waiters = waiters;
        this.ticker = ticker;
        this.timers = timers;
        this.errors = errors;
        this.timeResolver = timeResolver;
    }

    /** Completes with the state to read, which the caller closes, or with an error that the caller of the read is told. */
    public CompletableFuture<Admission> admit(ReadAsk ask) {
        ReadAsk.Base base = ask.base();
        if (base instanceof ReadAsk.Recent recent) {
            Admission now = now(ask, recent);
            if (now != null) {
                return CompletableFuture.completedFuture(now);
            }
        }
        Attempt attempt = new Attempt(ask);
        attempt.begin();
        return attempt.result;
    }

    /** The fast path: what is asked holds already. */
    private @Nullable Admission now(ReadAsk ask, ReadAsk.Recent recent) {
        long applied = store.appliedIndex();
        if (applied < ask.floor() || !meets(recent, applied)) {
            return null;
        }
        return newest(null);
    }

    private boolean meets(ReadAsk.Recent recent, long applied) {
        Duration bound = recent.maxStaleness();
        if (bound == null) {
            return true;
        }
        // A proof of an index that is ahead by no more than the lag allowed will do.
        Proof proof = freshness.proofs().newestFor(applied + recent.maxLag());
        return proof != null && proof.staleness(ticker.now()).compareTo(bound) <= 0;
    }

    /** The newest state; the proof first. */
    private Admission newest(@Nullable Unmet unmet) {
        Proof proof = freshness.proofs().newestFor(store.appliedIndex());
        return new Admission(store.view(), proof, ticker, unmet);
    }

    private Admission at(long index) {
        Proof proof = freshness.proofs().newestFor(index);
        try {
            return new Admission(store.viewAt(index), proof, ticker, null);
        } catch (BelowHorizonException e) {
            throw errors.horizonPassed(e);
        }
    }

    /** One read that cannot pass at once. Its steps follow one another, on whichever thread brings the next. */
    private final class Attempt {
        private final ReadAsk ask;
        private final CompletableFuture<Admission> result = new CompletableFuture<>();
        private volatile @Nullable Proof proven;

        Attempt(ReadAsk ask) {
            this.ask = ask;
        }

        void begin() {
            Timers.Pending timeout = timers.after(ask.maxWait(), this::timedOut);
            listen(result, (admission, failure) -> timeout.cancel());
            ReadAsk.Base base = ask.base();
            if (base instanceof ReadAsk.AsOfIndex asOf) {
                whenApplied(asOf.index(), () -> admit(at(asOf.index())));
            } else if (base instanceof ReadAsk.AsOfTime asOf) {
                then(timeResolver.apply(asOf.time()), index -> whenApplied(index, () -> admit(at(index))));
            } else if (base instanceof ReadAsk.Recent recent) {
                whenApplied(ask.floor(), () -> proveUntilFresh(recent));
            } else {
                then(freshness.prove(), proof -> {
                    proven = proof;
                    whenApplied(Math.max(proof.index(), ask.floor()), () -> admit(newest(null)));
                });
            }
        }

        private void proveUntilFresh(ReadAsk.Recent recent) {
            if (meets(recent, store.appliedIndex())) {
                admit(newest(null));
                return;
            }
            if (result.isDone()) {
                return;
            }
            listen(freshness.prove(), (proof, failure) -> {
                if (failure != null) {
                    timers.after(RETRY_PAUSE, () -> guarded(() -> proveUntilFresh(recent)));
                } else {
                    guarded(() -> whenApplied(proof.index() - recent.maxLag(), () -> proveUntilFresh(recent)));
                }
            });
        }

        private void whenApplied(long index, Runnable next) {
            CompletableFuture<Void> reached = waiters.reached(index);
            if (!reached.isDone()) {
                // Nobody waits any more once the read has ended.
                listen(result, (admission, failure) -> reached.cancel(false));
            }
            then(reached, done -> next.run());
        }

        private <T> void then(CompletableFuture<T> step, Consumer<T> next) {
            listen(step, (value, failure) -> {
                if (failure == null) {
                    guarded(() -> next.accept(value));
                } else {
                    failed(failure);
                }
            });
        }

        private void guarded(Runnable next) {
            try {
                next.run();
            } catch (Throwable e) {
                failed(e);
            }
        }

        private void admit(Admission admission) {
            if (!result.complete(admission)) {
                admission.close();
            }
        }

        private void failed(Throwable failure) {
            Throwable cause = failure instanceof CompletionException wrapped && wrapped.getCause() != null
                    ? wrapped.getCause()
                    : failure;
            if (ask.serveUnmet() && !result.isDone()) {
                guardedServe();
            } else {
                result.completeExceptionally(cause);
            }
        }

        private void timedOut() {
            if (result.isDone()) {
                return;
            }
            if (ask.serveUnmet()) {
                guardedServe();
            } else {
                result.completeExceptionally(errors.notMet(ask, proven));
            }
        }

        private void guardedServe() {
            try {
                admit(newest(errors.unmet(ask, proven)));
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // listeners here do not throw
    private static <T> void listen(
            CompletableFuture<T> future, BiConsumer<? super @Nullable T, ? super @Nullable Throwable> listener) {
        future.whenComplete(listener);
    }
}
