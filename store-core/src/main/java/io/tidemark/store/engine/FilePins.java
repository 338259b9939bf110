// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Deletes the files of replaced tables, but not while a checkpoint that has them is pinned: then the last of those pins
 * does it. Files that the engine's end leaves behind are orphans for the next open. For many threads, by its own lock.
 */
final class FilePins {
    private final Storage storage;
    private final Map<TableName, Integer> pins = new HashMap<>();
    private final Set<TableName> deferred = new HashSet<>();
    private int open;
    private boolean closed;

    FilePins(Storage storage) {
        this.storage = storage;
    }

    synchronized void pin(List<TableName> tables) {
        checkOpen();
        if (open == CheckpointSource.PINS_MAX) {
            throw new IllegalStateException("pinned checkpoints: " + open + " (expected: closed when done with)");
        }
        open++;
        tables.forEach(table -> pins.merge(table, 1, Integer::sum));
    }

    void unpin(List<TableName> tables) {
        List<TableName> unused = new ArrayList<>();
        synchronized (this) {
            open--;
            for (TableName table : tables) {
                int left = pins.merge(table, -1, Integer::sum);
                if (left == 0) {
                    pins.remove(table);
                    if (deferred.remove(table)) {
                        unused.add(table);
                    }
                }
            }
            if (closed) {
                return;
            }
        }
        unused.forEach(this::deleteNow);
    }

    void delete(TableName table) {
        synchronized (this) {
            if (pins.containsKey(table)) {
                deferred.add(table);
                return;
            }
        }
        deleteNow(table);
    }

    private void deleteNow(TableName table) {
        Orphans.tryDelete(storage, table.tableFile());
        Orphans.tryDelete(storage, table.footerFile());
    }

    /** Replaced tables that are on disk for pins alone. */
    synchronized Set<TableName> deferred() {
        return Set.copyOf(deferred);
    }

    synchronized void checkOpen() {
        if (closed) {
            throw new IllegalStateException("engine is closed");
        }
    }

    /** From here on the directory may be somebody else's: nothing is deleted in it any more. */
    synchronized void close() {
        closed = true;
    }
}
