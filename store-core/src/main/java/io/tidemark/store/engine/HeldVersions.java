// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Replaced versions that somebody still reads. Their tables may be deleted already, and yet keep their room on disk until
 * the last reader ends. Added to by who swaps versions, taken from by who lets go last: for many threads.
 */
final class HeldVersions {
    private final Map<Version, Long> replacedAt = new ConcurrentHashMap<>();

    void add(Version replaced) {
        replacedAt.put(replaced, System.nanoTime());
    }

    void remove(Version released) {
        replacedAt.remove(released);
    }

    int count() {
        return replacedAt.size();
    }

    long oldestNanos() {
        long now = System.nanoTime();
        return replacedAt.values().stream()
                .mapToLong(since -> now - since)
                .max()
                .orElse(0);
    }

    Set<TableName> tables() {
        Set<TableName> tables = new HashSet<>();
        for (Version version : replacedAt.keySet()) {
            version.levels().all().forEach(table -> tables.add(table.name()));
        }
        return tables;
    }
}
