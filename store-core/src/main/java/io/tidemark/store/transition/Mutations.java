// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import com.google.protobuf.ByteString;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.proto.v1.DeleteRangeMutation;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.IncrementMutation;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PatchMutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.KeySpan;
import io.tidemark.store.LogTime;
import io.tidemark.store.NamedRow;
import io.tidemark.store.Refusal;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.json.MergePatch;
import io.tidemark.store.json.NotJsonException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the mutations of one commit, in order, each seeing what those before it did. A patch or an increment keeps the
 * row's content type; a row that it makes is {@code application/json}.
 */
final class Mutations {

    private static final String JSON = "application/json";

    private final CommitBuilder commit;
    private final AnswerRoom room;

    Mutations(CommitBuilder commit, AnswerRoom room) {
        this.commit = commit;
        this.room = room;
    }

    MutationOutcome apply(Mutation mutation) {
        return switch (mutation.getChangeCase()) {
            case PUT -> put(mutation.getTable(), mutation.getPut());
            case DELETE -> delete(mutation.getTable(), mutation.getDelete().getKey());
            case DELETE_RANGE -> deleteRange(mutation.getTable(), mutation.getDeleteRange());
            case PATCH -> patch(mutation.getTable(), mutation.getPatch());
            case INCREMENT -> increment(mutation.getTable(), mutation.getIncrement());
            case CHANGE_NOT_SET ->
                throw Refusal.ofField("mutations", "expected: a change").toException();
        };
    }

    private MutationOutcome put(String tableName, PutMutation put) {
        Table table = Tables.forWriting(commit, tableName);
        RowName name = new RowName(tableName, put.getKey());
        LogTime expireTime = put.hasExpiry()
                ? Expiries.of(put.getExpiry(), commit.logTime())
                : Expiries.ofTable(table, commit.logTime());
        String contentType = put.getValue().getContentType();
        return write(table, name, commit.state().row(name), put.getValue().getBytes(), contentType, expireTime);
    }

    private MutationOutcome patch(String tableName, PatchMutation patch) {
        Table table = Tables.forWriting(commit, tableName);
        RowName name = new RowName(tableName, patch.getKey());
        StoredRow row = commit.state().row(name);
        ByteString patched;
        try {
            ByteString document = row == null ? MergePatch.EMPTY_OBJECT : row.value();
            patched = MergePatch.apply(document, patch.getPatch().getBytes());
        } catch (NotJsonException e) {
            throw Refusal.of(
                            ErrorReason.ERROR_REASON_NOT_JSON,
                            "row " + patch.getKey() + " of table " + tableName + " or its patch is not JSON: "
                                    + e.getMessage(),
                            Map.of(
                                    ErrorMetadata.TABLE,
                                    tableName,
                                    ErrorMetadata.KEY,
                                    patch.getKey(),
                                    ErrorMetadata.PROBLEM,
                                    String.valueOf(e.getMessage())))
                    .toException();
        }
        LogTime expireTime = patch.hasExpiry()
                ? Expiries.of(patch.getExpiry(), commit.logTime())
                : Expiries.kept(row, table, commit.logTime());
        return write(table, name, row, patched, row == null ? JSON : row.contentType(), expireTime);
    }

    private MutationOutcome increment(String tableName, IncrementMutation increment) {
        Table table = Tables.forWriting(commit, tableName);
        RowName name = new RowName(tableName, increment.getKey());
        StoredRow row = commit.state().row(name);
        ByteString sum = row == null
                ? Increment.addToInitial(increment.getInitial(), increment.getDelta())
                : Increment.add(row.value(), increment.getDelta());
        LogTime expireTime = increment.hasExpiry()
                ? Expiries.of(increment.getExpiry(), commit.logTime())
                : Expiries.kept(row, table, commit.logTime());
        return write(table, name, row, sum, row == null ? JSON : row.contentType(), expireTime);
    }

    private MutationOutcome write(
            Table table,
            RowName name,
            @Nullable StoredRow previous,
            ByteString value,
            String contentType,
            @Nullable LogTime expireTime) {
        long bytesMax = commit.state().settings().getMaxValueBytes();
        if (table.getSettings().hasMaxValueBytes()) {
            bytesMax = Math.min(bytesMax, table.getSettings().getMaxValueBytes());
        }
        if (value.size() > bytesMax) {
            throw Refusal.tooLarge("bytes of a value", value.size(), bytesMax).toException();
        }
        StoredRow row = new StoredRow(
                value,
                contentType,
                previous == null ? 1 : previous.version() + 1,
                previous == null ? commit.index() : previous.createdIndex(),
                commit.index(),
                commit.logTime(),
                expireTime);
        commit.put(name, row);
        return MutationOutcome.written(name.key(), row, previous, room);
    }

    private MutationOutcome delete(String tableName, String key) {
        RowName name = new RowName(tableName, key);
        StoredRow previous = Tables.activeUnlessMakeable(commit.state(), tableName) == null
                ? null
                : commit.state().row(name);
        if (previous != null) {
            commit.remove(name, TombstoneCause.TOMBSTONE_CAUSE_DELETE);
        }
        return MutationOutcome.deleted(key, previous, room);
    }

    /** Stops at the limits of a commit too, and then says so; refused only if there is no room for even one row. */
    private MutationOutcome deleteRange(String tableName, DeleteRangeMutation deleteRange) {
        KeySpan span = KeySpan.of(tableName, deleteRange.getRange());
        if (Tables.activeUnlessMakeable(commit.state(), tableName) == null || span.isEmpty()) {
            return MutationOutcome.deletedRange(0, false);
        }
        int limit = deleteRange.hasLimit() ? deleteRange.getLimit() : Integer.MAX_VALUE;
        int deleted = 0;
        boolean full = false;
        boolean more = true;
        while (more && !full && deleted < limit) {
            List<RowName> names = firstNames(span, Math.min(limit - deleted, Math.max(1, commit.rowsLeft())));
            more = !names.isEmpty();
            for (RowName name : names) {
                if (deleted == 0) {
                    commit.requireRoomFor(name);
                } else if (!commit.hasRoomFor(name)) {
                    full = true;
                    break;
                }
                commit.remove(name, TombstoneCause.TOMBSTONE_CAUSE_DELETE);
                deleted++;
            }
        }
        return MutationOutcome.deletedRange(deleted, commit.state().rows(span).hasNext());
    }

    private List<RowName> firstNames(KeySpan span, int count) {
        List<RowName> names = new ArrayList<>();
        Iterator<NamedRow> rows = commit.state().rows(span);
        while (names.size() < count && rows.hasNext()) {
            names.add(rows.next().name());
        }
        return names;
    }
}
