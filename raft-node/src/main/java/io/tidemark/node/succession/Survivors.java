// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.AskLeaderGoneRequest;
import io.tidemark.proto.v1.AskLeaderGoneResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The way to the other nodes. */
public interface Survivors {

    /** Asks one whether it finds the leader gone, too. Returns at once; what it returns may fail. */
    CompletableFuture<AskLeaderGoneResponse> askLeaderGone(Member to, AskLeaderGoneRequest request, Duration within);
}
