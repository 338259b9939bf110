// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.Condition;
import io.tidemark.proto.v1.ConditionFailed;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.DropTableResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FailedCondition;
import io.tidemark.proto.v1.MutationResult;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PatchResponse;
import io.tidemark.proto.v1.PreviousRow;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.store.LogTime;
import io.tidemark.store.Refusal;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.RecordedMutation;
import io.tidemark.store.proto.v1.RecordedPair;
import io.tidemark.store.proto.v1.RecordedRefusal;
import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import io.tidemark.store.transition.MutationOutcome;
import io.tidemark.store.transition.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the callers of writes are answered, from what the transition function said. An outcome that was remembered is answered as it
 * was then, without values; a condition that failed then, with the row as it is now.
 */
final class Answers {

    /** Errors travel in a trailer, which must stay small. */
    private static final int ERROR_VALUE_BYTES_MAX = 1 << 10;

    /** What a result takes in a batch, beside its rows. */
    private static final int RESULT_BYTES = 64;

    private final ValueForms forms;
    private final AnswerHeaders headers;
    private final long answerBytesMax;

    Answers(ValueForms forms, AnswerHeaders headers, long answerBytesMax) {
        this.forms = forms;
        this.headers = headers;
        this.answerBytesMax = answerBytesMax;
    }

    /** For the answers to a call of so many writes. */
    Room room(int writes) {
        return new Room(answerBytesMax - (writes - 1L) * RESULT_BYTES);
    }

    /** Where and when something was settled. */
    private record Settled(long index, LogTime time) {}

    // One row.

    PutResponse put(Store store, PutRequest request, Judged judged, Room room) {
        Done done = done(store, judged, request.getTable(), request.getKey(), request.getValueForm());
        PutResponse.Builder answer = PutResponse.newBuilder()
                .setHeader(headers.of(store, done.at().index(), done.at().time()))
                .setIndex(done.at().index())
                .setReplayed(done.isReplayed());
        if (done.row() != null) {
            answer.setRow(Rows.withoutValue(request.getTable(), request.getKey(), done.row()));
        }
        Row previous = previous(
                done,
                request.getPreviousRow(),
                request.getTable(),
                request.getKey(),
                rows(request.getValueForm(), room));
        if (previous != null) {
            answer.setPreviousRow(previous);
        }
        return answer.build();
    }

    DeleteResponse delete(Store store, DeleteRequest request, Judged judged, Room room) {
        Done done = done(store, judged, request.getTable(), request.getKey(), request.getValueForm());
        DeleteResponse.Builder answer = DeleteResponse.newBuilder()
                .setHeader(headers.of(store, done.at().index(), done.at().time()))
                .setIndex(done.at().index())
                .setDeletedRows(done.deletedRows())
                .setReplayed(done.isReplayed());
        Row previous = previous(
                done,
                request.getPreviousRow(),
                request.getTable(),
                request.getKey(),
                rows(request.getValueForm(), room));
        if (previous != null) {
            answer.setPreviousRow(previous);
        }
        return answer.build();
    }

    PatchResponse patch(Store store, PatchRequest request, Judged judged, Room room) {
        Done done = done(store, judged, request.getTable(), request.getKey(), request.getValueForm());
        PatchResponse.Builder answer = PatchResponse.newBuilder()
                .setHeader(headers.of(store, done.at().index(), done.at().time()))
                .setIndex(done.at().index())
                .setReplayed(done.isReplayed());
        if (done.row() != null) {
            answer.setRow(shown(
                    rows(request.getValueForm(), room),
                    request.getTable(),
                    request.getKey(),
                    done.row(),
                    request.getRowView() != RowView.ROW_VIEW_METADATA,
                    !done.isReplayed()));
        }
        return answer.build();
    }

    /** What a write of one row did, now or when it was settled. */
    private record Done(
            Settled at,
            boolean isReplayed,
            @Nullable StoredRow row,
            long deletedRows,
            @Nullable StoredRow previousRow,
            boolean previousValueOmitted) {}

