// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.Timestamp;
import com.google.protobuf.WireFormat;
import io.tidemark.store.LogTime;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.RequestGroup;
import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.transition.RequestMark;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The remembered requests as the engine holds them: in groups, in the order of their sequence numbers, without a gap. */
final class RequestGroups {

    private RequestGroups() {}

    /**
     * Requests whose sequence numbers follow one another. Never changes until all of them are forgotten, for which their marks
     * are enough: every request is forgotten, and few are sent again.
     */
    static final class Group {
        private final long first;
        private final byte[] encoded;
        private final List<RequestMark> marks;

        private Group(long first, byte[] encoded) {
            this.first = first;
            this.encoded = encoded;
            this.marks = marks(encoded);
        }

        /** The sequence number behind the last. */
        long end() {
            return first + marks.size();
        }

        boolean contains(long sequence) {
            return sequence >= first && sequence < end();
        }

        RequestMark mark(long sequence) {
            return marks.get((int) (sequence - first));
        }

        RequestRecord at(long sequence) {
            return records().get((int) (sequence - first));
        }

        List<RequestRecord> records() {
            RequestGroup group = StoredState.parsed(RequestGroup.parser(), encoded);
            return group == null ? List.of() : group.getRecordsList();
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
        return row == null ? null : new Group(Keys.number(row.key()), row.value());
    }

    /** Reads no more of the records of a {@link RequestGroup}. */
    private static List<RequestMark> marks(byte[] group) {
        CodedInputStream in = CodedInputStream.newInstance(group);
        List<RequestMark> marks = new ArrayList<>();
        try {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (WireFormat.getTagFieldNumber(tag) == RequestGroup.RECORDS_FIELD_NUMBER) {
                    int limit = in.pushLimit(in.readRawVarint32());
                    marks.add(mark(in));
                    in.popLimit(limit);
                } else {
                    in.skipField(tag);
                }
            }
        } catch (IOException e) {
            throw StoredState.unreadable(e);
        }
        return marks;
    }

    private static RequestMark mark(CodedInputStream in) throws IOException {
        LogTime logTime = LogTime.of(Timestamp.getDefaultInstance());
        long settledIndex = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case RequestRecord.LOG_TIME_FIELD_NUMBER ->
                    logTime = LogTime.of(in.readMessage(Timestamp.parser(), ExtensionRegistryLite.getEmptyRegistry()));
                case RequestRecord.SETTLED_INDEX_FIELD_NUMBER -> settledIndex = in.readInt64();
                default -> in.skipField(tag);
            }
        }
        return new RequestMark(logTime, settledIndex);
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
