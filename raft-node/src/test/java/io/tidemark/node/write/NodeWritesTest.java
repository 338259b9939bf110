// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Context;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.consensus.ProposalOutcome;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.Condition;
import io.tidemark.proto.v1.ConditionFailed;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.DropTableResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.IncrementMutation;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.OutcomeUnknown;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PatchResponse;
import io.tidemark.proto.v1.PreviousRow;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WriteOptions;
import io.tidemark.server.forward.Origin;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.validate.SettingsRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeWritesTest {

    /** More than the header of an answer takes. */
    private static final int HEADER_BYTES = 200;

    private static final WriteLimits LIMITS = new WriteLimits(2, 1 << 20, 100, 1 << 20, 1 << 30, 7 << 20, 1);

    @TempDir
    Path directory;

    private SingleNode node;

    @BeforeEach
    void start() {
        node = new SingleNode(directory.resolve("store"), LIMITS, NodeWriteOptions.defaults());
    }

    @AfterEach
    void stop() {
        node.close();
    }

    // Answers.

    @Test
    void aPutAnswersItsIndexTheRowAndWhatWasBefore() {
        PutResponse first = node.writes.put(put("k", "one")).join();
        assertThat(first.getIndex()).isEqualTo(1);
        assertThat(first.getHeader().getReadIndex()).isEqualTo(1);
        assertThat(first.getHeader().hasReadTime()).isTrue();
        assertThat(first.getRow().getVersion()).isEqualTo(1);
        assertThat(first.getRow().hasValue()).isFalse();
        assertThat(first.getRow().getValueOmitted()).isFalse();
        assertThat(first.hasPreviousRow()).isFalse();

        PutResponse second = node.writes
                .put(put("k", "two").toBuilder()
                        .setPreviousRow(PreviousRow.PREVIOUS_ROW_FULL)
                        .setValueForm(ValueForm.VALUE_FORM_TEXT)
                        .build())
                .join();
        assertThat(second.getPreviousRow().getValue().getText()).isEqualTo("one");
        PutResponse third = node.writes
                .put(put("k", "three").toBuilder()
                        .setPreviousRow(PreviousRow.PREVIOUS_ROW_METADATA)
                        .build())
                .join();
        assertThat(third.getPreviousRow().hasValue()).isFalse();
        assertThat(third.getPreviousRow().getValueOmitted()).isFalse();
        assertThat(third.getPreviousRow().getVersion()).isEqualTo(2);
    }

    @Test
    void aFormThatCannotBeGivenBecomesBytes() {
        node.writes.put(put("k", "one")).join();
        DeleteResponse deleted = node.writes
                .delete(DeleteRequest.newBuilder()
                        .setTable("t")
                        .setKey("k")
                        .setPreviousRow(PreviousRow.PREVIOUS_ROW_FULL)
                        .setValueForm(ValueForm.VALUE_FORM_JSON)
                        .build())
                .join();
        assertThat(deleted.getDeletedRows()).isEqualTo(1);
        assertThat(deleted.getPreviousRow().getValue().getBytes()).isEqualTo(bytes("one"));
    }

    @Test
    void aPatchAnswersTheRowUnlessAskedNotTo() {
        PatchRequest request = PatchRequest.newBuilder()
                .setTable("t")
                .setKey("k")
                .setPatch(Value.newBuilder().setText("{\"a\":1}"))
                .setValueForm(ValueForm.VALUE_FORM_TEXT)
                .build();
        PatchResponse full = node.writes.patch(request).join();
        assertThat(full.getRow().getValue().getText()).isEqualTo("{\"a\":1}");
        PatchResponse metadata = node.writes
                .patch(request.toBuilder().setRowView(RowView.ROW_VIEW_METADATA).build())
                .join();
        assertThat(metadata.getRow().hasValue()).isFalse();
        assertThat(metadata.getRow().getValueOmitted()).isFalse();
    }

    @Test
    void aRetryIsAnsweredAsItWasSettled() {
        PutRequest request = put("k", "one").toBuilder()
                .setPreviousRow(PreviousRow.PREVIOUS_ROW_FULL)
                .setWriteOptions(identity("a"))
                .build();
        PutResponse first = node.writes.put(request).join();
        node.writes.put(put("k", "two")).join();
        PutResponse again = node.writes.put(request).join();
        assertThat(again.getReplayed()).isTrue();
        assertThat(again.getIndex()).isEqualTo(first.getIndex());
        assertThat(again.getRow()).isEqualTo(first.getRow());
        assertThat(again.getHeader().getReadIndex()).isEqualTo(first.getIndex());

        CommitRequest commit = commit(put("c", "v"))
                .setRowView(RowView.ROW_VIEW_FULL)
                .setWriteOptions(identity("b"))
                .build();
        assertThat(node.writes
                        .commit(commit)
                        .join()
                        .getResults(0)
                        .getRow()
                        .getValue()
                        .getBytes())
                .isEqualTo(bytes("v"));
        CommitResponse replayed = node.writes.commit(commit).join();
        assertThat(replayed.getReplayed()).isTrue();
        assertThat(replayed.getResults(0).getRow().getValueOmitted()).isTrue();
        assertThat(replayed.getResults(0).getRow().getKey()).isEqualTo("c");
    }

    @Test
    void anIdUsedForAnotherWriteIsRefused() {
        node.writes
                .put(put("k", "one").toBuilder().setWriteOptions(identity("a")).build())
                .join();
        assertThat(reason(node.writes.put(put("k", "two").toBuilder()
                        .setWriteOptions(identity("a"))
                        .build())))
                .isEqualTo(ErrorReason.ERROR_REASON_REQUEST_ID_REUSED);
    }

    @Test
    void aFailedConditionIsAnErrorWithTheRow() {
        node.writes.put(put("k", "one")).join();
        PutRequest request = put("k", "two").toBuilder()
                .setCondition(RowCondition.newBuilder().setExistence(Existence.EXISTENCE_ABSENT))
                .setWriteOptions(identity("a"))
                .build();
        ConditionFailed detail =
                error(node.writes.put(request)).detail(ConditionFailed.class).orElseThrow();
        assertThat(detail.getEvaluatedIndex()).isEqualTo(1);
        assertThat(detail.getHistoryId()).isEqualTo(SingleNode.HISTORY.text());
        assertThat(detail.getFailedConditions(0).getCurrentRow().getValue().getBytes())
                .isEqualTo(bytes("one"));

        node.writes.put(put("k", "x".repeat(2000))).join();
        ConditionFailed replayed =
                error(node.writes.put(request)).detail(ConditionFailed.class).orElseThrow();
        assertThat(replayed.getReplayed()).isTrue();
        assertThat(replayed.getEvaluatedIndex()).isEqualTo(2);
        assertThat(replayed.getFailedConditions(0).getCurrentRow().getVersion()).isEqualTo(2);
        assertThat(replayed.getFailedConditions(0).getCurrentRow().getValueOmitted())
                .isTrue();
    }

    @Test
    void aFailedConditionOfACommitIsAResult() {
        node.writes.put(put("k", "one")).join();
        CommitRequest request = commit(put("z", "z"))
                .addConditions(Condition.newBuilder()
                        .setTable("t")
                        .setKey("k")
                        .setCondition(RowCondition.newBuilder().setVersion(7)))
                .build();
        CommitResponse answer = node.writes.commit(request).join();
        assertThat(answer.getOutcome()).isEqualTo(CommitOutcome.COMMIT_OUTCOME_CONDITION_FAILED);
        assertThat(answer.hasIndex()).isFalse();
        assertThat(answer.getEvaluatedIndex()).isEqualTo(1);
        assertThat(answer.getHeader().getReadIndex()).isEqualTo(1);
        assertThat(answer.getFailedConditions(0).getCurrentRow().getValue().getBytes())
                .isEqualTo(bytes("one"));
    }

    @Test
    void answersStayWithinTheirBytes() {
        restartWith(1000);
        CommitRequest.Builder two =
                commit(put("a", "x".repeat(600)), put("b", "x".repeat(600))).setRowView(RowView.ROW_VIEW_FULL);
        CommitResponse answer = node.writes.commit(two.build()).join();
        assertThat(answer.getResults(0).getRow().getValueOmitted()).isFalse();
        assertThat(answer.getResults(1).getRow().getValueOmitted()).isTrue();

        CommitRequest.Builder many = CommitRequest.newBuilder();
        for (int i = 0; i < 50; i++) {
            many.addMutations(mutation(put("key" + i, "v")));
        }
        assertThat(node.writes.commit(many.build()).join().getResultsCount()).isZero();

        assertThat(reason(() -> node.writes.batchWrite(BatchWriteRequest.newBuilder()
                        .addAllWrites(Collections.nCopies(4, two.build()))
                        .build())))
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
    }

    @Test
    void theAnswersOfABatchShareTheirRoom() {
        restartWith(2000);
        BatchWriteRequest.Builder three = BatchWriteRequest.newBuilder();
        for (String key : List.of("a", "b", "c")) {
            three.addWrites(commit(put(key, "x".repeat(400)), put(key + key, "x".repeat(400)))
                    .setRowView(RowView.ROW_VIEW_FULL));
        }
        BatchWriteResponse committed = node.writes.batchWrite(three.build()).join();
        assertThat(committed.getSerializedSize()).isBetween(1500, 2000 + HEADER_BYTES);
        assertThat(committed.getResults(0).getCommit().getResultsList())
                .hasSize(2)
                .allMatch(result -> result.getRow().hasValue());
        assertThat(committed.getResults(2).getCommit().getResultsList()).isEmpty();
        assertThat(committed.getResults(2).getCommit().getIndex()).isEqualTo(3);

        // What is there already, in three commits that say so.
        BatchWriteRequest.Builder failing = BatchWriteRequest.newBuilder();
        for (int i = 0; i < 3; i++) {
            CommitRequest.Builder commit = commit(put("z", "z"));
            for (String key : List.of("a", "b", "c", "aa", "bb", "cc")) {
                commit.addConditions(Condition.newBuilder()
                        .setTable("t")
                        .setKey(key)
                        .setCondition(RowCondition.newBuilder().setExistence(Existence.EXISTENCE_ABSENT)));
            }
            failing.addWrites(commit);
        }
        BatchWriteResponse failed = node.writes.batchWrite(failing.build()).join();
        assertThat(failed.getSerializedSize()).isBetween(1500, 2000 + HEADER_BYTES);
        assertThat(failed.getResults(0).getCommit().getFailedConditionsList()).hasSize(6);
        assertThat(failed.getResults(2).getCommit().getFailedConditionsList())
                .isNotEmpty()
                .allMatch(condition -> condition.getCurrentRow().getValueOmitted());
    }

    @Test
    void ofConditionsThatFailedThereAreAsManyAsFit() {
        restartWith(1000);
        CommitRequest.Builder many = commit(put("z", "z"));
        for (int i = 0; i < 50; i++) {
            many.addConditions(Condition.newBuilder()
                    .setTable("t")
                    .setKey("k".repeat(100) + i)
                    .setCondition(RowCondition.newBuilder().setVersion(7)));
        }
        for (int i = 0; i < 50; i++) {
            node.writes.put(put("k".repeat(100) + i, "v")).join();
        }
        CommitResponse answer = node.writes.commit(many.build()).join();
        assertThat(answer.getOutcome()).isEqualTo(CommitOutcome.COMMIT_OUTCOME_CONDITION_FAILED);
        assertThat(answer.getSerializedSize()).isBetween(500, 1000 + HEADER_BYTES);
    }

    private void restartWith(long answerBytesMax) {
        NodeWriteOptions defaults = NodeWriteOptions.defaults();
        restartWith(defaults.callsMax(), defaults.callsBytesMax(), answerBytesMax);
    }

    private void restartWith(int callsMax, long callsBytesMax, long answerBytesMax) {
        stop();
        NodeWriteOptions defaults = NodeWriteOptions.defaults();
        node = new SingleNode(
                directory.resolve("small"),
                WriteLimits.defaults(),
                new NodeWriteOptions(
                        defaults.defaultDeadline(),
                        defaults.retryPauseMin(),
                        defaults.retryPauseMax(),
                        defaults.handover(),
                        defaults.overloadedRetry(),
                        defaults.tick(),
                        callsMax,
                        callsBytesMax,
                        3,
                        answerBytesMax));
    }

    @Test
    void tablesAreMadeAndDropped() {
        CreateTableRequest create =
                CreateTableRequest.newBuilder().setTable("things").build();
        CreateTableResponse made = node.writes.createTable(create).join();
        assertThat(made.getHeader().getReadIndex()).isEqualTo(1);
        node.writes.put(put("k", "v")).join();
        CreateTableResponse found = node.writes.createTable(create).join();
        assertThat(found.getHeader().getReadIndex()).isEqualTo(2);
        assertThat(found.getTable()).isEqualTo(made.getTable());
        assertThat(node.tablesDropped).isZero();
        node.time.pass(Duration.ofSeconds(5));
        DropTableResponse dropped = node.writes
                .dropTable(DropTableRequest.newBuilder().setTable("things").build())
                .join();
        assertThat(dropped.getIndex()).isEqualTo(3);
        assertThat(dropped.getDropTime().getSeconds()).isEqualTo(5);
        assertThat(node.tablesDropped).isEqualTo(1);
        assertThat(reason(node.writes.dropTable(
                        DropTableRequest.newBuilder().setTable("none").build())))
                .isEqualTo(ErrorReason.ERROR_REASON_TABLE_NOT_FOUND);
    }

    @Test
    void aRefusalThatIsRememberedSaysSo() {
        node.writes.put(put("n", "no number")).join();
        CommitRequest request =
                increment().toBuilder().setWriteOptions(identity("a")).build();
        ErrorStatus first = error(node.writes.commit(request));
        ErrorStatus again = error(node.writes.commit(request));
        assertThat(first.reason()).isEqualTo(ErrorReason.ERROR_REASON_NOT_A_NUMBER);
        assertThat(first.metadata()).doesNotContainKey(ErrorMetadata.REPLAYED);
        assertThat(again.reason()).isEqualTo(first.reason());
        assertThat(again.metadata()).containsEntry(ErrorMetadata.REPLAYED, "true");
    }

    @Test
    void aFullDiskIsToldWithWhatIsFreeAndNeeded() {
        node.writes.put(put("k", "v")).join();
        node.path.setStoreFull(new SubmitOutcome.StoreFull("the disk of n1 is full", 0, true));
        ErrorStatus error = error(node.writes.put(put("k", "w")));
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_STORE_FULL);
        assertThat(error.metadata()).containsEntry(ErrorMetadata.FREE, "7").containsKey(ErrorMetadata.NEEDED);
        assertThat(Long.parseLong(error.metadata().get(ErrorMetadata.NEEDED))).isPositive();

        node.path.setStoreFull(new SubmitOutcome.StoreFull("the disk of n1 is nearly full", 99, false));
        ErrorStatus nearly = error(node.writes.put(put("k", "w")));
        assertThat(nearly.message()).startsWith("the disk of n1 is nearly full").contains(" 7 ", " 99 ");
        assertThat(nearly.metadata()).containsEntry(ErrorMetadata.NEEDED, "99");
        node.path.setStoreFull(null);
        node.writes.put(put("k", "w")).join();
    }

    // Deadlines.

    @Test
    void oneTimerLooksAtTheEarliestDeadline() throws Exception {
        node.lead(false, null);
        ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor();
        CompletableFuture<PutResponse> late = within(800, "late", deadlines);
        CompletableFuture<PutResponse> early = within(200, "early", deadlines);
        CompletableFuture<PutResponse> between = within(400, "between", deadlines);
        // Each pauses until it tries again, and they share one timer for their deadlines, a tenth before those of their
        // callers.
        assertThat(node.time.pendingCalls()).isEqualTo(4);
        node.time.pass(Duration.ofSeconds(170));
        assertThat(early).isNotDone();
        node.time.pass(Duration.ofSeconds(11));
        assertThat(early).isCompletedExceptionally();
        node.time.pass(Duration.ofSeconds(169));
        assertThat(between).isNotDone();
        node.time.pass(Duration.ofSeconds(11));
        assertThat(between).isCompletedExceptionally();
        assertThat(late).isNotDone();
        node.time.pass(Duration.ofMinutes(6));
        assertThat(late).isCompletedExceptionally();
        assertThat(node.time.pendingCalls()).isZero();
        deadlines.shutdownNow();
    }

    private CompletableFuture<PutResponse> within(int seconds, String key, ScheduledExecutorService deadlines)
            throws Exception {
        Context.CancellableContext context = Context.current().withDeadlineAfter(seconds, TimeUnit.SECONDS, deadlines);
        return context.call(() -> node.writes.put(put(key, "v")));
    }

    // What is refused before the log sees it.

    @Test
    void anotherHistoryIsRefused() {
        PutRequest request = put("k", "v").toBuilder()
                .setWriteOptions(WriteOptions.newBuilder().setHistoryId("fedcba9876543210"))
                .build();
        assertThat(reason(() -> node.writes.put(request))).isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
        assertThat(node.proposed).isEmpty();
    }

    @Test
    void whatIsWrongNeverReachesTheLog() {
        assertThat(reason(node.writes.put(put("", "v")))).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(reason(() -> node.writes.put(put("k", "v").toBuilder()
                        .setWriteOptions(identity("a b"))
                        .build())))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        // Every node would stop at an entry with a field that it does not know.
        UnknownFieldSet unknown = UnknownFieldSet.newBuilder()
                .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        CommitRequest strange = CommitRequest.newBuilder()
                .addMutations(mutation(put("k", "v")).toBuilder().setUnknownFields(unknown))
                .build();
        assertThat(reason(node.writes.commit(strange))).isEqualTo(ErrorReason.ERROR_REASON_UNSUPPORTED);
        assertThat(node.proposed).isEmpty();
        assertThat(node.writes.callsUnderWay()).isZero();
    }

    @Test
    void partsOfABatchDoNotTouchEachOther() {
        BatchWriteResponse answer = node.writes
                .batchWrite(BatchWriteRequest.newBuilder()
                        .addWrites(commit(put("a", "1")))
                        .addWrites(commit(put("", "wrong")))
                        .addWrites(commit(put("b", "2"))
                                .setWriteOptions(WriteOptions.newBuilder().setHistoryId("fedcba9876543210")))
                        .addWrites(commit(put("c", "3")))
                        .build())
                .join();
        assertThat(answer.getResults(0).getCommit().getIndex()).isEqualTo(1);
        assertThat(answer.getResults(0).getCommit().hasHeader()).isFalse();
        assertThat(ErrorStatus.from(answer.getResults(1).getError())
                        .orElseThrow()
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(ErrorStatus.from(answer.getResults(2).getError())
                        .orElseThrow()
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
        assertThat(answer.getResults(3).getCommit().getIndex()).isEqualTo(2);
        assertThat(answer.getHeader().getReadIndex()).isEqualTo(2);
        assertThat(node.proposed).hasSize(1);
    }

    // What is certain, and what is not.

    @Test
    void anUnknownOutcomeIsTriedAgainUnderTheSameId() {
        node.script.add(entry -> {
            node.apply(entry);
            return new ProposalOutcome.Unknown("the node stumbled");
        });
        CompletableFuture<CommitResponse> answer = node.writes.commit(increment());
        assertThat(answer).isNotDone();
        node.time.pass(Duration.ofSeconds(1));
        assertThat(answer.join().getReplayed()).isTrue();
        assertThat(answer.join().getIndex()).isEqualTo(1);
        assertThat(node.store.appliedIndex()).isEqualTo(1);
        assertThat(node.proposed).hasSize(2);
    }

    @Test
    void anOutcomeThatStaysUnknownIsToldWithWhatToSendAgain() {
        node.script.add(entry -> new ProposalOutcome.Unknown("the node stumbled"));
        CompletableFuture<CommitResponse> answer = node.writes.commit(increment());
        node.lead(false, null);
        node.time.pass(Duration.ofSeconds(10));
        ErrorStatus error = error(answer);
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN);
        OutcomeUnknown detail = error.detail(OutcomeUnknown.class).orElseThrow();
        assertThat(detail.getRequestId()).isEqualTo(identityOf(node.proposed.get(0)));
        assertThat(node.writes.callsUnderWay()).isZero();
    }

    @Test
    void withoutALeaderNothingWasWritten() {
        node.lead(false, null);
        CompletableFuture<CommitResponse> answer = node.writes.commit(increment());
        node.time.pass(Duration.ofSeconds(8));
        assertThat(answer).isNotDone();
        node.time.pass(Duration.ofSeconds(2));
        assertThat(reason(answer)).isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        assertThat(node.proposed).isEmpty();
    }

    @Test
    void aNewLeaderIsUsedAtOnce() {
        node.lead(false, null);
        CompletableFuture<CommitResponse> answer = node.writes.commit(increment());
        assertThat(answer).isNotDone();
        node.lead(true, null);
        assertThat(answer).isCompleted();
    }

    @Test
    void aProposalThatNeverEndsIsUnknownAndWhatWaitsBehindItIsNot() {
        node.script.add(entry -> null);
        CompletableFuture<CommitResponse> proposed = node.writes.commit(increment());
        CompletableFuture<CommitResponse> waiting = node.writes.commit(increment());
        node.time.pass(Duration.ofSeconds(10));
        assertThat(reason(proposed)).isEqualTo(ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN);
        assertThat(reason(waiting)).isEqualTo(ErrorReason.ERROR_REASON_DEADLINE_PASSED);
        assertThat(node.proposed).hasSize(1);
        assertThat(node.time.pendingCalls()).isZero();
    }

    @Test
    void aFullQueueIsToldWithAWait() {
        node.script.add(entry -> null);
        for (int i = 0; i < 3; i++) {
            assertThat(node.writes.commit(increment())).isNotDone();
        }
        ErrorStatus error = error(node.writes.commit(increment()));
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
        assertThat(error.retryDelay()).isPresent();
    }

    @Test
    void noMoreCallsWaitForALeaderThanAllowed() {
        restartWith(2, 1 << 20, 1 << 20);
        node.lead(false, null);
        CompletableFuture<CommitResponse> first = node.writes.commit(increment());
        CompletableFuture<CommitResponse> second = node.writes.commit(increment());
        assertThat(reason(() -> node.writes.commit(increment()))).isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
        assertThat(node.writes.callsUnderWay()).isEqualTo(2);
        node.lead(true, null);
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
        assertThat(node.writes.callsUnderWay()).isZero();
        assertThat(node.writes.commit(increment())).isCompleted();
    }

    @Test
    void norMoreBytes() {
        restartWith(100, 5000, 1 << 20);
        node.lead(false, null);
        CompletableFuture<PutResponse> large = node.writes.put(put("k", "x".repeat(3000)));
        assertThat(reason(() -> node.writes.put(put("l", "x".repeat(3000)))))
                .isEqualTo(ErrorReason.ERROR_REASON_OVERLOADED);
        // What was refused takes no room.
        CompletableFuture<PutResponse> small = node.writes.put(put("m", "x".repeat(1000)));
        node.lead(true, null);
        assertThat(large).isCompleted();
        assertThat(small).isCompleted();
        assertThat(node.writes.put(put("l", "x".repeat(3000)))).isCompleted();
    }

    @Test
    void aFullLogAfterAnUnknownAttemptIsNotNothing() {
        node.script.add(entry -> new ProposalOutcome.Unknown("?"));
        for (int i = 0; i < 100; i++) {
            node.script.add(entry -> new ProposalOutcome.Overloaded());
        }
        CompletableFuture<CommitResponse> answer = node.writes.commit(increment());
        node.time.pass(Duration.ofSeconds(10));
        assertThat(reason(answer)).isEqualTo(ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN);
    }

    @Test
    void anIdThatExpiredSinceOurOwnAttemptIsUnknown() {
        stop();
        StoreSettings settings = SettingsRules.defaults().toBuilder()
                .setMinRequestIds(1)
                .setMaxRequestIds(1)
                .build();
        node = new SingleNode(directory.resolve("window"), LIMITS, NodeWriteOptions.defaults(), settings);
        node.writes.put(put("k", "0")).join();
        node.script.add(entry -> {
            node.apply(entry);
            return new ProposalOutcome.Unknown("?");
        });
        CompletableFuture<CommitResponse> answer = node.writes.commit(increment());
        for (int i = 0; i < 4; i++) {
            node.writes.put(put("k", "v" + i)).join();
        }
        node.time.pass(Duration.ofSeconds(1));
        assertThat(reason(answer)).isEqualTo(ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN);

        // A first attempt that comes too late is told so.
        assertThat(reason(node.writes.put(put("k", "late").toBuilder()
                        .setWriteOptions(
                                WriteOptions.newBuilder().setRequestId("z").setFirstSentIndex(0))
                        .build())))
                .isEqualTo(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED);
    }

    @Test
    void whatCameTooFarIsNotPassedOn() throws Exception {
        node.lead(false, new Leadership.Leader("n2", "127.0.0.1:1"));
        CompletableFuture<CommitResponse> answer =
                new Origin(2, "r1,n3", null).in(Context.current()).call(() -> node.writes.commit(increment()));
        assertThat(reason(answer)).isEqualTo(ErrorReason.ERROR_REASON_TOO_MANY_HOPS);
    }

    @Test
    void aCallerThatIsGoneIsNotTriedFor() {
        node.lead(false, null);
        Context.CancellableContext context = Context.current().withCancellation();
        CompletableFuture<CommitResponse> answer = inContext(context);
        context.cancel(null);
        node.time.pass(Duration.ofSeconds(1));
        assertThat(answer).isCompletedExceptionally();
        assertThat(node.writes.callsUnderWay()).isZero();
    }

    private CompletableFuture<CommitResponse> inContext(Context context) {
        Context before = context.attach();
        try {
            return node.writes.commit(increment());
        } finally {
            context.detach(before);
        }
    }

    private static String identityOf(Entry entry) {
        return entry.getCommands(0).getWrite().getIdentity().getRequestId();
    }

    private static ErrorReason reason(CompletableFuture<?> answer) {
        return error(answer).reason();
    }

    private static ErrorReason reason(ThrowingCallable call) {
        try {
            call.call();
        } catch (Throwable e) {
            return ErrorStatus.from(e).orElseThrow().reason();
        }
        throw new AssertionError("nothing was refused");
    }

    private static ErrorStatus error(CompletableFuture<?> answer) {
        assertThat(answer).isCompletedExceptionally();
        try {
            answer.join();
        } catch (CompletionException e) {
            return ErrorStatus.from(Objects.requireNonNull(e.getCause())).orElseThrow();
        }
        throw new AssertionError("no error");
    }

    private static WriteOptions.Builder identity(String requestId) {
        return WriteOptions.newBuilder().setRequestId(requestId).setFirstSentIndex(0);
    }

    private static PutRequest put(String key, String value) {
        return PutRequest.newBuilder()
                .setTable("t")
                .setKey(key)
                .setValue(Value.newBuilder().setBytes(bytes(value)))
                .build();
    }

    private static Mutation mutation(PutRequest put) {
        return Mutation.newBuilder()
                .setTable(put.getTable())
                .setPut(PutMutation.newBuilder().setKey(put.getKey()).setValue(put.getValue()))
                .build();
    }

    private static CommitRequest.Builder commit(PutRequest... puts) {
        CommitRequest.Builder commit = CommitRequest.newBuilder();
        for (PutRequest put : puts) {
            commit.addMutations(mutation(put));
        }
        return commit;
    }

    private static CommitRequest increment() {
        return CommitRequest.newBuilder()
                .addMutations(Mutation.newBuilder()
                        .setTable("t")
                        .setIncrement(IncrementMutation.newBuilder().setKey("n").setDelta(1)))
                .build();
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFromUtf8(text);
    }
}
