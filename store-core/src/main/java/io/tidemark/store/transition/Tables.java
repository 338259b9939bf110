// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableSettings;
import io.tidemark.proto.v1.TableState;
import io.tidemark.store.Refusal;
import org.jspecify.annotations.Nullable;

/** Finds and makes tables for commands that need them. */
final class Tables {

    private Tables() {}

    /** A table that can be read and written. */
    static Table requireActive(StateReader state, String name) {
        Table table = activeOrNull(state, name);
        if (table == null) {
            throw Refusal.ofTable(
                            ErrorReason.ERROR_REASON_TABLE_NOT_FOUND,
                            name,
                            "does not exist",
                            state.counters().lastIndex())
                    .toException();
        }
        return table;
    }

    /** The same; null if there is none and a first write may make it. */
    static @Nullable Table activeUnlessMakeable(StateReader state, String name) {
        return state.settings().getAutoCreateTables() ? activeOrNull(state, name) : requireActive(state, name);
    }

    /** The table that a write of a row goes to; made by this write where the settings say so. */
    static Table forWriting(CommitBuilder commit, String name) {
        Table table = activeUnlessMakeable(commit.state(), name);
        if (table != null) {
            return table;
        }
        requireRoom(commit, name);
        Table made = newTable(commit, name, TableSettings.getDefaultInstance());
        commit.create(made);
        return made;
    }

    static Table newTable(CommitBuilder commit, String name, TableSettings settings) {
        return Table.newBuilder()
                .setTable(name)
                .setSettings(settings)
                .setState(TableState.TABLE_STATE_ACTIVE)
                .setCreatedIndex(commit.index())
                .setModifiedIndex(commit.index())
                .build();
    }

    /** Throws if there are as many tables as there may be. */
    static void requireRoom(CommitBuilder commit, String name) {
        int tables = commit.tables() + 1;
        int tablesMax = commit.state().settings().getMaxTables();
        if (tables > tablesMax) {
            throw Refusal.tooLarge("tables with " + name, tables, tablesMax).toException();
        }
    }

    private static @Nullable Table activeOrNull(StateReader state, String name) {
        Table table = state.table(name);
        if (table != null && table.getState() == TableState.TABLE_STATE_DROPPING) {
            throw Refusal.ofTable(
                            ErrorReason.ERROR_REASON_TABLE_DROPPING,
                            name,
                            "is being dropped (its name is free when that is done)",
                            state.counters().lastIndex())
                    .toException();
        }
        return table;
    }
}
