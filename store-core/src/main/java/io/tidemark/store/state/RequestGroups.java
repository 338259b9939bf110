// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.RequestGroup;
import io.tidemark.store.proto.v1.RequestRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The remembered requests as the engine holds them: in groups, in the order of their sequence numbers, without a gap. */
final class RequestGroups {

    private RequestGroups() {}

    /** Requests whose sequence numbers follow one another. Never changes until all of them are forgotten. */
    record Group(long first, List<RequestRecord> records) {

        /** The sequence number behind the last. */
        long end() {
            return first + records.size();
        }

        boolean contains(long sequence) {
            return sequence >= first && sequence < end();
        }

        RequestRecord at(long sequence) {
            return records.get((int) (sequence - first));
        }

        byte[] key() {
            return Keys.number(first);
        }
    }

    /** The group that holds a sequence number of the window. */
    static Group of(View view, long sequence) {
        try (Cursor cursor =
                view.scan(Spaces.REQUESTS, Keys.number(0), Keys.number(sequence + 1), Direction.DESCENDING)) {
            return containing(sequence, cursor.next());
        }
    }

    /** The group that begins with a sequence number of the window. */
    static Group from(View view, long sequence) {
        return containing(sequence, view.get(Spaces.REQUESTS, Keys.number(sequence)));
    }

    private static Group containing(long sequence, @Nullable RowVersion row) {
        Group group = group(row);
        if (group == null || !group.contains(sequence)) {
            throw new IllegalStateException("the request at place " + sequence + " of the window is missing");
        }
        return group;
    }

    private static @Nullable Group group(@Nullable RowVersion row) {
        RequestGroup group = StoredState.parsed(RequestGroup.parser(), row == null ? null : row.value());
        return row == null || group == null ? null : new Group(Keys.number(row.key()), group.getRecordsList());
    }

    /** The ids of all that a view shows, from the oldest of the window on. */
    static RequestIds ids(View view, long windowFirst) {
        RequestIds ids = new RequestIds(windowFirst);
        try (Cursor cursor = view.scan(Spaces.REQUESTS, new byte[0], null, Direction.ASCENDING)) {
            for (Group group = group(cursor.next()); group != null; group = group(cursor.next())) {
                group.records().stream()
                        .filter(record -> record.getSequence() >= windowFirst)
                        .forEach(record -> ids.add(record.getRequestId()));
            }
        }
        return ids;
    }
}
