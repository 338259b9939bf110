// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.IncrementMutation;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.MutationResult;
import io.tidemark.proto.v1.OutcomeUnknown;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.WriteOptions;
import io.tidemark.server.forward.Origin;
import io.tidemark.server.forward.Origins;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node makes of what the leader says, and of its silence. */
class ForwardedWritesTest {

    private static final CommitResponse COMMITTED = CommitResponse.newBuilder()
            .setHeader(ResponseHeader.newBuilder().setServedBy("n2"))
            .setOutcome(CommitOutcome.COMMIT_OUTCOME_COMMITTED)
            .setIndex(7)
            .build();

    private static final CommitResponse LARGE = CommitResponse.newBuilder()
            .setOutcome(CommitOutcome.COMMIT_OUTCOME_COMMITTED)
            .setIndex(7)
            .addResults(MutationResult.newBuilder()
                    .setRow(Row.newBuilder()
                            .setKey("n")
                            .setValue(Value.newBuilder().setBytes(ByteString.copyFrom(new byte[1 << 20])))))
            .build();

    @TempDir
    Path directory;

    private SingleNode node;
    private Server leader;
    private Leadership.Leader address;
    private final Queue<Consumer<StreamObserver<CommitResponse>>> script = new ConcurrentLinkedQueue<>();
    private final Queue<CommitRequest> received = new ConcurrentLinkedQueue<>();
    private final Queue<Origin> origins = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() throws Exception {
        KeyValueGrpc.KeyValueImplBase service = new KeyValueGrpc.KeyValueImplBase() {
            @Override
            public void commit(CommitRequest request, StreamObserver<CommitResponse> answer) {
                received.add(request);
                origins.add(Origin.current());
                Consumer<StreamObserver<CommitResponse>> behaviour = script.poll();
                Objects.requireNonNull(behaviour, "not expected: a call").accept(answer);
            }

            @Override
            public void batchWrite(BatchWriteRequest request, StreamObserver<BatchWriteResponse> answer) {
                BatchWriteResponse.Builder response = BatchWriteResponse.newBuilder()
                        .setHeader(ResponseHeader.newBuilder().setServedBy("n2"));
                response.addResultsBuilder().setCommit(COMMITTED.toBuilder().clearHeader());
                response.addResultsBuilder()
                        .setError(error(ErrorReason.ERROR_REASON_NOT_A_NUMBER).toProto());
                if (request.getWrites(0).getRowView() == RowView.ROW_VIEW_FULL) {
                    response.clearResults();
                    request.getWritesList()
                            .forEach(write -> response.addResultsBuilder().setCommit(LARGE));
                }
                for (int i = response.getResultsCount(); i < request.getWritesCount(); i++) {
                    response.addResultsBuilder().setCommit(COMMITTED.toBuilder().setIndex(9));
                }
                answer.onNext(response.build());
                answer.onCompleted();
            }
        };
        leader = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .directExecutor()
                .addService(ServerInterceptors.intercept(service, new Origins()))
                .build()
                .start();
        address = new Leadership.Leader("n2", "127.0.0.1:" + leader.getPort());
        node = new SingleNode(directory, WriteLimits.defaults(), NodeWriteOptions.defaults());
        node.lead(false, address);
    }

