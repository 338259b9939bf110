// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row after it was read, changed and written back, at {@link #index()}. */
public final class UpdateResult<V> implements Result {

    private final @Nullable Row<V> row;
    private final boolean written;
    private final int rounds;
    private final Header header;

    UpdateResult(@Nullable Row<V> row, boolean written, int rounds, Header header) {
        this.row = row;
        this.written = written;
        this.rounds = rounds;
        this.header = header;
    }

    /** The row as it is now; empty: there is none. */
    public Optional<Row<V>> row() {
        return Optional.ofNullable(row);
    }

    /** Whether something was written: not if there was no row, and there was none to be. */
    public boolean written() {
        return written;
    }

    /** How often the change was computed until nobody else had changed the row meanwhile: 1 without conflict. */
    public int rounds() {
        return rounds;
    }

    @Override
    public Header header() {
        return header;
    }

    @Override
    public String toString() {
        return "UpdateResult[" + (row == null ? "absent" : row) + " at " + index() + " after " + rounds + " rounds]";
    }
}
