// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows to watch, of a table that need not exist yet. A change is told once, however many filters it matches. */
public sealed interface WatchFilter {

    /** The table. */
    String table();

    /** All rows of a table. */
    static WatchFilter table(String table) {
        return new OfTable(table);
    }

    /** One row. */
    static WatchFilter key(String table, String key) {
        return new OfKey(table, key);
    }

    /** All rows whose keys start so. */
    static WatchFilter prefix(String table, String prefix) {
        return new OfPrefix(table, prefix);
    }

    /**
     * The rows from a key to another.
     *
     * @param start the first key; null: from the beginning
     * @param end the first key beyond; null: to the end
     */
    static WatchFilter range(String table, @Nullable String start, @Nullable String end) {
        return new OfRange(table, start, end);
    }

    /** All rows of a table. */
    record OfTable(String table) implements WatchFilter {
        public OfTable {
            Objects.requireNonNull(table, "table");
        }
    }

    /** One row. */
    record OfKey(String table, String key) implements WatchFilter {
        public OfKey {
            Objects.requireNonNull(table, "table");
            Objects.requireNonNull(key, "key");
        }
    }

    /** All rows whose keys start so. */
    record OfPrefix(String table, String prefix) implements WatchFilter {
        public OfPrefix {
            Objects.requireNonNull(table, "table");
            Objects.requireNonNull(prefix, "prefix");
        }
    }

    /**
     * The rows from a key to another.
     *
     * @param start the first key; null: from the beginning
     * @param end the first key beyond; null: to the end
     */
    record OfRange(
            String table, @Nullable String start, @Nullable String end) implements WatchFilter {
        public OfRange {
            Objects.requireNonNull(table, "table");
        }
    }
}
