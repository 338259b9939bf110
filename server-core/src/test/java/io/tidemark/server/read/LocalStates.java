// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.tidemark.proto.v1.Behind;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.state.Store;
import java.util.concurrent.CompletableFuture;

/** A store as reads see it, of which nothing is ever proven. */
public final class LocalStates {

    private LocalStates() {}

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
        IndexWaiters waiters = new IndexWaiters(store::appliedIndex, Runnable::run);
        store.addListener(waiters::advanced);
        ReadErrors errors = new ReadErrors(store, freshness, time, serverId, () -> 0);
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
