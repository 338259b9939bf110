// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import com.google.protobuf.Message;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.api.UnknownFields;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HistoryChanged;
import io.tidemark.proto.v1.NotLeader;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * What other nodes ask about leadership: the part of the {@code Replication} service that is answered outside admission
 * control. For the threads of the server, which it never holds up.
 */
public final class ConfirmationHandlers {

    private final Identity identity;
    private final RaftView raft;
    private final TermAnswers terms;
    private final LeaderRounds rounds;

    public ConfirmationHandlers(Identity identity, RaftView raft, TermAnswers terms, LeaderRounds rounds) {
        this.identity = identity;
        this.raft = raft;
        this.terms = terms;
        this.rounds = rounds;
    }

    public void confirmTerm(ConfirmTermRequest request, StreamObserver<ConfirmTermResponse> to) {
        ErrorStatus refusal = notUnderstood(request);
        if (refusal != null) {
            to.onError(refusal.toException());
            return;
        }
        to.onNext(terms.answer(request));
        to.onCompleted();
    }

    public void confirmReadIndex(ConfirmReadIndexRequest request, StreamObserver<ConfirmReadIndexResponse> to) {
        ErrorStatus refusal = refusal(request);
        if (refusal != null) {
            to.onError(refusal.toException());
            return;
        }
        OptionalLong itsTerm =
                request.hasConfirmedTerm() ? OptionalLong.of(request.getConfirmedTerm()) : OptionalLong.empty();
        CompletableFuture<Confirmed> round = rounds.confirmFor(request.getNodeId(), itsTerm);
        CompletableFuture<Confirmed> unused = round.whenComplete((confirmed, failure) -> {
            if (confirmed != null) {
                to.onNext(ConfirmReadIndexResponse.newBuilder()
                        .setAttemptId(request.getAttemptId())
                        .setLeaderId(identity.nodeId())
                        .setTerm(confirmed.term())
                        .setRaftIndex(confirmed.raftIndex())
                        .build());
                to.onCompleted();
            } else if (failure != null) {
                to.onError(
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
            }
        });
    }

    private @Nullable ErrorStatus refusal(ConfirmReadIndexRequest request) {
        ErrorStatus notUnderstood = notUnderstood(request);
        if (notUnderstood != null) {
            return notUnderstood;
        }
        if (!request.getClusterId().equals(identity.clusterId())) {
            return ErrorStatus.of(
                            ErrorReason.ERROR_REASON_INVALID_FIELD,
                            "cluster_id: '" + request.getClusterId() + "' (expected: '" + identity.clusterId() + "')")
                    .with(ErrorMetadata.ASKED_CLUSTER_ID, request.getClusterId())
                    .with(ErrorMetadata.ACTUAL_CLUSTER_ID, identity.clusterId())
                    .withField("cluster_id", "another cluster's")
                    .build();
        }
        String history = identity.history().get().map(HistoryId::text).orElse("");
        if (history.isEmpty() || !request.getHistoryId().equals(history)) {
            return ErrorStatus.of(
                            ErrorReason.ERROR_REASON_HISTORY_CHANGED,
                            "history_id: '" + request.getHistoryId() + "' (expected: '" + history
                                    + "'): indexes of two histories have nothing to do with each other")
                    .with(ErrorMetadata.ASKED_HISTORY_ID, request.getHistoryId())
                    .with(ErrorMetadata.ACTUAL_HISTORY_ID, history)
                    .withDetail(HistoryChanged.newBuilder()
                            .setAskedHistoryId(request.getHistoryId())
                            .setActualHistoryId(history)
                            .build())
                    .build();
        }
        return raft.role() == Role.LEADER ? null : notLeader();
    }

    private ErrorStatus notLeader() {
        long term = raft.term();
        Optional<String> leader = raft.leader().map(Member::id);
        NotLeader.Builder detail = NotLeader.newBuilder().setTerm(term);
        ErrorStatus.Builder error = ErrorStatus.of(
                        ErrorReason.ERROR_REASON_NOT_LEADER,
                        "node " + identity.nodeId() + " does not lead; the leader of term " + term + " is "
                                + leader.orElse("unknown"))
                .with(ErrorMetadata.SERVED_BY, identity.nodeId())
                .with(ErrorMetadata.TERM, term);
        leader.ifPresent(id -> {
            error.with(ErrorMetadata.LEADER_ID, id);
            detail.setLeaderId(id);
        });
        return error.withDetail(detail.build()).build();
    }

    private static @Nullable ErrorStatus notUnderstood(Message request) {
        String unknown = UnknownFields.first(request);
        return unknown == null
                ? null
                : ErrorStatus.of(
                                ErrorReason.ERROR_REASON_UNSUPPORTED,
                                "field " + unknown + " is not known to this node: upgrade it first")
                        .with(ErrorMetadata.FIELD, unknown)
                        .build();
    }
}
