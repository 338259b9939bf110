// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.LogTime;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.CommitRecord;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where commits lie: by index, by log time. */
final class CommitIndex {

    private CommitIndex() {}

    /** The last sequence before the commit that follows an index; that of the newest state if none does. */
    static long sequenceOf(Engine engine, Progress now, long index) {
        if (index >= now.index()) {
            return now.sequence();
        }
        try (View view = engine.viewAt(now.sequence())) {
            RowVersion next = atOrAfter(view, index + 1, now);
            return next == null ? now.sequence() : next.index() - 1;
        }
    }

    /** A replica has no record of commits that were not for it. */
    private static @Nullable RowVersion atOrAfter(View view, long index, Progress now) {
        RowVersion record = view.get(Spaces.COMMITS, Keys.number(index));
        if (record != null) {
            return record;
        }
        byte[] end = Keys.number(now.index() + 1);
        try (Cursor cursor = view.scan(Spaces.COMMITS, Keys.number(index), end, Direction.ASCENDING)) {
            return cursor.next();
        }
    }

    static Optional<Long> indexAt(Engine engine, Progress now, LogTime time) {
        if (now.follows()) {
            throw new UnsupportedOperationException(
                    "a store that follows a feed does not know the time of every commit (expected: ask a node)");
        }
        if (!now.counters().logTime().isAfter(time)) {
            return Optional.empty();
        }
        if (now.horizonMark().logTime().isAfter(time)) {
            throw new BelowHorizonException(now.horizon(), now.horizon());
        }
        try (View view = engine.viewAt(now.sequence())) {
            long low = now.horizon();
            long high = now.index();
            while (low < high) {
                long middle = low + (high - low + 1) / 2;
                if (logTime(view, middle).isAfter(time)) {
                    high = middle - 1;
                } else {
                    low = middle;
                }
            }
            return Optional.of(low);
        }
    }

    private static LogTime logTime(View view, long index) {
        RowVersion found = view.get(Spaces.COMMITS, Keys.number(index));
        CommitRecord record = StoredState.parsed(CommitRecord.parser(), found == null ? null : found.value());
        if (record == null) {
            throw new MissingCommitException(index);
        }
        return LogTime.of(record.getMark().getLogTime());
    }
}
