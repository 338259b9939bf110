// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.concurrent.CompletableFuture;

/**
 * A proposal under way on the node that made it. What was applied is handed over here, so that it never travels through Ratis.
 */
final class PendingProposal {

    private final long callId;
    private final CompletableFuture<ProposalOutcome> outcome = new CompletableFuture<>();

    /** From then on it may be in the log, so that no failure means "not done". */
    private volatile boolean mayBeLogged;

    PendingProposal(long callId) {
        this.callId = callId;
    }

    long callId() {
        return callId;
    }

    CompletableFuture<ProposalOutcome> outcome() {
        return outcome;
    }

    void aboutToBeLogged() {
        mayBeLogged = true;
    }

    boolean mayBeLogged() {
        return mayBeLogged;
    }
}
