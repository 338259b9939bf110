// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Optional;

/** What a delete did, at {@link #index()}. */
public final class DeleteResult<V> implements Result {

    private final boolean deleted;
    private final Decoded<V> previousRow;
    private final boolean replayed;
    private final Header header;

    DeleteResult(boolean deleted, Decoded<V> previousRow, boolean replayed, Header header) {
        this.deleted = deleted;
        this.previousRow = previousRow;
        this.replayed = replayed;
        this.header = header;
    }

    /** Whether there was a row to delete. */
    public boolean deleted() {
        return deleted;
    }

    /**
     * The row that it removed, if {@link WriteOptions#withPreviousRow()} asked for it. Empty: there was none, or {@link #replayed()}, for
     * it is not kept.
     *
     * @throws CodecException if the table's codec cannot read it. It was removed all the same
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
        return "DeleteResult[" + (deleted ? "deleted" : "nothing to delete") + " at " + index() + "]";
    }
}
