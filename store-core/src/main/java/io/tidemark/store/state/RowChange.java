// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import org.jspecify.annotations.Nullable;

/** A row as this store held it and as it holds it now. */
record RowChange(
        RowName name,
        int shard,
        @Nullable StoredRow before,
        @Nullable StoredRow after) {}
