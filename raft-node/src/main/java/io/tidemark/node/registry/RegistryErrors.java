// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HistoryChanged;
import io.tidemark.proto.v1.NotLeader;
import java.time.Duration;
import java.util.Optional;

/** What those are told who want something of the registry that cannot be. */
final class RegistryErrors {

    private RegistryErrors() {}

    static StatusRuntimeException notLeader(String nodeId, long term, Optional<Member> leader) {
        NotLeader.Builder detail = NotLeader.newBuilder().setTerm(term);
        leader.ifPresent(member -> detail.setLeaderId(member.id()).setLeaderAddress(member.clientAddress()));
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_NOT_LEADER,
                        "node " + nodeId + " does not lead; the leader of term " + term + " is "
                                + leader.map(Member::id).orElse("unknown") + ". What was begun goes on there: ask it.")
                .with(ErrorMetadata.SERVED_BY, nodeId)
                .with(ErrorMetadata.TERM, term)
                .with(ErrorMetadata.LEADER_ID, leader.map(Member::id).orElse(""))
                .withDetail(detail.build())
                .build()
                .toException();
    }

    static StatusRuntimeException otherCluster(String asked, String actual) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_CLUSTER_MISMATCH,
                        "cluster_id: '" + asked + "' (expected: '" + actual + "')")
                .with(ErrorMetadata.ASKED_CLUSTER_ID, asked)
                .with(ErrorMetadata.ACTUAL_CLUSTER_ID, actual)
                .build()
                .toException();
    }

    static StatusRuntimeException otherHistory(String asked, String actual) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HISTORY_CHANGED,
                        "history_id: '" + asked + "' (expected: '" + actual + "')")
                .with(ErrorMetadata.ASKED_HISTORY_ID, asked)
                .with(ErrorMetadata.ACTUAL_HISTORY_ID, actual)
                .withDetail(HistoryChanged.newBuilder()
                        .setAskedHistoryId(asked)
                        .setActualHistoryId(actual)
                        .build())
                .build()
                .toException();
    }

    static StatusRuntimeException notFound(String replicaId) {
        return ErrorStatus.of(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND, "there is no replica " + replicaId)
                .with(ErrorMetadata.SERVER_ID, replicaId)
                .build()
                .toException();
    }

    static StatusRuntimeException namedAsNode(String replicaId) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_MEMBER_EXISTS,
                        "replica " + replicaId + " has the name of a node (expected: a name of its own)")
                .with(ErrorMetadata.SERVER_ID, replicaId)
                .build()
                .toException();
    }

    static StatusRuntimeException superseded(String replicaId, String incarnationId) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_MEMBER_EXISTS,
                        "replica " + replicaId + " was started again since, and incarnation " + incarnationId
                                + " of it is still running: two processes have the same disk, or a copy of it. Stop one.")
                .with(ErrorMetadata.SERVER_ID, replicaId)
                .with(ErrorMetadata.INCARNATION_ID, incarnationId)
                .build()
                .toException();
    }

    static StatusRuntimeException badReport(String replicaId, String problem) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_INVALID_FIELD,
                        "replica " + replicaId + " reports what cannot be: " + problem)
                .with(ErrorMetadata.SERVER_ID, replicaId)
                .withField("heartbeat.serving", problem)
                .build()
                .toException();
    }

    static StatusRuntimeException tooMany(int subscribers, int subscribersMax) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_TOO_LARGE,
                        "subscribers of a report: " + subscribers + " (expected: at most " + subscribersMax + ")")
                .with(ErrorMetadata.WHAT, "subscribers of a report")
                .with(ErrorMetadata.SIZE, subscribers)
                .with(ErrorMetadata.LIMIT, subscribersMax)
                .build()
                .toException();
    }

    static StatusRuntimeException alive(String replicaId, Duration silence, Duration timeout) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_MEMBER_ALIVE,
                        "replica " + replicaId + " was heard of within the last " + timeout.toMillis()
                                + " ms, as far as this leader can say (silent for " + silence.toMillis()
                                + " ms). Stop it first, and try again when it has been silent for so long: a running one only"
                                + " registers again.")
                .with(ErrorMetadata.SERVER_ID, replicaId)
                .with(ErrorMetadata.SILENT_MS, silence.toMillis())
                .with(ErrorMetadata.RETRY_DELAY_MS, timeout.minus(silence).toMillis())
                .withRetryDelay(timeout.minus(silence))
                .build()
                .toException();
    }

    static StatusRuntimeException resumed(String replicaId) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                        "replica " + replicaId + " was resumed while it drained")
                .with(ErrorMetadata.SERVER_ID, replicaId)
                .build()
                .toException();
    }
}
