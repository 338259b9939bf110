// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/**
 * The state at one index, unchanged however long it is held. It keeps replaced files on disk until it is closed. Safe
 * for many threads.
 */
public interface View extends AutoCloseable {
    long index();

    /** The horizon when the view was made. Rows of a {@link Retention#LOG} space at or below it are not visible. */
    long horizon();

    /** The newest version of a row at or below {@link #index}, or null when there is none or it is a tombstone. */
    @Nullable RowVersion get(int space, byte[] key);

    /**
     * The visible rows with {@code fromInclusive <= key < toExclusive}; an empty {@code fromInclusive} is the start of
     * the space, a null {@code toExclusive} its end. A
     * range whose bounds are not in order is empty.
     */
    Cursor scan(int space, byte[] fromInclusive, byte @Nullable [] toExclusive, Direction direction);

    /** Idempotent. Cursors that are still open stay valid; a later {@code get} or {@code scan} is refused. */
    @Override
    void close();
}
