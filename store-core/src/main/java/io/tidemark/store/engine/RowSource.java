// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/** A sorted set of row versions: a memtable or a table. */
interface RowSource {
    /**
     * The newest version of a row at or below an index, or null.
     *
     * @param seek the row's encoded key as of that index, which is where such a version can lie first
     */
    @Nullable EncodedRow newest(byte[] seek);

    /** The rows whose encoded keys lie in {@code [from, to)}; a null bound is open. */
    RowCursor rows(byte @Nullable [] from, byte @Nullable [] to, Direction direction);
}
