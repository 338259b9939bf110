// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.CopiedRow;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.engine.Cursor;
import io.tidemark.store.engine.Direction;
import io.tidemark.store.engine.RowVersion;
import io.tidemark.store.engine.View;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import org.jspecify.annotations.Nullable;

/** All rows of some shards, over all tables, in the order of their names: one pass over the rows, whatever the shards. */
final class ShardRows implements RowChunks.Source {

    private final Shards shards;
    private final Cursor cursor;

    /**
     * @param after begin behind this row; null: at the first
     * @param through end with this row; null: at the last
     */
    ShardRows(View view, Shards shards, @Nullable RowName after, @Nullable RowName through) {
        this.shards = shards;
        this.cursor = view.scan(
                Spaces.ROWS,
                after == null ? new byte[0] : Keys.after(after),
                through == null ? null : Keys.after(through),
                Direction.ASCENDING);
    }

    @Override
    public @Nullable CopiedRow next() {
        for (RowVersion row = cursor.next(); row != null; row = cursor.next()) {
            int shard = Rows.shard(row.value());
            if (shards.contains(shard)) {
                return new CopiedRow(Keys.name(row.key()), shard, Rows.decode(row.value()));
            }
        }
        return null;
    }

    @Override
    public void close() {
        cursor.close();
    }
}
