// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.transition.RowSize;
import org.jspecify.annotations.Nullable;

/**
 * What digests and counters have to be told of a row that changed: not the row itself, for the changes of a whole entry are
 * kept until it is written, and the rows that it removes may be many and large.
 *
 * @param before of the row as this store held it; {@link Digest#EMPTY}: there was none
 * @param after of the row as it holds it now
 * @param bytesDelta by how much the store's live bytes grew
 */
record RowChange(RowName name, int shard, Digest before, Digest after, long bytesDelta) {

    static RowChange of(
            RowName name, int shard, @Nullable StoredRow before, @Nullable StoredRow after, RowHasher hasher) {
        return new RowChange(
                name,
                shard,
                hasher.hash(name, before),
                hasher.hash(name, after),
                bytes(name, after) - bytes(name, before));
    }

    long rowsDelta() {
        return after.rowCount() - before.rowCount();
    }

    private static long bytes(RowName name, @Nullable StoredRow row) {
        return row == null ? 0 : RowSize.of(name, row);
    }
}
