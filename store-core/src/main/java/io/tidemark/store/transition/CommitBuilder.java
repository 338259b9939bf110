// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.LogTime;
import io.tidemark.store.Refusal;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a commit changes, lets its later mutations see it, and keeps it within the limits. What it holds is dropped
 * if the commit fails.
 */
final class CommitBuilder {

    /**
     * A commit may replace and remove rows of so many times {@code max_commit_bytes}. Their effects alone, which are small where
     * rows are removed, say nothing of what it takes to carry the commit out: every old row is read, and counted out of the
     * digests. One row may always be replaced, however large.
     */
    static final int REPLACED_FACTOR = 16;

    private final StateReader before;
    private final StateOverlay now;
    private final long index;
    private final LogTime logTime;
    /** In the order of the last change, which is that of the effects. */
    private final Map<RowName, Change> changes = new LinkedHashMap<>();

    private final List<SystemChange> systemChanges = new ArrayList<>();
    private int changedRows;
    private long effectBytes;
    private int replacedRows;
    private long replacedBytes;

    CommitBuilder(StateReader before) {
        this.before = before;
        this.now = new StateOverlay(before);
        this.index = before.counters().lastIndex() + 1;
        this.logTime = before.counters().logTime();
    }

    long index() {
        return index;
    }

    LogTime logTime() {
        return logTime;
    }

    /** The state with what the commit has done so far. */
    StateReader state() {
        return now;
    }

    /** How many more rows the commit may change. */
    int rowsLeft() {
        return before.settings().getMaxCommitRows() - changedRows;
    }

    /** Whether the commit has room for one more tombstone. */
    boolean hasRoomFor(RowName tombstone) {
        return excess(tombstone) == null;
    }

    /** Throws if the commit has no room for one more tombstone. */
    void requireRoomFor(RowName tombstone) {
        throwIfAny(excess(tombstone));
    }

    private @Nullable Refusal excess(RowName tombstone) {
        long replaced = changes.containsKey(tombstone) ? 0 : replacedBytes(tombstone);
        return excess(
                changedRows + 1,
                effectBytes + RowSize.ofTombstone(tombstone),
                replacedRows + (replaced == 0 ? 0 : 1),
                replacedBytes + replaced);
    }

    void put(RowName name, StoredRow row) {
        now.put(name, row);
        changed(name, TombstoneCause.TOMBSTONE_CAUSE_UNSPECIFIED, RowSize.of(name, row));
    }

    void remove(RowName name, TombstoneCause cause) {
        now.remove(name);
        if (replacedBytes(name) == 0) {
            replace(changes.remove(name), null);
        } else {
            changed(name, cause, RowSize.ofTombstone(name));
        }
    }

    void change(SystemChange change) {
        systemChanges.add(change);
    }

    void create(Table table) {
        now.put(table);
        change(new SystemChange.TableChanged(table, true));
    }

    /** How many tables there are with those that the commit made. */
    int tables() {
        return before.counters().tables() + systemChanges.size();
    }

    /** Throws if the commit is over a limit. */
    void requireWithinLimits() {
        throwIfAny(excess(changedRows, effectBytes, replacedRows, replacedBytes));
    }

    private static void throwIfAny(@Nullable Refusal refusal) {
        if (refusal != null) {
            throw refusal.toException();
        }
    }

    private @Nullable Refusal excess(int rows, long bytes, int oldRows, long oldBytes) {
        int rowsMax = before.settings().getMaxCommitRows();
        if (rows > rowsMax) {
            return Refusal.tooLarge("rows of a commit", rows, rowsMax);
        }
        long bytesMax = before.settings().getMaxCommitBytes();
        if (bytes > bytesMax) {
            return Refusal.tooLarge("effect bytes of a commit", bytes, bytesMax);
        }
        long oldBytesMax = REPLACED_FACTOR * bytesMax;
        if (oldRows > 1 && oldBytes > oldBytesMax) {
            return Refusal.tooLarge("bytes of the rows that a commit replaces or removes", oldBytes, oldBytesMax);
        }
        return null;
    }

    Commit build() {
        List<RowEffect> effects = new ArrayList<>(changes.size());
        long liveRows = 0;
        long liveBytes = 0;
        long superseded = 0;
        for (Map.Entry<RowName, Change> change : changes.entrySet()) {
            RowName name = change.getKey();
            long replaced = change.getValue().replaced();
            if (replaced > 0) {
                liveRows--;
                liveBytes -= replaced;
                superseded += replaced;
            }
            StoredRow newRow = now.row(name);
            int shard = ShardHash.shardOf(
                    name.table(), name.key(), before.settings().getShardCount());
            if (newRow != null) {
                liveRows++;
                liveBytes += RowSize.of(name, newRow);
                effects.add(new RowEffect.Put(name, shard, effects.size(), newRow));
            } else {
                superseded += RowSize.ofTombstone(name);
                effects.add(new RowEffect.Tombstone(
                        name, shard, effects.size(), change.getValue().cause()));
            }
        }
        CommitBytes bytes = new CommitBytes(liveRows, liveBytes, superseded);
        Commit commit = new Commit(index, logTime, effects, systemChanges, bytes);
        return Horizon.raise(before, commit);
    }

    private void changed(RowName name, TombstoneCause cause, long bytes) {
        Change change = new Change(cause, bytes, replacedBytes(name));
        replace(changes.remove(name), change);
        changes.put(name, change);
    }

    /** The size of a row as it was before the commit; zero: there was none. */
    private long replacedBytes(RowName name) {
        Change known = changes.get(name);
        if (known != null) {
            return known.replaced();
        }
        StoredRow row = before.row(name);
        return row == null ? 0 : RowSize.of(name, row);
    }

    private void replace(@Nullable Change old, @Nullable Change change) {
        changedRows += (change == null ? 0 : 1) - (old == null ? 0 : 1);
        effectBytes += (change == null ? 0 : change.bytes()) - (old == null ? 0 : old.bytes());
        if (old == null && change != null && change.replaced() > 0) {
            replacedRows++;
            replacedBytes += change.replaced();
        }
    }

    /** The size of a row's effect and of the row before it, and why the row is gone if it is. */
    private record Change(TombstoneCause cause, long bytes, long replaced) {}
}
