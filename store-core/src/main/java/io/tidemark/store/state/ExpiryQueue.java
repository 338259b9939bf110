// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which rows are due. Remembers up to when there is nothing left, so that a lookup does not pass again over the tombstones of
 * all that ever expired.
 */
final class ExpiryQueue {

    private LogTime nothingBefore = LogTime.MIN;
    private long additions;

    /** By the writer, once rows with an expiry are shown, and not before. */
    synchronized void added(@Nullable LogTime earliest) {
        if (earliest != null) {
            additions++;
            if (nothingBefore.isAfter(earliest)) {
                nothingBefore = earliest;
            }
        }
    }

    /** The rows wanted that expire at or before a time, the earliest first, at most so many. */
    List<RowName> due(Supplier<View> views, LogTime time, int limit, Predicate<RowName> wanted) {
        LogTime from;
        long additionsSeen;
        synchronized (this) {
            from = nothingBefore;
            additionsSeen = additions;
        }
        List<RowName> due = new ArrayList<>();
        LogTime first = null;
        byte[] start = Keys.expiryStart(from);
        // The view after the count: what it does not show is then added later, and counted.
        try (View view = views.get();
                Cursor cursor = view.scan(Spaces.EXPIRIES, start, Keys.afterExpiriesOf(time), Direction.ASCENDING)) {
            for (RowVersion row = cursor.next(); row != null && due.size() < limit; row = cursor.next()) {
                if (first == null) {
                    first = Keys.expiryTime(row.key());
                }
                RowName name = Keys.expiryRow(row.key());
                if (wanted.test(name)) {
                    due.add(name);
                }
            }
        }
        LogTime empty = first != null ? first : LogTime.max(from, time);
        synchronized (this) {
            if (additions == additionsSeen) {
                nothingBefore = empty;
            }
        }
        return due;
    }
}
