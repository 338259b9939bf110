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
    private long allowed = Long.MAX_VALUE;
    private byte @Nullable [] passed;
    private boolean atEnd;

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
    public void allow(long rows) {
        allowed = rows;
    }

    @Override
    public @Nullable CopiedRow next() {
        while (allowed > 0 && !atEnd) {
            RowVersion row = cursor.next();
            if (row == null) {
                atEnd = true;
                return null;
            }
            allowed--;
            passed = row.key();
            int shard = Rows.shard(row.value());
            if (shards.contains(shard)) {
                return new CopiedRow(Keys.name(row.key()), shard, Rows.decode(row.value()));
            }
        }
        return null;
    }

    @Override
    public boolean isAtEnd() {
        return atEnd;
    }

    @Override
    public @Nullable RowName passed() {
        return passed == null ? null : Keys.name(passed);
    }

    @Override
    public void close() {
        cursor.close();
    }
}
