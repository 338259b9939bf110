// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WatchPreviousRow;
import java.time.Duration;

/**
 * What a watch asks, understood.
 *
 * @param fromIndex the first index whose changes are wanted; zero: from what is there now on
 */
record WatchAsk(
        WatchedRows rows,
        long fromIndex,
        RowView rowView,
        ValueForm valueForm,
        WatchPreviousRow previousRow,
        Duration heartbeatInterval) {

    boolean wantsPreviousRow() {
        return previousRow == WatchPreviousRow.WATCH_PREVIOUS_ROW_METADATA
                || previousRow == WatchPreviousRow.WATCH_PREVIOUS_ROW_FULL;
    }
}
