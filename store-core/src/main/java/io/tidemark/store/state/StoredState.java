// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.KeySpan;
import io.tidemark.store.NamedRow;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.CommitRecord;
import io.tidemark.store.proto.v1.RequestRecord;
import io.tidemark.store.transition.CommitMark;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.Registry;
import io.tidemark.store.transition.RequestMark;
import io.tidemark.store.transition.StateReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The newest state, as the writer reads it while it applies one entry. What was looked up is kept until then: the transition
 * function asks for most rows more than once. The oldest request and the oldest commit, which each command asks for, are kept
 * from entry to entry.
 */
final class StoredState implements StateReader, AutoCloseable {

    private static final long FOUND_BYTES_MAX = 16 << 20;

    private final View view;
    private final Progress progress;
    private final StoreSettings settings;
    private final Tables tables;
    private final Registry registry;
    private final Known known;
    private final Map<RowName, Found> found = new HashMap<>();
    private RequestGroups.@Nullable Group asked;
    private final Map<Long, CommitMark> marks = new HashMap<>();
    /** The newest one: those before it are read no more. */
    private @Nullable Cursor scan;

    private long foundBytes;

    /** Takes over the view. */
    StoredState(View view, Standing standing, Known known) {
        this.view = view;
        this.progress = standing.progress();
        this.settings = standing.settings();
        this.tables = standing.tables();
        this.registry = standing.registry();
        this.known = known;
    }

    @Override
    public @Nullable StoredRow row(RowName name) {
        Found before = found.get(name);
        if (before == null) {
            byte[] value = get(Spaces.ROWS, Keys.of(name));
            before = new Found(value == null ? null : Rows.decode(value));
            // What one entry finds may be far more than the heap holds: beyond this it is looked up anew.
            long bytes = value == null ? 0 : value.length;
            if (foundBytes + bytes <= FOUND_BYTES_MAX) {
                found.put(name, before);
                foundBytes += bytes;
            }
        }
        return before.row();
    }

    @Override
    public Iterator<NamedRow> rows(KeySpan span) {
        Cursor cursor = view.scan(Spaces.ROWS, Keys.start(span), Keys.end(span), Direction.ASCENDING);
        closeScan();
        scan = cursor;
        return new RowIterator(span.table(), cursor);
    }

    @Override
    public @Nullable Table table(String name) {
        return tables.get(name);
    }

    @Override
    public @Nullable RequestRecord request(String requestId) {
        long sequence = known.requestIds()
                .find(requestId, at -> requestAt(at).getRequestId().equals(requestId));
        return sequence < 0 ? null : requestAt(sequence);
    }

    private RequestRecord requestAt(long sequence) {
        return groupOf(sequence).at(sequence);
    }

    @Override
    public RequestMark requestMark(long sequence) {
        return groupOf(sequence).mark(sequence);
    }

    /** The group of requests that holds a sequence number of the window. */
    RequestGroups.Group groupOf(long sequence) {
        RequestGroups.Group oldest = known.oldestRequests();
        if (oldest != null && oldest.contains(sequence)) {
            return oldest;
        }
        if (asked != null && asked.contains(sequence)) {
            return asked;
        }
        boolean isNext = oldest != null && oldest.end() == sequence;
        asked = isNext ? RequestGroups.from(view, sequence) : RequestGroups.of(view, sequence);
        if (isNext || asked.contains(progress.counters().windowFirst())) {
            known.keepOldestRequests(asked);
        }
        return asked;
    }

    @Override
    public CommitMark mark(long index) {
        CommitMark kept = known.mark(index);
        if (kept != null) {
            return kept;
        }
        CommitMark mark = marks.computeIfAbsent(index, this::storedMark);
        if (index == progress.horizon() + 1) {
            known.keepMark(index, mark);
        }
        return mark;
    }

    private CommitMark storedMark(long index) {
        if (index == progress.horizon()) {
            return progress.horizonMark();
        }
        CommitRecord record = commit(index);
        if (record == null) {
            throw new IllegalStateException("the commit at index " + index + " is missing (horizon "
                    + progress.horizon() + ", last index " + progress.index() + ")");
        }
        return Progress.mark(record.getMark());
    }

    @Nullable CommitRecord commit(long index) {
        return parsed(CommitRecord.parser(), get(Spaces.COMMITS, Keys.number(index)));
    }

    @Override
    public Counters counters() {
        return progress.counters();
    }

    @Override
    public StoreSettings settings() {
        return settings;
    }

    @Override
    public Registry registry() {
        return registry;
    }

    @Override
    public int transitionVersion() {
        return progress.transitionVersion();
    }

    /** The caller closes them. */
    ShardRows shardRows(Shards shards, @Nullable RowName after, @Nullable RowName through) {
        return new ShardRows(view, shards, after, through);
    }

    /** Whether a row of a shard that is being copied was deleted since. */
    boolean isGrave(RowName name) {
        return get(Spaces.GRAVES, Keys.of(name)) != null;
    }

    /**
     * Rows that have graves, in order.
     *
     * @param after begin behind this row; null: at the first
     * @param through end with this row; null: at the last
     * @param max how many, at most
     */
    List<RowName> graves(@Nullable RowName after, @Nullable RowName through, int max) {
        List<RowName> graves = new ArrayList<>();
        try (Cursor cursor = view.scan(
                Spaces.GRAVES,
                after == null ? new byte[0] : Keys.after(after),
                through == null ? null : Keys.after(through),
                Direction.ASCENDING)) {
            RowVersion row = cursor.next();
            while (row != null && graves.size() < max) {
                graves.add(Keys.name(row.key()));
                row = cursor.next();
            }
        }
        return graves;
    }

    private byte @Nullable [] get(int space, byte[] key) {
        RowVersion row = view.get(space, key);
        return row == null ? null : row.value();
    }

    /** All that a view shows, by name. */
    static List<Table> tables(View view) {
        List<Table> tables = new ArrayList<>();
        try (Cursor cursor = view.scan(Spaces.TABLES, new byte[0], null, Direction.ASCENDING)) {
            for (RowVersion row = cursor.next(); row != null; row = cursor.next()) {
                Table table = parsed(Table.parser(), row.value());
                if (table != null) {
                    tables.add(table);
                }
            }
        }
        return tables;
    }

    static <T> @Nullable T parsed(Parser<T> parser, byte @Nullable [] value) {
        try {
            return value == null ? null : parser.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw unreadable(e);
        }
    }

    static IllegalStateException unreadable(IOException e) {
        return new IllegalStateException("a record of the store is unreadable, though its checksum holds", e);
    }

    @Override
    public void close() {
        closeScan();
        view.close();
    }

    /** At the latest when the next one begins: one entry may scan thousands of times, and each cursor holds buffers. */
    private void closeScan() {
        if (scan != null) {
            scan.close();
            scan = null;
        }
    }

    private record Found(@Nullable StoredRow row) {}

    private static final class RowIterator implements Iterator<NamedRow> {
        private final String table;
        private final Cursor cursor;
        private @Nullable RowVersion ahead;

        private RowIterator(String table, Cursor cursor) {
            this.table = table;
            this.cursor = cursor;
            this.ahead = cursor.next();
        }

        @Override
        public boolean hasNext() {
            return ahead != null;
        }

        @Override
        public NamedRow next() {
            RowVersion row = ahead;
            if (row == null) {
                throw new NoSuchElementException();
            }
            ahead = cursor.next();
            return new NamedRow(Keys.nameIn(table, row.key()), Rows.decode(row.value()));
        }
    }
}
