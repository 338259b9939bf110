// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Objects;
import java.util.Optional;

/** A row as it is after it was written, at {@link #index()}. */
public final class WriteResult<V> implements Result {

    private final String table;
    private final String key;
    private final Decoded<V> row;
    private final Decoded<V> previousRow;
    private final boolean replayed;
    private final Header header;

    WriteResult(String table, String key, Decoded<V> row, Decoded<V> previousRow, boolean replayed, Header header) {
        this.table = table;
        this.key = key;
        this.row = row;
        this.previousRow = previousRow;
        this.replayed = replayed;
        this.header = header;
    }

    /**
     * The row as it is now. After a patch its value is null where it could not be told: the answer of the attempt that did it was lost,
     * the answer to its repetition carries no values, and reading it as of {@link #index()} failed.
     *
     * @throws CodecException if the row was patched, and the table's codec cannot read what came of it. It was patched all the same
     */
    public Row<V> row() {
        return Objects.requireNonNull(row.orThrow());
    }

    /**
     * The row that it replaced, if {@link WriteOptions#withPreviousRow()} asked for it. Empty: there was none, or {@link #replayed()},
     * for it is not kept.
     *
     * @throws CodecException if the table's codec cannot read it. It was replaced all the same
     */
    public Optional<Row<V>> previousRow() {
        return Optional.ofNullable(previousRow.orThrow());
    }

    /** Whether an earlier attempt had already done it, and nothing was done by the last. */
    public boolean replayed() {
        return replayed;
    }

    @Override
    public Header header() {
        return header;
    }

    @Override
    public String toString() {
        return "WriteResult[" + table + "/" + key + " at " + index() + "]";
    }
}
