// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static java.util.Objects.requireNonNull;

import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Table;
import io.tidemark.store.KeySpan;
import io.tidemark.store.NamedRow;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.proto.v1.RequestRecord;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The state as plain maps. Checks that commits are gapless. */
public final class InMemoryState implements StateReader {

    public final TreeMap<RowName, StoredRow> rows = new TreeMap<>();
    public final TreeMap<String, Table> tables = new TreeMap<>();
    public final TreeMap<String, RequestRecord> requests = new TreeMap<>();
    private final TreeMap<Long, String> requestIds = new TreeMap<>();
    private final TreeMap<Long, CommitMark> marks = new TreeMap<>();
    private StoreSettings settings;
    private int version = Transition.VERSION_FIRST;
    private Counters counters = Counters.EMPTY;
    private Registry registry = Registry.EMPTY;

    public InMemoryState(StoreSettings settings) {
        this.settings = settings;
        marks.put(0L, CommitMark.EMPTY);
    }

    public void apply(Applied applied) {
        long index = counters.lastIndex();
        long superseded = counters.supersededBytes();
        for (CommandResult result : applied.results()) {
            Commit commit = result.commit();
            if (commit != null) {
                index++;
                superseded += commit.bytes().supersededBytes();
                if (commit.index() != index) {
                    throw new AssertionError("index: " + commit.index() + " (expected: " + index + ")");
                }
                marks.put(index, new CommitMark(commit.logTime(), superseded));
                apply(commit);
            }
            RequestChange change = result.requestChange();
            if (change != null) {
                for (int i = 0; i < change.forgotten(); i++) {
                    requests.remove(requireNonNull(requestIds.pollFirstEntry()).getValue());
                }
                requests.put(change.remembered().getRequestId(), change.remembered());
                requestIds.put(
                        change.remembered().getSequence(), change.remembered().getRequestId());
            }
        }
        counters = applied.counters();
    }

    /** Rows and tables as a commit leaves them. */
    public static void apply(Commit commit, Map<RowName, StoredRow> rows, Map<String, Table> tables) {
        for (RowEffect effect : commit.rowEffects()) {
            if (effect instanceof RowEffect.Put put) {
                rows.put(put.name(), put.row());
            } else {
                rows.remove(effect.name());
            }
        }
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.TableChanged changed) {
                tables.put(changed.table().getTable(), changed.table());
            } else if (change instanceof SystemChange.TableRemoved removed) {
                tables.remove(removed.table());
            }
        }
    }

    private void apply(Commit commit) {
        apply(commit, rows, tables);
        registry = registry.after(commit);
        for (SystemChange change : commit.systemChanges()) {
            if (change instanceof SystemChange.VersionRaised raised) {
                version = raised.transitionVersion();
            } else if (change instanceof SystemChange.SettingsChanged changed) {
                settings = changed.settings();
            }
        }
    }

    @Override
    public @Nullable StoredRow row(RowName name) {
        return rows.get(name);
    }

    @Override
    public Iterator<NamedRow> rows(KeySpan span) {
        return rows.entrySet().stream()
                .filter(row -> span.contains(row.getKey()))
                .map(row -> new NamedRow(row.getKey(), row.getValue()))
                .iterator();
    }

    @Override
    public @Nullable Table table(String name) {
        return tables.get(name);
    }

    @Override
    public @Nullable RequestRecord request(String requestId) {
        return requests.get(requestId);
    }

    @Override
    public RequestMark requestMark(long sequence) {
        return RequestMark.of(requireNonNull(requests.get(requireNonNull(requestIds.get(sequence)))));
    }

    @Override
    public CommitMark mark(long index) {
        return requireNonNull(marks.get(index), "mark " + index);
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
        return version;
    }
}
