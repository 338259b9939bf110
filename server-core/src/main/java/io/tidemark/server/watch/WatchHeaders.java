// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.state.Store;

/** The header of a message of a watch: the state that it reaches, and what is proven of that. */
final class WatchHeaders {

    private final Headers headers;
    private final Freshness freshness;
    private final Ticker ticker;

    WatchHeaders(Answerer answerer, Freshness freshness, Ticker ticker) {
        this.headers = new Headers(answerer);
        this.freshness = freshness;
        this.ticker = ticker;
    }

    /** @param through how far the watch has come; it may lie ahead of what is applied */
    ResponseHeader of(Store store, long through) {
        if (through > store.appliedIndex()) {
            return headers.ofNoState(store);
        }
        Proof proof = freshness.proofs().newestFor(through);
        return headers.ofProof(store, through, proof == null ? null : proof.staleness(ticker.now()));
    }
}
