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

    private final StateReader before;
    private final StateOverlay now;
    private final long index;
    private final LogTime logTime;
    /** In the order of the last change, which is that of the effects. */
    private final Map<RowName, Change> changes = new LinkedHashMap<>();

    private final List<SystemChange> systemChanges = new ArrayList<>();
    private int changedRows;
    private long effectBytes;

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
        return isWithinLimits(changedRows + 1, effectBytes + RowSize.ofTombstone(tombstone));
    }

    /** Throws if the commit has no room for one more tombstone. */
    void requireRoomFor(RowName tombstone) {
        requireWithinLimits(changedRows + 1, effectBytes + RowSize.ofTombstone(tombstone));
    }

    void put(RowName name, StoredRow row) {
        now.put(name, row);
        changed(name, new Change(TombstoneCause.TOMBSTONE_CAUSE_UNSPECIFIED, RowSize.of(name, row)));
    }

    void remove(RowName name, TombstoneCause cause) {
        now.remove(name);
        if (before.row(name) == null) {
            replace(changes.remove(name), null);
        } else {
            changed(name, new Change(cause, RowSize.ofTombstone(name)));
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
        requireWithinLimits(changedRows, effectBytes);
    }

    private boolean isWithinLimits(int rows, long bytes) {
        return rows <= before.settings().getMaxCommitRows()
                && bytes <= before.settings().getMaxCommitBytes();
    }

    private void requireWithinLimits(int rows, long bytes) {
        int rowsMax = before.settings().getMaxCommitRows();
        if (rows > rowsMax) {
            throw Refusal.tooLarge("rows of a commit", rows, rowsMax).toException();
        }
        long bytesMax = before.settings().getMaxCommitBytes();
        if (bytes > bytesMax) {
            throw Refusal.tooLarge("effect bytes of a commit", bytes, bytesMax).toException();
        }
    }

    Commit build() {
        List<RowEffect> effects = new ArrayList<>(changes.size());
        long liveRows = 0;
        long liveBytes = 0;
        long superseded = 0;
        for (Map.Entry<RowName, Change> change : changes.entrySet()) {
            RowName name = change.getKey();
            StoredRow oldRow = before.row(name);
            if (oldRow != null) {
                liveRows--;
                liveBytes -= RowSize.of(name, oldRow);
                superseded += RowSize.of(name, oldRow);
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

    private void changed(RowName name, Change change) {
        replace(changes.remove(name), change);
        changes.put(name, change);
    }

    private void replace(@Nullable Change old, @Nullable Change change) {
        changedRows += (change == null ? 0 : 1) - (old == null ? 0 : 1);
        effectBytes += (change == null ? 0 : change.bytes()) - (old == null ? 0 : old.bytes());
    }

    /** The size of a row's effect, and why the row is gone if it is. */
    private record Change(TombstoneCause cause, long bytes) {}
}
