// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** A number after it was added to, at {@link #index()}. */
public final class IncrementResult implements Result {

    private final Row<String> row;
    private final boolean replayed;
    private final Header header;

    IncrementResult(Row<String> row, boolean replayed, Header header) {
        this.row = row;
        this.replayed = replayed;
        this.header = header;
    }

    /**
     * The number after it was added to.
     *
     * @throws NoSuchElementException if it could not be told: the answer of the attempt that did it was lost, the answer to its
     *     repetition carries no values, and reading it as of {@link #index()} failed. It was added to all the same
     */
    public long value() {
        @Nullable String number = row.value();
        if (number == null) {
            throw new NoSuchElementException("value of " + row.table() + "/" + row.key() + ": added to at index "
                    + index() + ", but the answer was lost; read it");
        }
        return Long.parseLong(number.strip());
    }

    /** The row as it is now, with its value as text; null where {@link #value()} cannot tell it. */
    public Row<String> row() {
        return row;
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
        return "IncrementResult[" + row + " at " + index() + "]";
    }
}
