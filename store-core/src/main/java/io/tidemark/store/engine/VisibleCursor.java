// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import org.jspecify.annotations.Nullable;

/** Of each key the newest version within (hiddenThrough, index], without tombstones. */
final class VisibleCursor implements RowCursor {
    private final RowCursor rows;
    private final Direction direction;
    private final long hiddenThrough;
    private final long index;
    private @Nullable EncodedRow ahead;

    VisibleCursor(RowCursor rows, Direction direction, long hiddenThrough, long index) {
        this.rows = rows;
        this.direction = direction;
        this.hiddenThrough = hiddenThrough;
        this.index = index;
        this.ahead = rows.next();
    }

    @Override
    public @Nullable EncodedRow next() {
        while (ahead != null) {
            EncodedRow newest = nextKey(ahead);
            if (newest != null && !newest.tombstone() && newest.index() > hiddenThrough) {
                return newest;
            }
        }
        return null;
    }

    /** Consumes all versions of one key; they come newest first when ascending, oldest first when descending. */
    private @Nullable EncodedRow nextKey(EncodedRow first) {
        EncodedRow newest = null;
        EncodedRow row = first;
        while (row != null && row.sameKey(first)) {
            if (row.index() <= index && (newest == null || direction == Direction.DESCENDING)) {
                newest = row;
            }
            row = rows.next();
        }
        ahead = row;
        return newest;
    }
}
