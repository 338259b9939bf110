// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.proto.v1.Behind;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.Ticker;
import java.util.concurrent.CompletableFuture;

/** A planted bug: proofs are dated when somebody first looks at them, which is after the probes were sent. */
final class Misdated implements Freshness {

    private final Freshness honest;
    private final Ticker ticker;
    private final Proofs proofs = new Proofs();
    private long seen;

    Misdated(Freshness honest, Ticker ticker) {
        this.honest = honest;
        this.ticker = ticker;
    }

    @Override
    public Proofs proofs() {
        Proofs original = honest.proofs();
        if (original.added() != seen) {
            seen = original.added();
            Proof newest = original.newestFor(Long.MAX_VALUE);
            if (newest != null) {
                proofs.add(new Proof(ticker.now(), newest.index()));
            }
        }
        return proofs;
    }

    @Override
    public CompletableFuture<Proof> prove() {
        return honest.prove();
    }

    @Override
    public Behind behind() {
        return honest.behind();
    }
}
