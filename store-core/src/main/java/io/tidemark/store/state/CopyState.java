// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import org.jspecify.annotations.Nullable;

/**
 * How far a copy is.
 *
 * @param index the copy's
 * @param passed the last row that has been passed: ask for what comes behind it; null: nothing has
 */
public record CopyState(Shards shards, long index, @Nullable RowName passed, long rows, long bytes) {

    static CopyState of(Holdings.Copy copy) {
        return new CopyState(
                copy.shards(), copy.index(), copy.passed(), copy.taken().rowCount(), copy.bytes());
    }
}
