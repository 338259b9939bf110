// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;

/** What a commit did to one row, resolved. {@code position} orders the effects of one commit, over all shards, from 0. */
public sealed interface RowEffect {

    RowName name();

    int shard();

    int position();

    /** The row is now this. */
    record Put(RowName name, int shard, int position, StoredRow row) implements RowEffect {}

    /** The row is gone. */
    record Tombstone(RowName name, int shard, int position, TombstoneCause cause) implements RowEffect {}
}
