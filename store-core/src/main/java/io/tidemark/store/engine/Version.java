// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Everything readable at one moment: memtables, then tables. Immutable but for the active memtable. Held by the engine
 * while current, and by each view; the last to let go releases the tables.
 */
final class Version {
    private final Memtable active;
    private final List<Memtable> frozen;
    private final Levels levels;
    private final List<RowSource> unsorted;
    private final HeldVersions held;
    private final AtomicInteger holders = new AtomicInteger(1);

    /**
     * @param frozen newest first
     * @param held where this version is noted from its replacement to its end
     */
    Version(Memtable active, List<Memtable> frozen, Levels levels, HeldVersions held) {
        this.held = held;
        this.active = active;
        this.frozen = List.copyOf(frozen);
        this.levels = levels;
        this.unsorted = new ArrayList<>();
        unsorted.add(active);
        unsorted.addAll(frozen);
        unsorted.addAll(levels.level0());
        levels.all().forEach(Table::hold);
    }

    Memtable active() {
        return active;
    }

    List<Memtable> frozen() {
        return frozen;
    }

    Levels levels() {
        return levels;
    }

    /** False when the version has been let go of by everybody: the caller takes the present one instead. */
    boolean tryHold() {
        int now = holders.get();
        while (now > 0) {
            if (holders.compareAndSet(now, now + 1)) {
                return true;
            }
            now = holders.get();
        }
        return false;
    }

    /** By the engine, which held it as the current one. */
    void replaced() {
        held.add(this);
        release();
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            held.remove(this);
            levels.all().forEach(Table::release);
        }
    }

    /** Sources are asked newest first; of one key a newer source holds only newer versions, so the first hit wins. */
    @Nullable EncodedRow newest(byte[] seek) {
        long hash = BloomFilter.hashOfRow(seek);
        EncodedRow fresh = active.newest(seek, hash);
        for (int i = 0; fresh == null && i < frozen.size(); i++) {
            fresh = frozen.get(i).newest(seek, hash);
        }
        return fresh != null ? fresh : newestDurable(seek, hash);
    }

    private @Nullable EncodedRow newestDurable(byte[] seek, long hash) {
        for (Table table : levels.level0()) {
            EncodedRow row = table.newest(seek, hash);
            if (row != null) {
                return row;
            }
        }
        for (int level = 1; level < levels.count(); level++) {
            Table table = levels.tableFor(level, seek);
            EncodedRow row = table == null ? null : table.newest(seek, hash);
            if (row != null) {
                return row;
            }
        }
        return null;
    }

    RowCursor rows(byte[] from, byte @Nullable [] to, Direction direction) {
        List<RowCursor> cursors = new ArrayList<>();
        for (RowSource source : unsorted) {
            cursors.add(source.rows(from, to, direction));
        }
        for (int level = 1; level < levels.count(); level++) {
            if (!levels.level(level).isEmpty()) {
                cursors.add(new LevelCursor(levels.level(level), from, to, direction));
            }
        }
        return new MergeCursor(cursors, direction);
    }
}
