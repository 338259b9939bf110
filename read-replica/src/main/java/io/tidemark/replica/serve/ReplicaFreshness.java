// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.replica.feed.core.ProofListener;
import io.tidemark.replica.feed.core.Subscriber;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * How fresh a replica is: what its feed proves.
 *
 * @param feed the feed's thread
 * @param provers where those who wait for a proof go on: not on the feed's thread
 */
public record ReplicaFreshness(String serverId, Subscriber subscriber, Executor feed, Executor provers)
        implements Freshness {

    @Override
    public Proofs proofs() {
        return subscriber.proofs();
    }

    @Override
    public CompletableFuture<Proof> prove() {
        CompletableFuture<Proof> proven = new CompletableFuture<>();
        feed.execute(() -> {
            if (!proven.isDone()) {
                subscriber.prove(new Waiting(proven));
            }
        });
        return proven;
    }

    private final class Waiting implements ProofListener {
        private final CompletableFuture<Proof> proven;

        Waiting(CompletableFuture<Proof> proven) {
            this.proven = proven;
        }

        @Override
        public void proven(Proof proof) {
            provers.execute(() -> proven.complete(proof));
        }

        @Override
        public void notProven(String why) {
            provers.execute(() -> proven.completeExceptionally(ErrorStatus.of(
                            ErrorReason.ERROR_REASON_NO_LEADER,
                            "replica " + serverId + " cannot prove how fresh it is: " + why
                                    + ". Try again in a moment, or ask for less.")
                    .with(ErrorMetadata.SERVED_BY, serverId)
                    .toException()));
        }
    }

    @Override
    public Behind behind() {
        return subscriber.behind();
    }
}
