// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ErrorReason;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Why a change of the members, or of the leader, was not made. */
public final class ChangeErrors {

    private ChangeErrors() {}

    static StatusRuntimeException underWay(String what, @Nullable String other) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                        what + ": another change is under way" + (other == null ? "" : ", " + other)
                                + ". Try again when it has ended.")
                .with(ErrorMetadata.OPERATION, what)
                .with(ErrorMetadata.UNDER_WAY, other == null ? "" : other)
                .toException();
    }

    static StatusRuntimeException refused(String what, String reason) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                        what + " was refused, and nothing was changed: " + reason)
                .with(ErrorMetadata.OPERATION, what)
                .with(ErrorMetadata.CAUSE, reason)
                .toException();
    }

    static StatusRuntimeException unknown(String what, ChangeOutcome outcome) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN,
                        what + ": it is not known how it ended (" + outcome
                                + "). Look at the topology before trying again.")
                .with(ErrorMetadata.OPERATION, what)
                .with(ErrorMetadata.CAUSE, outcome)
                .toException();
    }

    static StatusRuntimeException notLeader(String what, String selfId) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_NOT_LEADER,
                        what + ": node " + selfId + " does not lead. Ask the leader.")
                .with(ErrorMetadata.OPERATION, what)
                .with(ErrorMetadata.SERVED_BY, selfId)
                .toException();
    }

    /** A node cannot take part in the vote on its own going. */
    public static StatusRuntimeException isTheLeader(String nodeId) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_WOULD_LOSE_MAJORITY,
                        "node " + nodeId
                                + " leads, and cannot see its own removal through. Transfer the leadership first.")
                .with(ErrorMetadata.NODE_ID, nodeId)
                .toException();
    }

    static StatusRuntimeException isAlone(String selfId) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_WOULD_LOSE_MAJORITY,
                        "node " + selfId + " is the only one that votes, so there is none to lead in its place. Add one"
                                + " first.")
                .with(ErrorMetadata.NODE_ID, selfId)
                .toException();
    }

    static StatusRuntimeException nobodyAnswers(List<Member> candidates) {
        String ids = candidates.stream().map(Member::id).sorted().collect(Collectors.joining(", "));
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_STOPPING,
                        "leadership was not handed over: " + ids + (candidates.size() == 1 ? " does" : " do")
                                + " not answer. Start what is down, or name a node that runs.")
                .with(ErrorMetadata.NODE_ID, ids)
                .toException();
    }

    static StatusRuntimeException noSuchNode(String nodeId) {
        return ErrorStatus.of(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND, "there is no node " + nodeId + " that votes")
                .with(ErrorMetadata.SERVER_ID, nodeId)
                .toException();
    }

    static StatusRuntimeException exists(Member added, Member there) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_MEMBER_EXISTS,
                        "node " + added.id() + " cannot be added: there is " + there.id() + " with raft address "
                                + there.raftAddress() + " and internal address " + there.internalAddress()
                                + " already. Give a new id and free addresses.")
                .with(ErrorMetadata.NODE_ID, added.id())
                .with(ErrorMetadata.ACTUAL_NODE_ID, there.id())
                .with(ErrorMetadata.RAFT_ADDRESS, there.raftAddress())
                .with(ErrorMetadata.INTERNAL_ADDRESS, there.internalAddress())
                .toException();
    }

    static StatusRuntimeException isReplica(Member added) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_MEMBER_EXISTS,
                        "node " + added.id() + " cannot be added: a replica is registered by this id. Give a new id, or"
                                + " remove the replica first.")
                .with(ErrorMetadata.NODE_ID, added.id())
                .with(ErrorMetadata.SERVER_ID, added.id())
                .toException();
    }

    static StatusRuntimeException silent(Member added, String cause) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_INVALID_FIELD,
                        "node " + added.id() + " does not answer at " + added.internalAddress() + " (" + cause
                                + "). Start it first, to join.")
                .with(ErrorMetadata.NODE_ID, added.id())
                .with(ErrorMetadata.INTERNAL_ADDRESS, added.internalAddress())
                .with(ErrorMetadata.CAUSE, cause)
                .toException();
    }

    static StatusRuntimeException another(Member added, String actual) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_INVALID_FIELD,
                        "the server at " + added.internalAddress() + " is " + actual + ", not " + added.id()
                                + ". Give the new node's own id and addresses.")
                .with(ErrorMetadata.NODE_ID, added.id())
                .with(ErrorMetadata.INTERNAL_ADDRESS, added.internalAddress())
                .with(ErrorMetadata.ACTUAL_NODE_ID, actual)
                .toException();
    }

    static StatusRuntimeException ofAnotherHistory(Member added, String history, String ours) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_CLUSTER_MISMATCH,
                        "node " + added.id() + " at " + added.internalAddress() + " has a store of history " + history
                                + ", and this cluster's is " + ours + ". Start it with an empty directory, to join.")
                .with(ErrorMetadata.NODE_ID, added.id())
                .with(ErrorMetadata.INTERNAL_ADDRESS, added.internalAddress())
                .with(ErrorMetadata.ASKED_HISTORY_ID, ours)
                .with(ErrorMetadata.ACTUAL_HISTORY_ID, history)
                .toException();
    }

    static StatusRuntimeException wouldLoseMajority(String what, int nodes, long working, int needed) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_WOULD_LOSE_MAJORITY,
                        what + " would leave " + nodes + " nodes of which " + working + " work, and " + needed
                                + " must. Bring nodes back, or replace dead ones, first.")
                .with(ErrorMetadata.OPERATION, what)
                .with(ErrorMetadata.NODES, nodes)
                .with(ErrorMetadata.WORKING, working)
                .with(ErrorMetadata.NEEDED, needed)
                .toException();
    }

    /** Another node was to lead, and does not. */
    static StatusRuntimeException notTransferred(String to, ChangeOutcome outcome) {
        ErrorReason reason = outcome instanceof ChangeOutcome.Unknown
                ? ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN
                : ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS;
        return ErrorStatus.of(
                        reason,
                        "leadership was not handed over to " + to + ": " + outcome
                                + ". Look at the topology before trying again.")
                .with(ErrorMetadata.NODE_ID, to)
                .with(ErrorMetadata.CAUSE, outcome)
                .toException();
    }
}
