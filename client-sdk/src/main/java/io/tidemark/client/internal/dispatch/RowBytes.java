// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes a read of a row is expected to bring, before its answer is there: the mean of those that reads of whole rows brought
 * lately, so that many together come to what they are taken for. Thread-safe; a sample that another overtakes is lost, and one that
 * teaches nothing writes nothing.
 */
final class RowBytes {

    private static final long FIRST = 1 << 10;
    private static final int BESIDE_VALUE = 128;
    /** One sample in so many: as many are needed to follow a change. */
    private static final int SAMPLES = 8;

    private final AtomicLong whole = new AtomicLong(FIRST);

    long expected(RowView view) {
        return isWhole(view) ? whole.get() : BESIDE_VALUE;
    }

    /** @param row as an answer brought it; none is no row of theirs */
    void saw(RowView view, Row row) {
        if (!isWhole(view) || row.getModifiedIndex() == 0) {
            return;
        }
        long before = whole.get();
        long bytes = (long) row.getValue().getBytes().size() + row.getKey().length() + BESIDE_VALUE;
        long step = (bytes - before) / SAMPLES;
        if (step != 0) {
            whole.compareAndSet(before, before + step);
        }
    }

    private static boolean isWhole(RowView view) {
        return view != RowView.ROW_VIEW_METADATA;
    }
}
