// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/**
 * Rows of one space at one index, tombstones hidden. It pins what it reads, so close it; it stays usable after its view
 * is closed. For one thread at a time.
 */
public interface Cursor extends AutoCloseable {
    /**
     * The next row, or null at the end.
     *
     * @throws IllegalStateException after {@link #close}
     * @throws CorruptionException when a checksum does not hold; no row of the damaged node has been given out
     */
    @Nullable RowVersion next();

    @Override
    void close();
}
