// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableState;
import io.tidemark.store.Refusal;
import io.tidemark.store.state.StoreView;

/** What state a table must be in to be read. */
final class TableStates {

    private TableStates() {}

    /** Throws what the caller is told unless the rows of the table can be read. */
    static void requireReadable(StoreView view, String table, HistoryId history) {
        Table found = require(view, table, history);
        if (found.getState() == TableState.TABLE_STATE_DROPPING) {
            throw refused(
                    ErrorReason.ERROR_REASON_TABLE_DROPPING,
                    table,
                    "is being dropped (its name is free when that is done)",
                    view,
                    history);
        }
    }

    /** The table, in whatever state; throws what the caller is told if there is none. */
    static Table require(StoreView view, String table, HistoryId history) {
        Table found = view.table(table);
        if (found == null) {
            throw refused(
                    ErrorReason.ERROR_REASON_TABLE_NOT_FOUND,
                    table,
                    "does not exist (CreateTable makes it, or its first write where auto_create_tables is on)",
                    view,
                    history);
        }
        return found;
    }

    private static RuntimeException refused(
            ErrorReason reason, String table, String problem, StoreView view, HistoryId history) {
        return Refusal.ofTable(reason, table, problem, view.index())
                .status(history)
                .toException();
    }
}
