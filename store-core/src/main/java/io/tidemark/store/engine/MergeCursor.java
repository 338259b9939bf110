// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Several sorted row cursors as one. A version of a row that several sources hold comes once: while a compaction is half
 * way, its outputs and its upper inputs have some in common.
 *
 * <p>The sources are kept in the order of their next rows. Mostly the first stays first, which one comparison tells: most
 * rows lie in the deepest level.
 */
final class MergeCursor implements RowCursor {
    private final Direction direction;
    private final Head[] heads;
    private int count;
    private boolean firstIsTaken;

    MergeCursor(List<? extends RowCursor> sources, Direction direction) {
        this.direction = direction;
        this.heads = new Head[sources.size()];
        for (RowCursor source : sources) {
            EncodedRow first = source.next();
            if (first != null) {
                insert(new Head(source, first), 0);
            }
        }
    }

    @Override
    public @Nullable EncodedRow next() {
        if (firstIsTaken) {
            byte[] taken = heads[0].row.key();
            do {
                advanceFirst();
            } while (count > 0 && Arrays.equals(heads[0].row.key(), taken));
        }
        if (count == 0) {
            return null;
        }
        firstIsTaken = true;
        return heads[0].row;
    }

    private void advanceFirst() {
        Head head = heads[0];
        EncodedRow following = head.source.next();
        firstIsTaken = false;
        if (following == null) {
            remove();
            return;
        }
        head.row = following;
        if (count > 1 && isBehind(head, heads[1])) {
            remove();
            insert(head, 1);
        }
    }

    private void remove() {
        count--;
        System.arraycopy(heads, 1, heads, 0, count);
    }

    /** Among the heads from {@code low} on. */
    private void insert(Head head, int low) {
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (isBehind(head, heads[middle])) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        System.arraycopy(heads, low, heads, low + 1, count - low);
        heads[low] = head;
        count++;
    }

    private boolean isBehind(Head one, Head other) {
        int order = Arrays.compareUnsigned(one.row.key(), other.row.key());
        return direction == Direction.ASCENDING ? order > 0 : order < 0;
    }

    private static final class Head {
        private final RowCursor source;
        private EncodedRow row;

        private Head(RowCursor source, EncodedRow row) {
            this.source = source;
            this.row = row;
        }
    }
}