    private Done done(Store store, Judged judged, String table, String key, ValueForm form) {
        Outcome outcome = judged.outcome();
        if (outcome instanceof Outcome.Committed committed) {
            MutationOutcome result = committed.results().get(0);
            return new Done(
                    new Settled(committed.index(), committed.logTime()),
                    false,
                    result.row(),
                    result.deletedRows(),
                    result.previousRow(),
                    result.previousValueOmitted());
        }
        if (outcome instanceof Outcome.ConditionsFailed failed) {
            Outcome.FailedRow row = failed.failed().get(0);
            throw conditionFailed(store, judged.index(), false, table, key, row.row(), !row.valueOmitted(), form);
        }
        if (outcome instanceof Outcome.Replayed replayed) {
            RequestRecord record = replayed.settled();
            if (record.hasCommitted()) {
                RecordedMutation result = record.getCommitted().getResults(0);
                return new Done(settled(record), true, row(record, result), result.getDeletedRows(), null, false);
            }
            if (record.hasConditionFailed()) {
                try (StoreView view = store.view()) {
                    StoredRow row = view.get(new RowName(table, key));
                    throw conditionFailed(store, view.index(), true, table, key, row, true, form);
                }
            }
        }
        throw refused(store, outcome);
    }

    private static @Nullable Row previous(Done done, PreviousRow asked, String table, String key, Rows rows) {
        StoredRow row = done.previousRow();
        if (row == null || (asked != PreviousRow.PREVIOUS_ROW_FULL && asked != PreviousRow.PREVIOUS_ROW_METADATA)) {
            return null;
        }
        return shown(rows, table, key, row, asked == PreviousRow.PREVIOUS_ROW_FULL, !done.previousValueOmitted());
    }