    @AfterEach
    void stop() throws Exception {
        node.close();
        leader.shutdownNow();
        assertThat(leader.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aWriteIsPassedOnWholeWithAnIdentity() {
        script.add(ForwardedWritesTest::answer);
        assertThat(outcome(node.writes.commit(increment()))).isEqualTo(COMMITTED);
        CommitRequest passed = received.remove();
        assertThat(passed.getMutationsList()).isEqualTo(increment().getMutationsList());
        assertThat(passed.getWriteOptions().getRequestId()).isNotEmpty();
        assertThat(passed.getWriteOptions().hasFirstSentIndex()).isTrue();
        assertThat(passed.getWriteOptions().getHistoryId()).isEqualTo(SingleNode.HISTORY.text());
        assertThat(origins.remove()).isEqualTo(new Origin(1, "n1", null));
    }

    @Test
    void whatMayBeLostIsSentAgainAsItWas() {
        script.add(ForwardedWritesTest::breaks);
        script.add(fails(ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN));
        script.add(fails(ErrorReason.ERROR_REASON_NOT_LEADER));
        script.add(fails(ErrorReason.ERROR_REASON_OVERLOADED));
        script.add(ForwardedWritesTest::answer);
        assertThat(outcome(node.writes.commit(increment()))).isEqualTo(COMMITTED);
        assertThat(received).hasSize(5);
        assertThat(received.stream().distinct()).hasSize(1);
    }

    @Test
    void whatIsCertainPassesUnchanged() {
        for (ErrorReason reason : List.of(
                ErrorReason.ERROR_REASON_OVERLOADED,
                ErrorReason.ERROR_REASON_STORE_FULL,
                ErrorReason.ERROR_REASON_DEADLINE_PASSED,
                ErrorReason.ERROR_REASON_INVALID_FIELD,
                ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED,
                ErrorReason.ERROR_REASON_INTERNAL)) {
            script.add(fails(reason));
            assertThat(failure(node.writes.commit(increment())).toProto())
                    .isEqualTo(error(reason).toProto());
        }
    }

    @Test
    void anIndexThatThisNodeChoseTooOldIsReplaced() {
        script.add(answer -> answer.onError(expired(40).toException()));
        script.add(ForwardedWritesTest::answer);
        assertThat(outcome(node.writes.commit(increment()))).isEqualTo(COMMITTED);
        CommitRequest first = received.remove();
        CommitRequest second = received.remove();
        assertThat(first.getWriteOptions().getFirstSentIndex()).isZero();
        assertThat(second.getWriteOptions())
                .isEqualTo(first.getWriteOptions().toBuilder()
                        .setFirstSentIndex(40)
                        .build());

        // What may have been sent before, by whoever chose the id, is not.
        script.add(answer -> answer.onError(expired(40).toException()));
        assertThat(failure(node.writes.commit(increment().toBuilder()
                                .setWriteOptions(WriteOptions.newBuilder().setRequestId("a"))
                                .build()))
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED);
        // Nor is an attempt that may have been done.
        script.add(ForwardedWritesTest::breaks);
        script.add(answer -> answer.onError(expired(40).toException()));
        assertThat(failure(node.writes.commit(increment())).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN);
    }

    private static ErrorStatus expired(long floor) {
        return ErrorStatus.of(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED, "as scripted")
                .withDetail(
                        OutcomeUnknown.newBuilder().setWindowFloorIndex(floor).build())
                .build();
    }

    @Test
    void afterALostAttemptOnlyARememberedOutcomeIsCertain() {
        for (ErrorReason reason : List.of(
                ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED,
                ErrorReason.ERROR_REASON_DEADLINE_PASSED,
                ErrorReason.ERROR_REASON_HISTORY_CHANGED,
                ErrorReason.ERROR_REASON_PERMISSION_DENIED)) {
            script.add(ForwardedWritesTest::breaks);
            script.add(fails(reason));
            assertThat(failure(node.writes.commit(increment())).reason())
                    .isEqualTo(ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN);
        }
        script.add(ForwardedWritesTest::breaks);
        script.add(fails(ErrorReason.ERROR_REASON_CONDITION_FAILED));
        assertThat(failure(node.writes.commit(increment())).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_CONDITION_FAILED);
    }

    @Test
    void aSilentLeaderIsLeftForANewOne() {
        script.add(answer -> {});
        CompletableFuture<CommitResponse> answer = node.writes.commit(increment());
        await(() -> received.size() == 1);
        node.time.pass(Duration.ofSeconds(1));
        assertThat(answer).isNotDone();
        // This node itself is the new one; it has not seen the write, and so carries it out.
        node.lead(true, null);
        assertThat(outcome(answer).getHeader().getServedBy()).isEqualTo("n1");
        assertThat(node.store.appliedIndex()).isEqualTo(1);
    }

    @Test
    void aSilentLeaderLeavesTheOutcomeUnknown() {
        script.add(answer -> {});
        CompletableFuture<CommitResponse> answer = node.writes.commit(increment());
        await(() -> received.size() == 1);
        node.time.pass(Duration.ofSeconds(10));
        assertThat(failure(answer).reason()).isEqualTo(ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN);
    }

    @Test
    void aLeaderThatNobodyReachesWroteNothing() throws Exception {
        leader.shutdownNow();
        assertThat(leader.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        ErrorStatus error = failure(node.writes.commit(increment()));
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        assertThat(error.message()).contains("n2").contains("cannot be reached");
    }

    @Test
    void aBatchIsPassedOnAsOne() {
        BatchWriteResponse answer = outcome(node.writes.batchWrite(BatchWriteRequest.newBuilder()
                .addWrites(increment())
                .addWrites(increment())
                .addWrites(increment())
                .build()));
        assertThat(answer.getResults(0).getCommit().getIndex()).isEqualTo(7);
        assertThat(answer.getResults(1).getError())
                .isEqualTo(error(ErrorReason.ERROR_REASON_NOT_A_NUMBER).toProto());
        assertThat(answer.getHeader().getReadIndex()).isEqualTo(9);
        assertThat(answer.getHeader().getServedBy()).isEqualTo("n2");
    }

    @Test
    void whatAnotherServerAnswersFindsNoMoreRoomEither() {
        CommitRequest asking =
                increment().toBuilder().setRowView(RowView.ROW_VIEW_FULL).build();
        BatchWriteResponse answer = outcome(node.writes.batchWrite(BatchWriteRequest.newBuilder()
                .addAllWrites(Collections.nCopies(6, asking))
                .build()));
        assertThat(answer.getResultsList().stream()
                        .map(result -> result.getCommit().getResults(0).getRow().getValueOmitted()))
                .containsExactly(false, false, false, true, true, true);
        assertThat(answer.getResults(5).getCommit().getIndex()).isEqualTo(7);
    }

    private static CommitRequest increment() {
        return CommitRequest.newBuilder()
                .addMutations(Mutation.newBuilder()
                        .setTable("t")
                        .setIncrement(IncrementMutation.newBuilder().setKey("n").setDelta(1)))
                .build();
    }

    private static void answer(StreamObserver<CommitResponse> answer) {
        answer.onNext(COMMITTED);
        answer.onCompleted();
    }

    private static void breaks(StreamObserver<CommitResponse> answer) {
        answer.onError(Status.UNAVAILABLE.asRuntimeException());
    }

    private static Consumer<StreamObserver<CommitResponse>> fails(ErrorReason reason) {
        return answer -> answer.onError(error(reason).toException());
    }

    private static ErrorStatus error(ErrorReason reason) {
        return ErrorStatus.of(reason, "as scripted").build();
    }

    private <A> A outcome(CompletableFuture<A> answer) {
        await(answer::isDone);
        return answer.join();
    }

    private ErrorStatus failure(CompletableFuture<?> answer) {
        await(answer::isDone);
        try {
            answer.join();
        } catch (CompletionException e) {
            return ErrorStatus.from(Objects.requireNonNull(e.getCause())).orElseThrow();
        }
        throw new AssertionError("no error");
    }

    /** Time passes slowly, while the network does its work. */
    private void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(end);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            node.time.pass(Duration.ofMillis(5));
        }
    }
}
