// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.tidemark.proto.v1.Behind;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.state.Store;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/** Stores as reads see them. */
public final class LocalStates {

    private LocalStates() {}

    /** Of which nothing is ever proven. */
    public static LocalState unproven(Store store, String serverId, ManualTime time) {
        Freshness freshness = new Freshness() {
            @Override
            public Proofs proofs() {
                return new Proofs();
            }

            @Override
            public CompletableFuture<Proof> prove() {
                return new CompletableFuture<>();
            }

            @Override
            public Behind behind() {
                return Behind.BEHIND_NETWORK;
            }
        };
        return of(store, freshness, serverId, () -> 0, time);
    }

    /** Each call gives another one, as after the store was replaced. */
    public static LocalState of(
            Store store, Freshness freshness, String serverId, LongSupplier clusterHorizon, ManualTime time) {
        IndexWaiters waiters = new IndexWaiters(store::appliedIndex, Runnable::run);
        store.addListener(waiters::advanced);
        ReadErrors errors = new ReadErrors(store, freshness, time, serverId, clusterHorizon);
        ReadGate gate = new ReadGate(
                store,
                freshness,
                waiters,
                time,
                time,
                errors,
                any -> CompletableFuture.completedFuture(1L),
                new ReadCounts());
        return new LocalState(store, waiters, gate);
    }
}
