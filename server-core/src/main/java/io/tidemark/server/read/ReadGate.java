// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.tidemark.proto.v1.Unmet;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Moment;
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

    /** Between attempts to prove anew, when the last one failed or did not meet what is asked. */
    private static final Duration RETRY_PAUSE = Duration.ofMillis(20);

    /** What would take longer is not worth telling. */
    private static final Duration EXPECTED_WAIT_MAX = Duration.ofHours(1);

    private final Store store;
    private final Freshness freshness;
    private final IndexWaiters waiters;
    private final Ticker ticker;
    private final Timers timers;
    private final ReadErrors errors;
    private final Function<LogTime, CompletableFuture<Long>> timeResolver;
    private final ReadCounts counts;

    /** @param timeResolver gives the index that a time names, or an error for the caller */
    public ReadGate(
            Store store,
            Freshness freshness,
            IndexWaiters waiters,
            Ticker ticker,
            Timers timers,
            ReadErrors errors,
            Function<LogTime, CompletableFuture<Long>> timeResolver,
            ReadCounts counts) {
        this.store = store;
        this.freshness = freshness;
        this.waiters = waiters;
        this.ticker = ticker;
        this.timers = timers;
        this.errors = errors;
        this.timeResolver = timeResolver;
        this.counts = counts;
    }

    /** Completes with the state to read, which the caller closes, or with an error that the caller of the read is told. */
    public CompletableFuture<Admission> admit(ReadAsk ask) {
        ReadAsk.Base base = ask.base();
        if (base instanceof ReadAsk.Recent recent) {
            Admission now = now(ask, recent);
            if (now != null) {
                counts.ended(ask, ReadCounts.End.AT_ONCE);
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
        return applied < ask.floor() ? null : ifMet(ask, recent, applied);
    }

    /** The newest state, if that meets the bound. */
    private @Nullable Admission ifMet(ReadAsk ask, ReadAsk.Recent recent, long applied) {
        Duration staleness = recent.maxStaleness();
        if (staleness == null) {
            return newest(null, null, null);
        }
        if (recent.needsNewProof()) {
            return null;
        }
        // A proof of an index that is ahead by no more than the lag allowed will do.
        Proof proof = freshness.proofs().newestFor(applied + Math.min(recent.lag(), Long.MAX_VALUE - applied));
        if (proof == null) {
            return null;
        }
        Admission.Bound bound = new Admission.Bound(recent, staleness, proof, ask.serveUnmet(), errors);
        return bound.hasPassed(ticker) ? null : newest(null, null, bound);
    }

    /**
     * The newest state; the proof first.
     *
     * @param own proof that this read alone had made; null: none
     * @param bound that lets the read in; null: none does
     */
    private Admission newest(@Nullable Unmet unmet, @Nullable Proof own, Admission.@Nullable Bound bound) {
        long applied = store.appliedIndex();
        Proof proof = freshness.proofs().newestFor(applied);
        boolean ownIsNewer = own != null
                && own.index() <= applied
                && (proof == null || proof.begun().isNotAfter(own.begun()));
        return new Admission(store.view(), ownIsNewer ? own : proof, ticker, unmet, bound);
    }

    private Admission at(long index) {
        Proof proof = freshness.proofs().newestFor(index);
        try {
            return new Admission(store.viewAt(index), proof, ticker, null, null);
        } catch (BelowHorizonException e) {
            throw errors.horizonPassed(e);
        }
    }

    /**
     * One read that cannot pass at once. Its steps follow one another, on whichever thread brings the next; the timeout may come
     * at any time.
     */
    private final class Attempt {
        private final ReadAsk ask;
        private final Moment begun = ticker.now();
        private final long appliedThen = store.appliedIndex();
        private final CompletableFuture<Admission> result = new CompletableFuture<>();
        private volatile @Nullable Proof proven;
        private volatile @Nullable Throwable notProven;
        private volatile long target;

        Attempt(ReadAsk ask) {
            this.ask = ask;
            this.target = ask.base() instanceof ReadAsk.AsOfIndex asOf ? asOf.index() : ask.floor();
        }

        void begin() {
            guarded(this::beginBase);
            if (result.isDone()) {
                counts.ended(ask, end(ReadCounts.End.AT_ONCE));
                return;
            }
            counts.waits();
            listen(result, (admission, failure) -> {
                counts.waitsNoMore();
                counts.ended(ask, end(ReadCounts.End.WAITED));
            });
            boolean roundTrip = needsNewProof(ask.base()) && proven == null;
            Duration longest = roundTrip ? ask.roundTripMax() : ask.maxWait();
            if (longest.isZero()) {
                timedOut();
                return;
            }
            Timers.Pending timeout = timers.after(longest, this::timedOut);
            listen(result, (admission, failure) -> timeout.cancel());
        }

        /** How it ended, if it was let in with what it asked for in that way. */
        private ReadCounts.End end(ReadCounts.End letIn) {
            if (result.isCancelled()) {
                return ReadCounts.End.ABANDONED;
            }
            if (result.isCompletedExceptionally()) {
                return ReadCounts.End.FAILED;
            }
            return result.join().unmet().isPresent() ? ReadCounts.End.UNMET : letIn;
        }

        private void beginBase() {
            ReadAsk.Base base = ask.base();
            if (base instanceof ReadAsk.AsOfIndex asOf) {
                whenApplied(asOf.index(), () -> admit(at(asOf.index())));
            } else if (base instanceof ReadAsk.AsOfTime asOf) {
                CompletableFuture<Long> resolved = timeResolver.apply(asOf.time());
                cancelWithResult(resolved);
                then(resolved, this::resolved);
            } else if (needsNewProof(base)) {
                proveAnew();
            } else if (base instanceof ReadAsk.Recent recent) {
                whenApplied(ask.floor(), () -> proveUntilFresh(recent));
            }
        }

        private void resolved(long index) {
            if (index < ask.floor()) {
                throw ReadAsks.belowFloor("as_of_time", index, ask.floor());
            }
            target = index;
            whenApplied(index, () -> admit(at(index)));
        }

        /** By a proof that begins now, so after the read came. Without a leader there may soon be one. */
        private void proveAnew() {
            if (result.isDone()) {
                return;
            }
            CompletableFuture<Proof> proving = freshness.prove();
            listen(proving, (proof, failure) -> {
                if (failure == null) {
                    guarded(() -> provenAnew(proof));
                    return;
                }
                if (result.isDone()) {
                    return;
                }
                notProven = failure;
                if (ask.maxWait().isZero()) {
                    timedOut();
                } else {
                    timers.after(RETRY_PAUSE, () -> guarded(this::proveAnew));
                }
            });
            cancelWithResult(proving);
        }

        private void provenAnew(Proof proof) {
            proven = proof;
            long lag = ask.base() instanceof ReadAsk.Recent recent ? recent.lag() : 0;
            target = Math.max(proof.index() - lag, ask.floor());
            if (ask.maxWait().isZero() && store.appliedIndex() < target) {
                timedOut();
                return;
            }
            whenApplied(target, () -> admit(newest(null, proof, null)));
        }

        private void proveUntilFresh(ReadAsk.Recent recent) {
            if (admittedIfMet(recent) || result.isDone()) {
                return;
            }
            CompletableFuture<Proof> proving = freshness.prove();
            listen(proving, (proof, failure) -> {
                if (failure != null) {
                    proveLater(recent);
                } else {
                    guarded(() -> {
                        target = Math.max(proof.index() - recent.lag(), ask.floor());
                        whenApplied(target, () -> {
                            if (!admittedIfMet(recent)) {
                                proveLater(recent);
                            }
                        });
                    });
                }
            });
            cancelWithResult(proving);
        }

        /** A bound that no proof meets costs a round now and then, not one after the other. */
        private void proveLater(ReadAsk.Recent recent) {
            if (result.isDone()) {
                return;
            }
            timers.after(RETRY_PAUSE, () -> guarded(() -> proveUntilFresh(recent)));
        }

        private boolean admittedIfMet(ReadAsk.Recent recent) {
            Admission met = ifMet(ask, recent, store.appliedIndex());
            if (met != null) {
                admit(met);
            }
            return met != null;
        }

        private void whenApplied(long index, Runnable next) {
            CompletableFuture<Void> reached = waiters.reached(index);
            cancelWithResult(reached);
            then(reached, done -> next.run());
        }

        /** Nobody waits any more once the read has ended. */
        private void cancelWithResult(CompletableFuture<?> step) {
            if (!step.isDone()) {
                listen(result, (admission, failure) -> step.cancel(false));
            }
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
            if (cause instanceof BelowHorizonException below && ask.base() instanceof ReadAsk.AsOfTime asOf) {
                result.completeExceptionally(errors.horizonPassed(asOf.time(), below));
            } else {
                result.completeExceptionally(cause);
            }
        }

        private void timedOut() {
            if (result.isDone()) {
                return;
            }
            try {
                if (ask.serveUnmet()) {
                    admit(newest(errors.unmet(ask, proven), null, null));
                } else {
                    result.completeExceptionally(notMet());
                }
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        }

        private Throwable notMet() {
            if (ask.base() instanceof ReadAsk.AsOfIndex asOf) {
                return errors.notReached(asOf.index());
            }
            if (ask.base() instanceof ReadAsk.AsOfTime asOf) {
                long index = target;
                return index > 0 && index > store.appliedIndex()
                        ? errors.notReached(index)
                        : errors.timeNotClosed(asOf.time());
            }
            if (ask.base() instanceof ReadAsk.Linearizable && proven == null) {
                Throwable why = notProven;
                return why == null ? errors.notConfirmed() : why;
            }
            return errors.tooStale(errors.unmet(ask, proven), expectedWait());
        }

        /** At the pace of the wait so far; null: it says nothing. */
        private @Nullable Duration expectedWait() {
            long applied = store.appliedIndex();
            long missing = target - applied;
            long progress = applied - appliedThen;
            if (missing <= 0 || progress <= 0) {
                return null;
            }
            double nanos = (double) begun.elapsedTo(ticker.now()).toNanos() / progress * missing;
            return nanos > EXPECTED_WAIT_MAX.toNanos() ? null : Duration.ofNanos((long) nanos);
        }
    }

    private static boolean needsNewProof(ReadAsk.Base base) {
        return base instanceof ReadAsk.Linearizable
                || (base instanceof ReadAsk.Recent recent && recent.needsNewProof());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // listeners here do not throw
    private static <T> void listen(
            CompletableFuture<T> future, BiConsumer<? super @Nullable T, ? super @Nullable Throwable> listener) {
        future.whenComplete(listener);
    }
}
