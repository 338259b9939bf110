// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What must be so of a row for a write to happen. Without one, the last write wins; with {@link #absent()}, the first; with
 * {@link #unchanged}, only who read what is there now.
 */
public sealed interface Condition<V> {

    /** There is no such row. */
    static <V> Condition<V> absent() {
        return new Absent<>();
    }

    /** There is such a row. */
    static <V> Condition<V> present() {
        return new Present<>();
    }

    /** The row was not changed, deleted or created since it was read: compare-and-set, also for an absent row. */
    static <V> Condition<V> unchanged(GetResult<?> read) {
        return read.row()
                .<Condition<V>>map(row ->
                        new ModifiedIndex<>(row.modifiedIndex(), read.header().historyId()))
                .orElseGet(Absent::new);
    }

    /** The row was not changed or deleted since, in the history that it was read in. */
    static <V> Condition<V> unchanged(Row<?> row) {
        return new ModifiedIndex<>(row.modifiedIndex(), row.historyId());
    }

    /** The row is there and was last changed by the commit of this index. */
    static <V> Condition<V> modifiedIndex(long index) {
        return new ModifiedIndex<>(index, null);
    }

    /**
     * The row is there and has this version. A row that was deleted and created anew counts from 1 again: prefer {@link #unchanged}
     * unless rows are never deleted.
     */
    static <V> Condition<V> version(long version) {
        return new Version<>(version);
    }

    /** The row is there and its bytes are those that the table's codec makes of this value. */
    static <V> Condition<V> valueEquals(V value) {
        return new ValueEquals<>(value);
    }

    /** As {@link Condition#absent()}. */
    record Absent<V>() implements Condition<V> {}

    /** As {@link Condition#present()}. */
    record Present<V>() implements Condition<V> {}

    /**
     * As {@link Condition#modifiedIndex}.
     *
     * @param index the commit that changed it last
     * @param historyId the history of the index; null: the session's
     */
    record ModifiedIndex<V>(long index, @Nullable String historyId) implements Condition<V> {}

    /**
     * As {@link Condition#version(long)}.
     *
     * @param version from 1 on
     */
    record Version<V>(long version) implements Condition<V> {}

    /**
     * As {@link Condition#valueEquals}.
     *
     * @param value as the table's codec takes it
     */
    record ValueEquals<V>(V value) implements Condition<V> {
        public ValueEquals {
            Objects.requireNonNull(value, "value");
        }
    }
}
