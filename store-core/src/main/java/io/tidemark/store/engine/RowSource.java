// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/** A sorted set of row versions: a memtable or a table. */
interface RowSource {
    /** The newest version of the key at or below the index, or null. */
    @Nullable EncodedRow newest(byte[] prefix, long index);

    /** The rows whose encoded keys lie in {@code [from, to)}; a null bound is open. */
    RowCursor rows(byte @Nullable [] from, byte @Nullable [] to, Direction direction);
}