    private RuntimeException conditionFailed(
            Store store,
            long evaluatedIndex,
            boolean isReplayed,
            String table,
            String key,
            @Nullable StoredRow row,
            boolean valueIsHere,
            ValueForm form) {
        FailedCondition.Builder failed = FailedCondition.newBuilder();
        if (row != null) {
            failed.setCurrentRow(rows(form, new Room(ERROR_VALUE_BYTES_MAX + Rows.ITEM_BYTES))
                    .withValue(table, key, row, valueIsHere));
        }
        // Without the key, which can be as large as a trailer may be, and is in the row.
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_CONDITION_FAILED,
                        "the condition on a row of table " + table + " did not hold, as of index " + evaluatedIndex)
                .with(ErrorMetadata.TABLE, table)
                .with(ErrorMetadata.EVALUATED_INDEX, evaluatedIndex)
                .with(ErrorMetadata.HISTORY_ID, store.history())
                .withDetail(ConditionFailed.newBuilder()
                        .addFailedConditions(failed)
                        .setHistoryId(store.history().text())
                        .setEvaluatedIndex(evaluatedIndex)
                        .setReplayed(isReplayed)
                        .build())
                .toException();
    }

    // Commits.

    CommitResponse commit(Store store, CommitRequest request, Judged judged, Room room) {
        Outcome outcome = judged.outcome();
        if (outcome instanceof Outcome.Committed committed) {
            return committed(store, new Settled(committed.index(), committed.logTime()), false)
                    .addAllResults(results(request, committed.results(), true, room))
                    .build();
        }
        if (outcome instanceof Outcome.ConditionsFailed failed) {
            return conditionsFailed(store, request, failed.failed(), judged.index(), false, room);
        }
        if (outcome instanceof Outcome.Replayed replayed) {
            RequestRecord record = replayed.settled();
            if (record.hasCommitted()) {
                return committed(store, settled(record), true)
                        .addAllResults(results(request, recorded(record), false, room))
                        .build();
            }
            if (record.hasConditionFailed()) {
                try (StoreView view = store.view()) {
                    List<Outcome.FailedRow> failed = new ArrayList<>();
                    long left = room.left();
                    for (int i : record.getConditionFailed().getFailedConditionsList()) {
                        StoredRow row = view.get(new RowName(
                                request.getConditions(i).getTable(),
                                request.getConditions(i).getKey()));
                        long bytes = row == null ? 0 : row.value().size();
                        boolean omitted = bytes > left;
                        failed.add(
                                new Outcome.FailedRow(i, row == null || !omitted ? row : row.withoutValue(), omitted));
                        left -= omitted ? 0 : bytes;
                    }
                    return conditionsFailed(store, request, failed, view.index(), true, room);
                }
            }
        }
        throw refused(store, outcome);
    }

    private CommitResponse.Builder committed(Store store, Settled at, boolean isReplayed) {
        return CommitResponse.newBuilder()
                .setHeader(headers.of(store, at.index(), at.time()))
                .setOutcome(CommitOutcome.COMMIT_OUTCOME_COMMITTED)
                .setIndex(at.index())
                .setReplayed(isReplayed);
    }

    private List<MutationResult> results(
            CommitRequest request, List<MutationOutcome> outcomes, boolean valuesAreHere, Room room) {
        boolean full = request.getRowView() == RowView.ROW_VIEW_FULL;
        List<MutationResult> results = new ArrayList<>(outcomes.size());
        long bytes = 0;
        for (int i = 0; i < outcomes.size(); i++) {
            MutationOutcome outcome = outcomes.get(i);
            MutationResult.Builder result = MutationResult.newBuilder()
                    .setDeletedRows(outcome.deletedRows())
                    .setRemainder(outcome.remainder());
            StoredRow row = outcome.row();
            if (row != null) {
                result.setRow(Rows.withoutValue(request.getMutations(i).getTable(), outcome.key(), row));
            }
            results.add(result.build());
            bytes += results.get(i).getSerializedSize() + Rows.ITEM_BYTES;
        }
        if (!room.take(bytes)) {
            return List.of();
        }
        if (full) {
            Rows rows = rows(request.getValueForm(), room);
            for (int i = 0; i < outcomes.size(); i++) {
                MutationOutcome outcome = outcomes.get(i);
                StoredRow row = outcome.row();
                if (row != null) {
                    Row shown = rows.withValue(request.getMutations(i).getTable(), outcome.key(), row, valuesAreHere);
                    results.set(i, results.get(i).toBuilder().setRow(shown).build());
                }
            }
        }
        return results;
    }

    private CommitResponse conditionsFailed(
            Store store,
            CommitRequest request,
            List<Outcome.FailedRow> failed,
            long evaluatedIndex,
            boolean isReplayed,
            Room room) {
        return CommitResponse.newBuilder()
                .setHeader(headers.of(store, evaluatedIndex, null))
                .setOutcome(CommitOutcome.COMMIT_OUTCOME_CONDITION_FAILED)
                .setEvaluatedIndex(evaluatedIndex)
                .setReplayed(isReplayed)
                .addAllFailedConditions(failedConditions(request, failed, room))
                .build();
    }

    /** Without values at first, so that these leave out no condition. */
    private List<FailedCondition> failedConditions(CommitRequest request, List<Outcome.FailedRow> failed, Room room) {
        List<FailedCondition> conditions = new ArrayList<>(failed.size());
        for (Outcome.FailedRow row : failed) {
            FailedCondition.Builder condition = FailedCondition.newBuilder().setCondition(row.condition());
            StoredRow current = row.row();
            if (current != null) {
                Condition asked = request.getConditions(row.condition());
                condition.setCurrentRow(Rows.withoutValue(asked.getTable(), asked.getKey(), current));
            }
            FailedCondition made = condition.build();
            int bytes = made.getSerializedSize() + Rows.ITEM_BYTES;
            if (conditions.isEmpty()) {
                room.use(bytes);
            } else if (!room.take(bytes)) {
                break;
            }
            conditions.add(made);
        }
        if (request.getRowView() != RowView.ROW_VIEW_METADATA) {
            Rows rows = rows(request.getValueForm(), room);
            for (int i = 0; i < conditions.size(); i++) {
                Outcome.FailedRow row = failed.get(i);
                StoredRow current = row.row();
                if (current != null) {
                    Condition asked = request.getConditions(row.condition());
                    Row shown = rows.withValue(asked.getTable(), asked.getKey(), current, !row.valueOmitted());
                    conditions.set(
                            i,
                            conditions.get(i).toBuilder().setCurrentRow(shown).build());
                }
            }
        }
        return conditions;
    }

    /** What another server answered, without its values if they are more than there is room for. */
    static CommitResponse within(Room room, CommitResponse answer) {
        if (room.take(Math.max(0, answer.getSerializedSize() - RESULT_BYTES))) {
            return answer;
        }
        CommitResponse.Builder small = answer.toBuilder();
        small.getResultsBuilderList().stream()
                .filter(MutationResult.Builder::hasRow)
                .forEach(result -> leaveOutValue(result.getRowBuilder()));
        small.getFailedConditionsBuilderList().stream()
                .filter(FailedCondition.Builder::hasCurrentRow)
                .forEach(failed -> leaveOutValue(failed.getCurrentRowBuilder()));
        return small.build();
    }

    private static void leaveOutValue(Row.Builder row) {
        if (row.hasValue()) {
            row.clearValue().setValueOmitted(true);
        }
    }

    // Tables.

    /** A table as a request left it. */
    record TableAnswer(ResponseHeader header, Table table, long index, LogTime time, boolean isReplayed) {}

    TableAnswer table(Store store, Judged judged) {
        Outcome outcome = judged.outcome();
        if (outcome instanceof Outcome.TableSettled settled) {
            return table(
                    store, settled.table(), new Settled(judged.index(), judged.time()), settled.index() != null, false);
        }
        if (outcome instanceof Outcome.Replayed replayed && replayed.settled().hasTable()) {
            RequestRecord record = replayed.settled();
            return table(
                    store,
                    record.getTable().getTable(),
                    settled(record),
                    record.getTable().hasIndex(),
                    true);
        }
        throw refused(store, outcome);
    }

    private TableAnswer table(Store store, Table table, Settled at, boolean isCommit, boolean isReplayed) {
        // The log time at which a request was judged need not be that of the last commit.
        ResponseHeader header = headers.of(store, at.index(), isCommit ? at.time() : null);
        return new TableAnswer(header, table, at.index(), at.time(), isReplayed);
    }

    DropTableResponse drop(Store store, Judged judged) {
        TableAnswer dropped = table(store, judged);
        return DropTableResponse.newBuilder()
                .setHeader(dropped.header())
                .setIndex(dropped.index())
                .setDropTime(dropped.time().toTimestamp())
                .setReplayed(dropped.isReplayed())
                .build();
    }

    // What all have in common.

    private static RuntimeException refused(Store store, Outcome outcome) {
        if (outcome instanceof Outcome.Refused refused) {
            return refused.refusal().status(store.history()).toException();
        }
        if (outcome instanceof Outcome.Replayed replayed && replayed.settled().hasRefused()) {
            RecordedRefusal refusal = replayed.settled().getRefused();
            ErrorReason reason = ErrorReason.forNumber(refusal.getReason());
            if (reason != null) {
                return new Refusal(
                                reason,
                                refusal.getMessage(),
                                replayed(refusal.getMetadataList()),
                                items(refusal.getViolationsList()))
                        .status(store.history())
                        .toException();
            }
        }
        throw new IllegalStateException("outcome of a write: " + outcome + " (expected: one of its kind)");
    }

    private static List<Refusal.Item> replayed(List<RecordedPair> metadata) {
        List<Refusal.Item> items = new ArrayList<>(items(metadata));
        items.add(new Refusal.Item(ErrorMetadata.REPLAYED, "true"));
        return items;
    }

    private static List<Refusal.Item> items(List<RecordedPair> pairs) {
        return pairs.stream()
                .map(pair -> new Refusal.Item(pair.getName(), pair.getValue()))
                .toList();
    }

    private static Settled settled(RequestRecord record) {
        return new Settled(record.getSettledIndex(), LogTime.of(record.getLogTime()));
    }

    private static List<MutationOutcome> recorded(RequestRecord record) {
        return record.getCommitted().getResultsList().stream()
                .map(result -> new MutationOutcome(
                        result.getKey(),
                        row(record, result),
                        null,
                        false,
                        result.getDeletedRows(),
                        result.getRemainder()))
                .toList();
    }

    private static @Nullable StoredRow row(RequestRecord record, RecordedMutation result) {
        if (result.getVersion() == 0) {
            return null;
        }
        return new StoredRow(
                ByteString.EMPTY,
                "",
                result.getVersion(),
                result.getCreatedIndex(),
                record.getSettledIndex(),
                LogTime.of(record.getLogTime()),
                result.hasExpireTime() ? LogTime.of(result.getExpireTime()) : null);
    }

    private Rows rows(ValueForm form, Room room) {
        return new Rows(forms, form, room);
    }

    private static Row shown(
            Rows rows, String table, String key, StoredRow row, boolean withValue, boolean valueIsHere) {
        return withValue ? rows.withValue(table, key, row, valueIsHere) : Rows.withoutValue(table, key, row);
    }
}
