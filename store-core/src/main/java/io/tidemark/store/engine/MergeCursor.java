// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Several sorted row cursors as one. No two sources hold the same version of a row. */
final class MergeCursor implements RowCursor {
    private final PriorityQueue<Head> heads;

    MergeCursor(List<? extends RowCursor> sources, Direction direction) {
        Comparator<Head> order = (a, b) -> Arrays.compareUnsigned(a.row.key(), b.row.key());
        heads = new PriorityQueue<>(
                Math.max(1, sources.size()), direction == Direction.ASCENDING ? order : order.reversed());
        for (RowCursor source : sources) {
            EncodedRow first = source.next();
            if (first != null) {
                heads.add(new Head(source, first));
            }
        }
    }

    @Override
    public @Nullable EncodedRow next() {
        Head head = heads.poll();
        if (head == null) {
            return null;
        }
        EncodedRow row = head.row;
        EncodedRow following = head.source.next();
        if (following != null) {
            head.row = following;
            heads.add(head);
        }
        return row;
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
