// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.replica.feed.core.Subscriber;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** How fresh a replica is: what its feed proves. */
public final class ReplicaFreshness implements Freshness {

    private final Subscriber subscriber;
    private final GatheredAsks asks;

    /**
     * @param feed the feed's thread
     * @param provers where those who wait for a proof go on: not on the feed's thread
     */
    public ReplicaFreshness(String serverId, Subscriber subscriber, Executor feed, Executor provers) {
        this.subscriber = subscriber;
        this.asks = new GatheredAsks(feed, provers, subscriber::prove, why -> notProven(serverId, why));
    }

    @Override
    public Proofs proofs() {
        return subscriber.proofs();
    }

    @Override
    public CompletableFuture<Proof> prove() {
        return asks.ask();
    }

    private static StatusRuntimeException notProven(String serverId, String why) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_NO_LEADER,
                        "replica " + serverId + " cannot prove how fresh it is: " + why
                                + ". Try again in a moment, or ask for less.")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }

    @Override
    public Behind behind() {
        return subscriber.behind();
    }
}
