// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tables of a sorted level one after the other, each opened when it is reached. */
final class LevelCursor implements RowCursor {
    private final List<Table> tables;
    private final byte @Nullable [] from;
    private final byte @Nullable [] to;
    private final Direction direction;
    private int following;
    private @Nullable RowCursor rows;

    LevelCursor(List<Table> level, byte @Nullable [] from, byte @Nullable [] to, Direction direction) {
        this.from = from;
        this.to = to;
        this.direction = direction;
        this.tables = level.stream().filter(this::inRange).toList();
        this.following = direction == Direction.ASCENDING ? 0 : tables.size() - 1;
    }

    private boolean inRange(Table table) {
        return (from == null || Arrays.compareUnsigned(table.footer().maxKey(), from) >= 0)
                && (to == null || Arrays.compareUnsigned(table.footer().minKey(), to) < 0);
    }

    @Override
    public @Nullable EncodedRow next() {
        while (true) {
            EncodedRow row = rows == null ? null : rows.next();
            if (row != null) {
                return row;
            }
            if (following < 0 || following == tables.size()) {
                return null;
            }
            rows = tables.get(following).rows(from, to, direction);
            following += direction == Direction.ASCENDING ? 1 : -1;
        }
    }
}
