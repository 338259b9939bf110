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
        this.tables = level;
        this.from = from;
        this.to = to;
        this.direction = direction;
        this.following = direction == Direction.ASCENDING ? firstEndingFrom() : firstBeginningFrom() - 1;
    }

    /** Tables before it end below the range. */
    private int firstEndingFrom() {
        int low = 0;
        int high = from == null ? 0 : tables.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Arrays.compareUnsigned(tables.get(middle).footer().maxKey(), from) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** It and tables after it begin above the range. */
    private int firstBeginningFrom() {
        int low = to == null ? tables.size() : 0;
        int high = tables.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Arrays.compareUnsigned(tables.get(middle).footer().minKey(), to) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Override
    public @Nullable EncodedRow next() {
        while (true) {
            EncodedRow row = rows == null ? null : rows.next();
            if (row != null) {
                return row;
            }
            if (following < 0 || following == tables.size() || !isInRange(tables.get(following))) {
                following = tables.size();
                rows = null;
                return null;
            }
            rows = tables.get(following).rows(from, to, direction);
            following += direction == Direction.ASCENDING ? 1 : -1;
        }
    }

    private boolean isInRange(Table table) {
        return direction == Direction.ASCENDING
                ? to == null || Arrays.compareUnsigned(table.footer().minKey(), to) < 0
                : from == null || Arrays.compareUnsigned(table.footer().maxKey(), from) >= 0;
    }
}
