// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.Behind;
import io.tidemark.server.feed.core.ReadIndex;
import io.tidemark.server.feed.core.ReadIndexes;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * How fresh a node is. It gets a confirmed Raft index, its own if it leads and else the leader's, and has a proof once it has
 * applied that index itself. Any thread may call.
 */
public final class NodeFreshness implements Freshness, ReadIndexes {

    private final RaftView raft;
    private final LeaderRounds here;
    private final RemoteRounds elsewhere;
    private final Executor provers;
    private final Proofs proofs = new Proofs();
    private final AwaitedProofs awaited;
    private volatile boolean hasFailed;

    /**
     * A node that has proven nothing.
     *
     * @param index the last index that the store shows to reads; below 0: there is no store now
     * @param provers where those who wait for a proof go on: not the threads that bring answers or apply
     */
    public NodeFreshness(
            Identity identity,
            RaftView raft,
            LeaderRounds here,
            RemoteRounds elsewhere,
            AppliedRaft applied,
            LongSupplier index,
            Executor provers) {
        this.raft = raft;
        this.here = here;
        this.elsewhere = elsewhere;
        this.provers = provers;
        this.awaited = new AwaitedProofs(
                applied,
                index,
                proofs,
                () -> NoLeader.because(identity, "its store was withdrawn or replaced meanwhile"));
    }

    @Override
    public Proofs proofs() {
        return proofs;
    }

    @Override
    public CompletableFuture<Proof> prove() {
        return prove((proof, confirmed) -> proof);
    }

    @Override
    public CompletableFuture<ReadIndex> confirm() {
        return prove((proof, confirmed) -> new ReadIndex(proof.index(), confirmed.term()));
    }

    /** @param result what the caller is told of what was confirmed for it, once that is applied */
    private <T> CompletableFuture<T> prove(BiFunction<Proof, Confirmed, T> result) {
        long life = awaited.life();
        CompletableFuture<Confirmed> confirmed = raft.role() == Role.LEADER ? here.confirm() : elsewhere.confirm();
        CompletableFuture<T> told = new CompletableFuture<>();
        CompletableFuture<Confirmed> unused = confirmed.whenComplete((done, failure) -> {
            hasFailed = failure != null;
            if (done != null) {
                tell(awaited.of(done, life), proof -> result.apply(proof, done), told);
            } else {
                provers.execute(() -> told.completeExceptionally(Objects.requireNonNull(failure)));
            }
        });
        return told;
    }

    /** Whoever leaves is not kept for as long as nothing is applied. */
    @SuppressWarnings("FutureReturnValueIgnored") // the listeners do not throw
    private <T> void tell(CompletableFuture<Proof> proof, Function<Proof, T> result, CompletableFuture<T> told) {
        proof.whenCompleteAsync(
                (made, failure) -> {
                    if (failure == null) {
                        told.complete(result.apply(made));
                    } else {
                        told.completeExceptionally(failure);
                    }
                },
                provers);
        told.whenComplete((made, failure) -> proof.cancel(false));
    }

    /** How many wait for something confirmed to be applied. */
    int waiting() {
        return awaited.waiting();
    }

    @Override
    public Behind behind() {
        if (awaited.isWaiting()) {
            return Behind.BEHIND_APPLY;
        }
        return hasFailed || awaited.hasProven() ? Behind.BEHIND_NETWORK : Behind.BEHIND_STARTING;
    }

    /**
     * Another store is about to be shown to reads, or another history begins: nothing is proven any more, and what was asked for
     * before does not count. Call it before readers see the new store, and {@link AppliedRaft#advanced} after.
     */
    public void storeReplaced() {
        awaited.clear();
        hasFailed = false;
    }
}
