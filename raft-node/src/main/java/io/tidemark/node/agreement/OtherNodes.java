// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.agreement;

import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The voters of this node's group, and what they answer. */
public interface OtherNodes {

    /** All that vote now, this node too if it does. */
    Set<Member> voters();

    /** What a node has kept; fails where it has not, or does not answer. */
    CompletableFuture<FetchDigestsResponse> digests(Member node, FetchDigestsRequest request);
}
