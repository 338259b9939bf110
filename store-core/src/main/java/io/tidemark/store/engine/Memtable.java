// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest row versions, on the heap. One writer; readers see a commit only through the index they read at. */
final class Memtable implements RowSource {
    private static final Comparator<EncodedRow> BY_KEY = (a, b) -> Arrays.compareUnsigned(a.key(), b.key());

    private final RowSkipList rows = new RowSkipList();
    private final NewestRows newest = new NewestRows(rows);
    private volatile long bytes;
    private volatile int count;

    /** In the order of all their keys, whatever the commit: then a row mostly lies close behind the one before it. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer; volatile for stats only
    void add(List<CommitRows> commits) {
        List<EncodedRow> sorted = new ArrayList<>();
        for (CommitRows commit : commits) {
            commit.rows().forEach(sorted::add);
        }
        sorted.sort(BY_KEY);
        for (EncodedRow row : sorted) {
            newest.put(row.key(), BloomFilter.hashOfRow(row.key()), rows.add(row));
        }
        bytes = rows.bytes() + newest.bytes();
        count += sorted.size();
    }

    long bytes() {
        return bytes;
    }

    int rowCount() {
        return count;
    }

    @Override
    public @Nullable EncodedRow newest(byte[] seek) {
        return newest(seek, BloomFilter.hashOfRow(seek));
    }

    /** @param hash {@link BloomFilter#hashOfRow} of the key */
    @Nullable EncodedRow newest(byte[] seek, long hash) {
        int node = newest.find(seek, hash);
        if (node == NewestRows.NONE) {
            return null;
        }
        return rows.index(node) <= Encoding.index(seek) ? rows.row(node) : rows.sameRowFrom(seek);
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
