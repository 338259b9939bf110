// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes proofs of confirmed Raft indexes, once this node has applied them: only then does it know what they are in our index. At
 * most one is waited for and one waits behind it, which every later one is merged into; so a node that applies nothing keeps
 * nothing for each round, nor for callers who have left. Any thread may call.
 */
final class AwaitedProofs {

    private static final class Awaited {
        private Confirmed confirmed;

        /** Those who wait for it and have not left. Nobody is added once it is made. */
        private final Set<CompletableFuture<Proof>> waiting = ConcurrentHashMap.newKeySet();

        /** Null: not yet. */
        private @Nullable Proof made;

        Awaited(Confirmed confirmed) {
            this.confirmed = confirmed;
        }

        boolean covers(Confirmed other) {
            return confirmed.covers(other);
        }

        @SuppressWarnings("CollectionUndefinedEquality") // the very same one is meant
        CompletableFuture<Proof> join() {
            if (made != null) {
                return CompletableFuture.completedFuture(made);
            }
            CompletableFuture<Proof> one = new CompletableFuture<>();
            waiting.add(one);
            CompletableFuture<Proof> unused = one.whenComplete((proof, failure) -> waiting.remove(one));
            return one;
        }
    }

    private final AppliedRaft applied;
    private final LongSupplier index;
    private final Proofs proofs;
    private final Supplier<? extends Throwable> cleared;

    /** Those of before do not count. Guarded by this. */
    private long life;

    /** What is waited for. Guarded by this. */
    private @Nullable Awaited first;

    /** What is waited for next. Guarded by this. */
    private @Nullable Awaited next;

    /** The last one that was made. Guarded by this. */
    private @Nullable Awaited last;

    /**
     * Begins with nothing.
     *
     * @param index the last index that the store shows to reads; below 0: there is no store now, so nothing is proven of it
     * @param proofs gets each proof before those who wait do; nothing else adds to it
     * @param cleared what those are told who waited for something of an earlier life, or of a store that is gone
     */
    AwaitedProofs(AppliedRaft applied, LongSupplier index, Proofs proofs, Supplier<? extends Throwable> cleared) {
        this.applied = applied;
        this.index = index;
        this.proofs = proofs;
        this.cleared = cleared;
    }

    /** Names the time until the next {@link #clear}. */
    synchronized long life() {
        return life;
    }

    /** Whether something is confirmed that is not applied. */
    synchronized boolean isWaiting() {
        return first != null;
    }

    /** How many wait, of those who have not left. */
    synchronized int waiting() {
        return (first == null ? 0 : first.waiting.size()) + (next == null ? 0 : next.waiting.size());
    }

    synchronized boolean hasProven() {
        return last != null;
    }

    /**
     * To be cancelled by who no longer waits for it.
     *
     * @param in the life in which it was asked for
     */
    CompletableFuture<Proof> of(Confirmed confirmed, long in) {
        Awaited begun;
        CompletableFuture<Proof> proof;
        synchronized (this) {
            if (in != life) {
                return CompletableFuture.failedFuture(cleared.get());
            }
            Awaited shared = covering(confirmed);
            if (shared != null) {
                return shared.join();
            }
            begun = new Awaited(confirmed);
            proof = begun.join();
            if (first != null) {
                next = begun;
                return proof;
            }
            first = begun;
        }
        await(begun, in);
        return proof;
    }

    private @Nullable Awaited covering(Confirmed confirmed) {
        if (last != null && last.covers(confirmed)) {
            return last;
        }
        if (first != null && first.covers(confirmed)) {
            return first;
        }
        if (next != null) {
            next.confirmed = later(next.confirmed, confirmed);
        }
        return next;
    }

    /** What serves those who wait for either: an index that is at least either, as of the later moment of the two. */
    private static Confirmed later(Confirmed one, Confirmed other) {
        Confirmed newer = one.begun().isNotAfter(other.begun()) ? other : one;
        return new Confirmed(newer.begun(), newer.term(), Math.max(one.raftIndex(), other.raftIndex()));
    }

    private void await(Awaited awaited, long in) {
        CompletableFuture<Void> unused =
                applied.reached(awaited.confirmed.raftIndex()).thenRun(() -> reached(awaited, in));
    }

    private void reached(Awaited awaited, long in) {
        Proof proof = null;
        Awaited following;
        synchronized (this) {
            if (in != life) {
                return;
            }
            long covered = index.getAsLong();
            if (covered >= 0) {
                proof = new Proof(awaited.confirmed.begun(), covered);
                proofs.add(proof);
                awaited.made = proof;
                last = awaited;
            }
            following = next;
            first = following;
            next = null;
        }
        if (proof == null) {
            fail(awaited);
        } else {
            complete(awaited, proof);
        }
        if (following != null) {
            await(following, in);
        }
    }

    /** Nothing is proven any more, and nothing that was asked for before will be. */
    void clear() {
        Awaited one;
        Awaited other;
        synchronized (this) {
            life++;
            one = first;
            other = next;
            first = null;
            next = null;
            last = null;
            proofs.clear();
        }
        fail(one);
        fail(other);
    }

    private static void complete(Awaited awaited, Proof proof) {
        awaited.waiting.forEach(waiting -> waiting.complete(proof));
    }

    private void fail(@Nullable Awaited awaited) {
        if (awaited != null) {
            awaited.waiting.forEach(waiting -> waiting.completeExceptionally(cleared.get()));
        }
    }
}
