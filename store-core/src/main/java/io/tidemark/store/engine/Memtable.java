// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The newest row versions, on the heap. One writer; readers see a commit only through the index they read at. */
final class Memtable implements RowSource {
    private final RowSkipList rows = new RowSkipList();
    private volatile long bytes;
    private volatile int count;

    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer; volatile for stats only
    void add(CommitRows commit) {
        long added = 0;
        for (EncodedRow row : commit.rows()) {
            rows.add(row);
            added += row.heapBytes();
        }
        bytes += added;
        count += commit.size();
    }

    long bytes() {
        return bytes;
    }

    int rowCount() {
        return count;
    }

    @Override
    public @Nullable EncodedRow newest(byte[] prefix, long index) {
        EncodedRow row = rows.ceiling(seekKey(prefix, index));
        return row != null && Encoding.hasPrefix(row.key(), prefix) ? row : null;
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
        return direction == Direction.ASCENDING ? ascending(from, to) : new Descending(from, to);
    }

    private RowCursor ascending(byte @Nullable [] from, byte @Nullable [] to) {
        RowCursor all = rows.ascending(from);
        if (to == null) {
            return all;
        }
        return () -> {
            EncodedRow row = all.next();
            return row != null && Arrays.compareUnsigned(row.key(), to) < 0 ? row : null;
        };
    }

    /** Looks the row before up anew each time: links lead forward only. */
    private final class Descending implements RowCursor {
        private final byte @Nullable [] from;
        private byte @Nullable [] to;
        private boolean ended;

        private Descending(byte @Nullable [] from, byte @Nullable [] to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public @Nullable EncodedRow next() {
            EncodedRow row = ended ? null : rows.lower(to);
            if (row == null || (from != null && Arrays.compareUnsigned(row.key(), from) < 0)) {
                ended = true;
                return null;
            }
            to = row.key();
            return row;
        }
    }
}
