// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** All proposals under way on this node. None is left without an answer, however the node ends. */
final class PendingProposals {

    private final AtomicLong callIds = new AtomicLong();
    private final Map<Long, PendingProposal> byCallId = new ConcurrentHashMap<>();
    private volatile @Nullable String closedBecause;

    PendingProposal begin() {
        PendingProposal proposal = new PendingProposal(callIds.incrementAndGet());
        byCallId.put(proposal.callId(), proposal);
        CompletableFuture<ProposalOutcome> unused =
                proposal.outcome().whenComplete((outcome, failure) -> byCallId.remove(proposal.callId()));
        String reason = closedBecause;
        if (reason != null) {
            // Whoever closed may have passed by before this one was there.
            proposal.outcome().complete(new ProposalOutcome.Unknown(reason));
        }
        return proposal;
    }

    /** For requests that propose nothing. */
    long nextCallId() {
        return callIds.incrementAndGet();
    }

    @Nullable PendingProposal find(long callId) {
        return byCallId.get(callId);
    }

    void close(String reason) {
        closedBecause = reason;
        byCallId.values().forEach(proposal -> proposal.outcome().complete(new ProposalOutcome.Unknown(reason)));
    }
}
