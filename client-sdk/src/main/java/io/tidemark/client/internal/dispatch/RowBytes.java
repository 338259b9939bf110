// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.proto.v1.Row;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How large a row is that a read will bring, by those that reads brought lately: what a read counts for before its answer is there.
 * Follows larger rows soon and smaller ones slowly, for too little is what costs memory. Thread-safe; a sample that another overtakes
 * is lost, and one that teaches nothing writes nothing.
 */
final class RowBytes {

    private static final long FIRST = 1 << 10;
    private static final int BESIDE_VALUE = 128;
    private static final int LARGER = 4;
    private static final int SMALLER = 64;

    private final AtomicLong expected = new AtomicLong(FIRST);

    long expected() {
        return expected.get();
    }

    void saw(Row row) {
        long before = expected.get();
        long difference = (long) row.getValue().getBytes().size() + row.getKey().length() + BESIDE_VALUE - before;
        long step = difference / (difference > 0 ? LARGER : SMALLER);
        if (step != 0) {
            expected.compareAndSet(before, before + step);
        }
    }
}
