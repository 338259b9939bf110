// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.TermVerdict;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Keeps what is asked, for the test to answer when and how it wants. */
final class FakePeers implements Peers {

    record TermQuestion(Member to, ConfirmTermRequest request, CompletableFuture<ConfirmTermResponse> answer) {

        /** As the node itself, of the leader's term. */
        void confirm() {
            answer.complete(confirmation().build());
        }

        ConfirmTermResponse.Builder confirmation() {
            return ConfirmTermResponse.newBuilder()
                    .setHistoryId(request.getHistoryId())
                    .setNodeId(to.id())
                    .setRoundId(request.getRoundId())
                    .setTerm(request.getTerm())
                    .setVerdict(TermVerdict.TERM_VERDICT_CONFIRMED);
        }
    }

    record IndexQuestion(
            Member to, ConfirmReadIndexRequest request, CompletableFuture<ConfirmReadIndexResponse> answer) {

        void confirm(long raftIndex) {
            answer.complete(confirmation(raftIndex).build());
        }

        ConfirmReadIndexResponse.Builder confirmation(long raftIndex) {
            return ConfirmReadIndexResponse.newBuilder()
                    .setAttemptId(request.getAttemptId())
                    .setLeaderId(to.id())
                    .setTerm(5)
                    .setRaftIndex(raftIndex);
        }
    }

    final List<TermQuestion> terms = new ArrayList<>();
    final List<IndexQuestion> indexes = new ArrayList<>();

    @Override
    public CompletableFuture<ConfirmTermResponse> confirmTerm(Member to, ConfirmTermRequest request, Duration within) {
        TermQuestion question = new TermQuestion(to, request, new CompletableFuture<>());
        terms.add(question);
        return question.answer;
    }

    @Override
    public CompletableFuture<ConfirmReadIndexResponse> confirmReadIndex(
            Member to, ConfirmReadIndexRequest request, Duration within) {
        IndexQuestion question = new IndexQuestion(to, request, new CompletableFuture<>());
        indexes.add(question);
        return question.answer;
    }

    /** The last question to a node. */
    TermQuestion to(String nodeId) {
        for (int i = terms.size() - 1; i >= 0; i--) {
            if (terms.get(i).to().id().equals(nodeId)) {
                return terms.get(i);
            }
        }
        throw new AssertionError(nodeId + " was not asked");
    }

    List<String> asked() {
        return terms.stream().map(question -> question.to().id()).sorted().toList();
    }
}
