// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

import io.tidemark.proto.v1.KeyRange;
import org.jspecify.annotations.Nullable;

/** The keys of one table from {@code start} (inclusive) to {@code end} (exclusive; null: to the end of the table). */
public record KeySpan(String table, String start, @Nullable String end) {

    /** Every key of the table. */
    public static KeySpan all(String table) {
        return new KeySpan(table, "", null);
    }

    /** What a range of the contract means, whichever way it is given. */
    public static KeySpan of(String table, KeyRange range) {
        if (range.hasPrefix()) {
            return new KeySpan(table, range.getPrefix(), Utf8.endOfPrefix(range.getPrefix()));
        }
        return new KeySpan(table, range.getStart(), range.hasEnd() ? range.getEnd() : null);
    }

    /** Whether no key can be in it. */
    public boolean isEmpty() {
        return end != null && Utf8.compare(start, end) >= 0;
    }

    public boolean contains(RowName name) {
        return name.table().equals(table)
                && Utf8.compare(name.key(), start) >= 0
                && (end == null || Utf8.compare(name.key(), end) < 0);
    }
}
