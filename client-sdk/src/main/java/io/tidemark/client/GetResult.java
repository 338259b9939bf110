// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One row, or its certain absence, as of {@link #index()}. */
public final class GetResult<V> implements Result {

    private final String table;
    private final String key;
    private final @Nullable Row<V> row;
    private final Header header;

    GetResult(String table, String key, @Nullable Row<V> row, Header header) {
        this.table = table;
        this.key = key;
        this.row = row;
        this.header = header;
    }

    /** The table that was read. */
    public String table() {
        return table;
    }

    /** The key that was read. */
    public String key() {
        return key;
    }

    /** The row; empty: at {@link #index()} there is none. */
    public Optional<Row<V>> row() {
        return Optional.ofNullable(row);
    }

    /** The row's value; empty: there is no row, or its value was not asked for. */
    public Optional<V> value() {
        return row == null ? Optional.empty() : Optional.ofNullable(row.value());
    }

    /** Whether there is such a row. */
    public boolean found() {
        return row != null;
    }

    @Override
    public Header header() {
        return header;
    }

    @Override
    public String toString() {
        return "GetResult[" + table + "/" + key + " " + (row == null ? "absent" : row) + " as of " + index() + "]";
    }
}
