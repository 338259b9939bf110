// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableSettings;
import io.tidemark.proto.v1.TableState;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.proto.v1.UpdateTableRequest;
import io.tidemark.store.KeySpan;
import io.tidemark.store.NamedRow;
import io.tidemark.store.Refusal;
import io.tidemark.store.RowName;
import io.tidemark.store.proto.v1.DropStepCommand;
import io.tidemark.store.validate.NameRules;
import io.tidemark.store.validate.TableRules;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** Makes, changes and drops tables. A request that finds the table as it wants it succeeds without a commit. */
final class TableCommands {

    private TableCommands() {}

    static Settled create(StateReader state, CreateTableRequest request) {
        NameRules.requireTable("table", request.getTable());
        TableRules.requireSettings(request.getSettings());
        CommitBuilder commit = new CommitBuilder(state);
        Table present = state.table(request.getTable());
        if (present == null) {
            Tables.requireRoom(commit, request.getTable());
            Table table = Tables.newTable(commit, request.getTable(), request.getSettings());
            commit.create(table);
            return settled(commit, table);
        }
        Table active = Tables.requireActive(state, request.getTable());
        if (!active.getSettings().equals(request.getSettings())) {
            throw Refusal.ofTable(
                            ErrorReason.ERROR_REASON_TABLE_EXISTS,
                            request.getTable(),
                            "exists with other settings",
                            state.counters().lastIndex())
                    .toException();
        }
        return new Settled(new Outcome.TableSettled(null, active), null);
    }

    static Settled update(StateReader state, UpdateTableRequest request) {
        NameRules.requireTable("table", request.getTable());
        Table table = Tables.requireActive(state, request.getTable());
        requireUnchanged(table, request.hasIfModifiedIndex(), request.getIfModifiedIndex());
        TableSettings settings = TableRules.updated(
                table.getSettings(),
                request.getSettings(),
                request.getUpdateMask().getPathsList());
        if (settings.equals(table.getSettings())) {
            return new Settled(new Outcome.TableSettled(null, table), null);
        }
        CommitBuilder commit = new CommitBuilder(state);
        return changed(commit, table.toBuilder().setSettings(settings));
    }

    static Settled drop(StateReader state, DropTableRequest request) {
        NameRules.requireTable("table", request.getTable());
        Table table = Tables.requireActive(state, request.getTable());
        requireUnchanged(table, request.hasIfModifiedIndex(), request.getIfModifiedIndex());
        return changed(new CommitBuilder(state), table.toBuilder().setState(TableState.TABLE_STATE_DROPPING));
    }

    /** Removes the next rows, as many as the command and the limits of a commit allow; with the last one the table. */
    static Settled dropStep(StateReader state, DropStepCommand command) {
        NameRules.requireTable("table", command.getTable());
        if (command.getLimit() <= 0) {
            throw Refusal.ofField("limit", "expected: positive").toException();
        }
        Table table = state.table(command.getTable());
        if (table == null || table.getState() != TableState.TABLE_STATE_DROPPING) {
            return new Settled(new Outcome.Nothing(), null);
        }
        CommitBuilder commit = new CommitBuilder(state);
        Iterator<NamedRow> rows = state.rows(KeySpan.all(command.getTable()));
        List<RowName> names = new ArrayList<>();
        while (names.size() < command.getLimit() && rows.hasNext()) {
            RowName name = rows.next().name();
            // One row always fits, or a limit that was lowered too far would keep the table for ever.
            if (!names.isEmpty() && !commit.hasRoomFor(name)) {
                break;
            }
            commit.remove(name, TombstoneCause.TOMBSTONE_CAUSE_TABLE_DROPPED);
            names.add(name);
        }
        boolean more = commit.state().rows(KeySpan.all(command.getTable())).hasNext();
        if (!more) {
            commit.change(new SystemChange.TableRemoved(command.getTable()));
        }
        Commit built = commit.build();
        return new Settled(new Outcome.Swept(built.index(), names.size(), more), built);
    }

    private static void requireUnchanged(Table table, boolean conditional, long modifiedIndex) {
        if (conditional && table.getModifiedIndex() != modifiedIndex) {
            throw Refusal.of(
                            ErrorReason.ERROR_REASON_TABLE_CHANGED,
                            "table " + table.getTable() + " was last changed at index " + table.getModifiedIndex()
                                    + " (expected: " + modifiedIndex + ")",
                            Map.of(
                                    ErrorMetadata.TABLE, table.getTable(),
                                    ErrorMetadata.ACTUAL, table.getModifiedIndex(),
                                    ErrorMetadata.ASKED, modifiedIndex))
                    .toException();
        }
    }

    private static Settled changed(CommitBuilder commit, Table.Builder table) {
        Table built = table.setModifiedIndex(commit.index()).build();
        commit.change(new SystemChange.TableChanged(built, false));
        return settled(commit, built);
    }

    private static Settled settled(CommitBuilder commit, Table table) {
        Commit built = commit.build();
        return new Settled(new Outcome.TableSettled(built.index(), table), built);
    }
}
