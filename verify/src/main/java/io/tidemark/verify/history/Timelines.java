// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The changes, by row and index, and by value. */
final class Timelines {

    private final Map<String, TreeMap<Long, Change>> byKey = new HashMap<>();

    Timelines(List<Change> changes) {
        changes.forEach(change ->
                byKey.computeIfAbsent(change.key(), key -> new TreeMap<>()).put(change.index(), change));
    }

    Set<String> keys() {
        return byKey.keySet();
    }

    /** Of one row, in the order of their indexes. */
    Collection<Change> of(String key) {
        return byKey.getOrDefault(key, new TreeMap<>()).values();
    }

    /** What made the row what it is as of the index; null: there is no such row. */
    @Nullable Change asOf(String key, long index) {
        Map.Entry<Long, Change> entry = byKey.getOrDefault(key, new TreeMap<>()).floorEntry(index);
        return entry == null ? null : entry.getValue();
    }

    /** The change of the row by the commit of that index; null: it did not change it. */
    @Nullable Change at(String key, long index) {
        return byKey.getOrDefault(key, new TreeMap<>()).get(index);
    }

    /** The row after the change. */
    static Outcome.Found found(Change change) {
        return new Outcome.Found(change.value(), change.version(), change.index());
    }
}
