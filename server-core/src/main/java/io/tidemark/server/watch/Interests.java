// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.store.KeySpan;
import io.tidemark.store.RowName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds those whose filters match a row. A look-up costs one hash of the name, one of each length that a prefix of its table
 * has, and a comparison with each other range of its table: how many keys and prefixes are watched does not matter. Give it to
 * one thread.
 *
 * @param <T> who watches
 */
final class Interests<T> {

    private final Set<T> everything = new HashSet<>();
    private final Map<String, Set<T>> tables = new HashMap<>();
    private final Map<RowName, Set<T>> keys = new HashMap<>();
    private final Map<RowName, Set<T>> prefixes = new HashMap<>();
    /** How many prefixes there are of each length, by table. */
    private final Map<String, Map<Integer, Integer>> prefixLengths = new HashMap<>();

    private final Map<String, Map<KeySpan, Set<T>>> spans = new HashMap<>();

    void add(WatchedRows rows, T who) {
        if (rows.everything()) {
            everything.add(who);
        }
        rows.tables().forEach(table -> put(tables, table, who));
        rows.keys().forEach(key -> put(keys, key, who));
        for (RowName prefix : rows.prefixes()) {
            if (put(prefixes, prefix, who)) {
                prefixLengths
                        .computeIfAbsent(prefix.table(), table -> new HashMap<>())
                        .merge(prefix.key().length(), 1, Integer::sum);
            }
        }
        for (KeySpan span : rows.spans()) {
            put(spans.computeIfAbsent(span.table(), table -> new HashMap<>()), span, who);
        }
    }

    void remove(WatchedRows rows, T who) {
        everything.remove(who);
        rows.tables().forEach(table -> take(tables, table, who));
        rows.keys().forEach(key -> take(keys, key, who));
        for (RowName prefix : rows.prefixes()) {
            if (take(prefixes, prefix, who)) {
                prefixLengths.computeIfPresent(
                        prefix.table(),
                        (table, lengths) -> without(lengths, prefix.key().length()));
            }
        }
        for (KeySpan span : rows.spans()) {
            spans.computeIfPresent(span.table(), (table, ofTable) -> {
                take(ofTable, span, who);
                return emptyAsNull(ofTable);
            });
        }
    }

    /** Perhaps more than once. */
    void forEachOf(RowName name, Consumer<T> action) {
        everything.forEach(action);
        tell(keys.get(name), action);
        Map<Integer, Integer> lengths = prefixLengths.get(name.table());
        if (lengths != null) {
            for (int length : lengths.keySet()) {
                if (length <= name.key().length()) {
                    RowName prefix = new RowName(name.table(), name.key().substring(0, length));
                    tell(prefixes.get(prefix), action);
                }
            }
        }
        Map<KeySpan, Set<T>> ofTable = spans.get(name.table());
        if (ofTable != null) {
            ofTable.forEach((span, watching) -> {
                if (span.contains(name)) {
                    watching.forEach(action);
                }
            });
        }
    }

    /** Those with a filter that touches the table. */
    void forEachTouching(String table, Consumer<T> action) {
        everything.forEach(action);
        tell(tables.get(table), action);
    }

    boolean isEmpty() {
        return everything.isEmpty()
                && tables.isEmpty()
                && keys.isEmpty()
                && prefixes.isEmpty()
                && prefixLengths.isEmpty()
                && spans.isEmpty();
    }

    private static <T> void tell(@Nullable Set<T> watching, Consumer<T> action) {
        if (watching != null) {
            watching.forEach(action);
        }
    }

    /** Whether it is the first one there. */
    private static <K, T> boolean put(Map<K, Set<T>> map, K key, T who) {
        Set<T> there = map.computeIfAbsent(key, any -> new HashSet<>(2));
        there.add(who);
        return there.size() == 1;
    }

    /** Whether it was the last one there. */
    private static <K, T> boolean take(Map<K, Set<T>> map, K key, T who) {
        Set<T> there = map.get(key);
        if (there == null || !there.remove(who) || !there.isEmpty()) {
            return false;
        }
        map.remove(key);
        return true;
    }

    private static @Nullable Map<Integer, Integer> without(Map<Integer, Integer> lengths, int length) {
        lengths.computeIfPresent(length, (any, count) -> count == 1 ? null : count - 1);
        return emptyAsNull(lengths);
    }

    private static <K, V> @Nullable Map<K, V> emptyAsNull(Map<K, V> map) {
        return map.isEmpty() ? null : map;
    }
}
