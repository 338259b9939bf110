// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** The newest row versions, on the heap. One writer; readers see a commit only through the index they read at. */
final class Memtable implements RowSource {
    private final ConcurrentSkipListMap<byte[], EncodedRow> rows = new ConcurrentSkipListMap<>(Arrays::compareUnsigned);
    private volatile long bytes;

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer; volatile for stats only
    void add(CommitRows commit) {
        for (EncodedRow row : commit.rows()) {
            rows.put(row.key(), row);
            bytes += row.heapBytes();
        }
    }

    long bytes() {
        return bytes;
    }

    /** Walks the table: for the flush thread. */
    int rowCount() {
        return rows.size();
    }

    @Override
    public @Nullable EncodedRow newest(byte[] prefix, long index) {
        Map.Entry<byte[], EncodedRow> entry = rows.ceilingEntry(seekKey(prefix, index));
        return entry != null && Encoding.hasPrefix(entry.getKey(), prefix) ? entry.getValue() : null;
    }

    static byte[] seekKey(byte[] prefix, long index) {
        byte[] key = Arrays.copyOf(prefix, prefix.length + Encoding.INDEX_BYTES);
        for (int i = 0; i < Encoding.INDEX_BYTES; i++) {
            key[prefix.length + i] = (byte) (~index >>> (56 - 8 * i));
        }
        return key;
    }

    @Override
    public RowCursor rows(byte @Nullable [] from, byte @Nullable [] to, Direction direction) {
        ConcurrentNavigableMap<byte[], EncodedRow> range = rows;
        if (from != null) {
            range = range.tailMap(from, true);
        }
        if (to != null) {
            range = range.headMap(to, false);
        }
        Iterator<EncodedRow> iterator = (direction == Direction.ASCENDING ? range : range.descendingMap())
                .values()
                .iterator();
        return () -> iterator.hasNext() ? iterator.next() : null;
    }
}
