// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;

/** A row with its name and its shard. */
public record CopiedRow(RowName name, int shard, StoredRow row) {}
