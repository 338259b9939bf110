// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row as it is after it was written, at {@link #index()}. */
public final class WriteResult<V> implements Result {

    private final Row<V> row;
    private final @Nullable Row<V> previousRow;
    private final boolean replayed;
    private final Header header;

    WriteResult(Row<V> row, @Nullable Row<V> previousRow, boolean replayed, Header header) {
        this.row = row;
        this.previousRow = previousRow;
        this.replayed = replayed;
        this.header = header;
    }

    /**
     * The row as it is now. After a patch its value is null where it could not be told: the answer of the attempt that did it was lost,
     * the answer to its repetition carries no values, and reading it as of {@link #index()} failed.
     */
    public Row<V> row() {
        return row;
    }

    /**
     * The row that it replaced, if {@link WriteOptions#withPreviousRow()} asked for it. Empty: there was none, or {@link #replayed()},
     * for it is not kept.
     */
    public Optional<Row<V>> previousRow() {
        return Optional.ofNullable(previousRow);
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
        return "WriteResult[" + row + " at " + index() + "]";
    }
}
