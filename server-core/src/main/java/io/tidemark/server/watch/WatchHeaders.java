// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.state.Store;
import java.time.Duration;

/** The header of a message of a watch: the state that it reaches, and what is proven of that. */
final class WatchHeaders {

    private final Answerer answerer;
    private final Freshness freshness;
    private final Ticker ticker;

    WatchHeaders(Answerer answerer, Freshness freshness, Ticker ticker) {
        this.answerer = answerer;
        this.freshness = freshness;
        this.ticker = ticker;
    }

    /** @param through how far the watch has come; it may lie ahead of what is applied */
    ResponseHeader of(Store store, long through) {
        long applied = store.appliedIndex();
        ResponseHeader.Builder header = ResponseHeader.newBuilder()
                .setHistoryId(store.history().text())
                .setServedBy(answerer.serverId())
                .setServedByRole(answerer.role())
                .setAppliedIndex(applied)
                .setTerm(answerer.term())
                .setTopologyVersion(answerer.topologyVersion());
        if (through <= applied) {
            header.setReadIndex(through);
            Proof proof = freshness.proofs().newestFor(through);
            if (proof != null) {
                Duration staleness = proof.staleness(ticker.now());
                header.setStaleness(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(staleness.getSeconds())
                        .setNanos(staleness.getNano()));
            }
        }
        return header.build();
    }
}
