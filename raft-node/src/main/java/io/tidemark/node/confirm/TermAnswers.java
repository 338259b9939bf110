// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.api.HistoryId;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.TermVerdict;
import io.tidemark.server.time.Ticker;
import java.util.OptionalLong;

/**
 * Answers whether a leader's term is still this node's. The term is read after the question came, and a vote raises it, on disk
 * too, before it is given; so who is confirmed had not been outvoted by this node when the question was put. Any thread may
 * call.
 */
public final class TermAnswers {

    private final Identity identity;
    private final RaftView raft;
    private final Ticker ticker;

    public TermAnswers(Identity identity, RaftView raft, Ticker ticker) {
        this.identity = identity;
        this.raft = raft;
        this.ticker = ticker;
    }

    public ConfirmTermResponse answer(ConfirmTermRequest question) {
        String history = identity.history().get().map(HistoryId::text).orElse("");
        long term = raft.term();
        boolean isConfirmed = question.getClusterId().equals(identity.clusterId())
                && !history.isEmpty()
                && question.getHistoryId().equals(history)
                && question.getTerm() == term
                && isLeader(question.getLeaderId())
                && isVoter();
        long wall = ticker.now().wallNanos();
        return ConfirmTermResponse.newBuilder()
                .setHistoryId(history)
                .setNodeId(identity.nodeId())
                .setRoundId(question.getRoundId())
                .setTerm(term)
                .setVerdict(isConfirmed ? TermVerdict.TERM_VERDICT_CONFIRMED : TermVerdict.TERM_VERDICT_REFUSED)
                .setWallTime(ProtoTimes.timestamp(wall))
                .build();
    }

    /** What this node would tell a leader now, were it asked: its term, or empty if it would refuse. */
    OptionalLong unasked(String leaderId) {
        long term = raft.term();
        return isLeader(leaderId) && isVoter() ? OptionalLong.of(term) : OptionalLong.empty();
    }

    private boolean isLeader(String nodeId) {
        return raft.leader().filter(leader -> leader.id().equals(nodeId)).isPresent();
    }

    private boolean isVoter() {
        return raft.membership().memberIds().contains(identity.nodeId());
    }
}
