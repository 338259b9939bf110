// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Verdict;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.BatchWriteResult;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Limits;
import java.util.List;

/** Writes on their way to the leader, or to whoever passes them on. Each keeps its own request id, outcome and index. */
final class WriteGathering extends Gathering<CommitResponse, WriteMember> {

    /** A write takes a while to become durable, and the leader puts what waits there into one entry: it is kept supplied. */
    private static final int UNDER_WAY_ENOUGH = 3;

    /** What a request holds beside its writes. */
    private static final int BYTES_BESIDE = 1024;

    WriteGathering(Parts parts, Server server, Limits limits) {
        super(parts, server, UNDER_WAY_ENOUGH, limits.getMaxBatchWrites(), limits.getMaxRequestBytes() - BYTES_BESIDE);
    }

    @Override
    Carriage<?, ?> carriage(List<WriteMember> members) {
        return members.size() == 1 ? new Lone(members) : new Batch(members);
    }

    @Override
    void send(Carriage<?, ?> made, List<WriteMember> members, long nowNanos, long deadlineNanos) {
        if (made instanceof Lone lone) {
            lone.begin(lone.member().request, nowNanos, deadlineNanos, true, 1);
        } else if (made instanceof Batch batch) {
            BatchWriteRequest.Builder request = BatchWriteRequest.newBuilder();
            members.forEach(member -> request.addWrites(member.request));
            batch.begin(request.build(), nowNanos, deadlineNanos, true, members.size());
        }
    }

    @Override
    void took(long nanos, long nowNanos) {
        server().sampled(nanos, nowNanos);
    }

    /** An outcome that we do not know leaves the write open. */
    private static boolean isSettled(CommitResponse commit) {
        return commit.getOutcome() == CommitOutcome.COMMIT_OUTCOME_COMMITTED
                || commit.getOutcome() == CommitOutcome.COMMIT_OUTCOME_CONDITION_FAILED;
    }

    private static void handOut(WriteMember member, CommitResponse commit) {
        if (isSettled(commit)) {
            member.answered(commit);
        } else {
            member.failed(AttemptFailure.senseless("the server does not say how the write ended"));
        }
    }

    private final class Lone extends Message<CommitRequest, CommitResponse> {

        Lone(List<WriteMember> lone) {
            super(KeyValueGrpc.getCommitMethod(), lone);
        }

        WriteMember member() {
            return members.get(0);
        }

        @Override
        void handOut(CommitResponse message) {
            parts.budget.answered(1);
            WriteGathering.handOut(member(), message);
        }

        @Override
        void handOut(AttemptFailure failure) {
            member().failed(failure);
        }
    }

    private final class Batch extends Message<BatchWriteRequest, BatchWriteResponse> {

        Batch(List<WriteMember> members) {
            super(KeyValueGrpc.getBatchWriteMethod(), members);
        }

        @Override
        void handOut(BatchWriteResponse message) {
            parts.budget.answered(members.size());
            for (int i = 0; i < members.size(); i++) {
                handOut(
                        members.get(i),
                        i < message.getResultsCount() ? message.getResults(i) : BatchWriteResult.getDefaultInstance(),
                        message);
            }
        }

        private void handOut(WriteMember member, BatchWriteResult result, BatchWriteResponse message) {
            switch (result.getResultCase()) {
                case COMMIT ->
                    WriteGathering.handOut(
                            member,
                            result.getCommit().toBuilder()
                                    .setHeader(message.getHeader())
                                    .build());
                case ERROR -> {
                    AttemptFailure failure = AttemptFailure.of(result.getError());
                    // The message was answered: however many of its writes failed, that is no failure of the server's.
                    parts.learnLeader(failure, server());
                    member.failed(failure);
                }
                case RESULT_NOT_SET ->
                    member.failed(AttemptFailure.senseless("the server does not say how the write ended"));
            }
        }

        @Override
        void handOut(AttemptFailure failure) {
            // What is wrong with one must not be the others' failure.
            boolean apart = failure.error() != null && !failure.leavesOpen() && failure.verdict() == Verdict.FINAL;
            for (WriteMember member : members) {
                if (apart) {
                    sendAlone(member);
                } else {
                    member.failed(failure);
                }
            }
        }
    }
}
