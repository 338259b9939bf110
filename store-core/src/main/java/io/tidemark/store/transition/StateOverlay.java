// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.KeySpan;
import io.tidemark.store.LogTime;
import io.tidemark.store.NamedRow;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.RequestRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A state and what has been done to it since, without touching it. One lies over the stored state for an entry, so that
 * commands see those before them; one over that for a commit, so that mutations do, and nothing is left of a commit that
 * fails.
 */
final class StateOverlay implements StateReader {

    private final StateReader base;
    /** Only looked up in: nothing may depend on the order of a hash map. The others are made when they are needed. */
    private final Map<RowName, RowSlot> rows = new HashMap<>();

    private Map<String, TableSlot> tables = Map.of();
    private Map<String, RequestRecord> requests = Map.of();
    /** In the order of the window, behind those of the base. */
    private List<RequestMark> requestMarks = List.of();

    private final long baseWindowNext;
    /** Of the commits behind the base's last. */
    private List<CommitMark> marks = List.of();

    private final long baseIndex;
    /** The rows in order, kept from the first time that a span is asked for, which most entries never do. */
    private @Nullable TreeMap<RowName, RowSlot> sortedRows;

    private Counters counters;
    private StoreSettings settings;
    private int transitionVersion;
    private Registry registry;

    StateOverlay(StateReader base) {
        this.base = base;
        this.counters = base.counters();
        this.baseWindowNext = counters.windowNext();
        this.baseIndex = counters.lastIndex();
        this.settings = base.settings();
        this.transitionVersion = base.transitionVersion();
        this.registry = base.registry();
    }

    void advance(LogTime time) {
        counters = counters.at(time);
    }

    void put(RowName name, StoredRow row) {
        change(name, new RowSlot(row));
    }

    void remove(RowName name) {
        change(name, new RowSlot(null));
    }

    private void change(RowName name, RowSlot slot) {
        rows.put(name, slot);
        if (sortedRows != null) {
            sortedRows.put(name, slot);
        }
    }

    void put(Table table) {
        change(table.getTable(), new TableSlot(table));
    }

    private void change(String table, TableSlot slot) {
        if (tables.isEmpty()) {
            tables = new HashMap<>();
        }
        tables.put(table, slot);
    }

    /** Carries out what a command did. */
    void apply(CommandResult result) {
        Commit commit = result.commit();
        if (commit != null) {
            apply(commit);
        }
        RequestChange change = result.requestChange();
        if (change != null) {
            remember(change.remembered());
            counters = counters.after(change);
        }
    }

    private void remember(RequestRecord record) {
        if (requests.isEmpty()) {
            requests = new HashMap<>();
            requestMarks = new ArrayList<>();
        }
        requests.put(record.getRequestId(), record);
        requestMarks.add(RequestMark.of(record));
    }

    void apply(Commit commit) {
        for (RowEffect effect : commit.rowEffects()) {
            if (effect instanceof RowEffect.Put put) {
                put(put.name(), put.row());
            } else {
                remove(effect.name());
            }
        }
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.TableChanged changed) {
                put(changed.table());
            } else if (change instanceof SystemChange.TableRemoved removed) {
                change(removed.table(), new TableSlot(null));
            } else if (change instanceof SystemChange.VersionRaised raised) {
                transitionVersion = raised.transitionVersion();
            } else if (change instanceof SystemChange.SettingsChanged changed) {
                settings = changed.settings();
            }
        }
        registry = registry.after(commit);
        counters = counters.after(commit);
        if (marks.isEmpty()) {
            marks = new ArrayList<>();
        }
        marks.add(new CommitMark(commit.logTime(), counters.supersededBytes()));
    }

    @Override
    public @Nullable StoredRow row(RowName name) {
        RowSlot slot = rows.get(name);
        return slot == null ? base.row(name) : slot.row();
    }

    @Override
    public Iterator<NamedRow> rows(KeySpan span) {
        return new OverlaidRows(base.rows(span), changed(span));
    }

    private Iterator<Map.Entry<RowName, RowSlot>> changed(KeySpan span) {
        if (sortedRows == null) {
            sortedRows = new TreeMap<>(rows);
        }
        return sortedRows.tailMap(new RowName(span.table(), span.start())).entrySet().stream()
                .takeWhile(entry -> span.contains(entry.getKey()))
                .iterator();
    }

    @Override
    public @Nullable Table table(String name) {
        TableSlot slot = tables.get(name);
        return slot == null ? base.table(name) : slot.table();
    }

    @Override
    public @Nullable RequestRecord request(String requestId) {
        RequestRecord own = requests.get(requestId);
        RequestRecord record = own == null ? base.request(requestId) : own;
        boolean isForgotten = record != null && record.getSequence() < counters.windowFirst();
        return isForgotten ? null : record;
    }

    @Override
    public RequestMark requestMark(long sequence) {
        return sequence < baseWindowNext
                ? base.requestMark(sequence)
                : requestMarks.get((int) (sequence - baseWindowNext));
    }

    @Override
    public CommitMark mark(long index) {
        return index <= baseIndex ? base.mark(index) : marks.get((int) (index - baseIndex - 1));
    }

    @Override
    public Counters counters() {
        return counters;
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
        return transitionVersion;
    }

    /** A row as it is now; null: it is gone. */
    record RowSlot(@Nullable StoredRow row) {}

    private record TableSlot(@Nullable Table table) {}
}
