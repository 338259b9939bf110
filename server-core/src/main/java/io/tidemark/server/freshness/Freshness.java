// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.freshness;

import io.tidemark.proto.v1.Behind;
import java.util.concurrent.CompletableFuture;

/** How a server proves how fresh it is: a node by its leader's confirmed leadership, a replica by probes up its feed. */
public interface Freshness {

    /** What has been proven lately. */
    Proofs proofs();

    /**
     * Proves anew, together with all who ask meanwhile: by a round that begins after this call. Fails with an error that can be
     * given to the caller when there is no leader that can be confirmed. Each caller has a future of its own, and cancels it when
     * it no longer waits.
     */
    CompletableFuture<Proof> prove();

    /** Why no newer proof is here. */
    Behind behind();
}
