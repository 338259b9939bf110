// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The way to the other nodes. Calls return at once; what they return may fail, or never complete. */
public interface Peers {

    /**
     * Asks whether a term is still a node's term.
     *
     * @param within after which nobody waits for the answer any more
     */
    CompletableFuture<ConfirmTermResponse> confirmTerm(Member to, ConfirmTermRequest request, Duration within);

    /**
     * Asks a leader for a confirmed Raft index.
     *
     * @param within after which nobody waits for the answer any more
     */
    CompletableFuture<ConfirmReadIndexResponse> confirmReadIndex(
            Member to, ConfirmReadIndexRequest request, Duration within);
}
