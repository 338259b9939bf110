// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes one table from ascending rows. Both files are durable when {@link #finish} returns; their names are once the
 * directory is synced.
 *
 * <p>A node always fits a page. It has at most 16 rows of at most 2 x 2048 + 13 bytes of key and 8 KiB + 3 bytes of value, under
 * 200 KiB, and the smallest page is 256 KiB.
 */
final class TableWriter {
    static final byte WHOLE = 0;
    static final byte TOMBSTONE = 1;
    static final byte FIRST_CHUNK = 2;
    static final byte NEXT_CHUNK = 3;

    static final int CHUNK_VALUE_BYTES_MAX = 8 << 10;

    /** Small enough that a collector with regions of 1 MiB takes the buffers of a page for ordinary objects. */
    private static final int PAGE_BYTES = 256 << 10;

    private static final int PAGE_BYTES_LARGE = 1 << 20;
    private static final int NODE_ROWS = 16;

    /** With large rows, nodes of 16 would leave much of each page empty. */
    private static final int NODE_ROWS_LARGE = 4;

    private static final int LARGE_ROW_BYTES = 2 << 10;

    private final Storage storage;
    private final long number;
    private final int level;
    private final int pageBytes;
    private final Storage.OutputFile file;
    private final TableFile table;
    private final PageWriter pages;
    private final DeathHistogram deaths;

    private final BloomFilter.Hashes hashes = new BloomFilter.Hashes();
    private long rows;
    private long rowBytes;
    private long minIndex = Long.MAX_VALUE;
    private long maxIndex;
    private byte[] minKey = {};
    private @Nullable EncodedRow last;

    /**
     * @param expectedBytes a guess of the table's size
     * @param expectedRowBytes a guess of the mean row
     */
    TableWriter(
            Storage storage, long number, int level, long expectedBytes, long expectedRowBytes, DeathHistogram deaths)
            throws IOException {
        this.storage = storage;
        this.number = number;
        this.level = level;
        this.deaths = deaths;
        this.pageBytes = expectedRowBytes > LARGE_ROW_BYTES ? PAGE_BYTES_LARGE : PAGE_BYTES;
        this.file = storage.create(new TableName(number, level, 0, 0).tableFile());
        this.table = new TableFile(file, pageBytes);
        int nodeRows = expectedRowBytes > LARGE_ROW_BYTES ? NODE_ROWS_LARGE : NODE_ROWS;
        this.pages = new PageWriter(table, pageBytes, nodeRows);
    }

    /** @throws IllegalArgumentException if the row does not come behind the last one */
    void add(EncodedRow row, Retention retention) throws IOException {
        note(row, retention);
        if (row.tombstone()) {
            pages.add(row, 0, TOMBSTONE, 0, 0, 0);
        } else if (row.valueBytes() <= CHUNK_VALUE_BYTES_MAX) {
            pages.add(row, 0, WHOLE, 0, 0, row.valueBytes());
        } else {
            addChunks(row);
        }
    }

    private void addChunks(EncodedRow row) throws IOException {
        int chunks = (row.valueBytes() - 1) / CHUNK_VALUE_BYTES_MAX + 1;
        for (int i = 0; i < chunks; i++) {
            byte flag = i == 0 ? FIRST_CHUNK : NEXT_CHUNK;
            int from = i * CHUNK_VALUE_BYTES_MAX;
            int length = Math.min(CHUNK_VALUE_BYTES_MAX, row.valueBytes() - from);
            pages.add(row, i, flag, chunks, from, length);
        }
    }

    private void note(EncodedRow row, Retention retention) {
        if (last != null && Arrays.compareUnsigned(last.key(), row.key()) >= 0) {
            throw new IllegalArgumentException(
                    "row: not behind the last one (expected: rows in the order of their keys)");
        }
        long index = row.index();
        boolean covered = last != null && last.sameKey(row);
        if (retention == Retention.LOG || row.tombstone()) {
            deaths.add(index, row.bytes());
        } else if (covered && last != null) {
            deaths.add(last.index(), row.bytes());
        }
        if (!covered) {
            hashes.add(BloomFilter.hashOfRow(row.key()));
        }
        if (last == null) {
            minKey = row.key();
        }
        rows++;
        rowBytes += row.bytes();
        minIndex = Math.min(minIndex, index);
        maxIndex = Math.max(maxIndex, index);
        last = row;
    }

    boolean startsNewKey(EncodedRow row) {
        return last == null || !last.sameKey(row);
    }

    /** Whether all of it, and of its last key, comes before another table. */
    boolean endsBefore(Table other) {
        byte[] minKey = other.footer().minKey();
        return last == null
                || (Arrays.compareUnsigned(last.key(), minKey) < 0
                        && !Encoding.hasPrefix(minKey, Encoding.prefixOf(last.key())));
    }

    long rowBytes() {
        return rowBytes;
    }

    TableName finish() throws IOException {
        if (last == null) {
            throw new IllegalStateException("rows: 0 (expected: > 0)");
        }
        pages.finish();
        file.close();
        TableFooter footer = new TableFooter(
                table.length(),
                table.fileCrc(),
                pageBytes,
                table.directoryCrcs(),
                rows,
                rowBytes,
                minIndex,
                maxIndex,
                minKey,
                last.key(),
                deaths,
                BloomFilter.of(hashes));
        byte[] bytes = footer.encode();
        TableName name = new TableName(number, level, table.length(), Checked.storedCrc(bytes));
        Checked.write(storage, name.footerFile(), bytes);
        return name;
    }

    /** Gives the room back after a failure; a file that cannot be deleted now is an orphan for the next open. */
    void abort() {
        TableName name = new TableName(number, level, 0, 0);
        try {
            file.close();
        } catch (IOException closing) {
            // The file is dropped next; what matters failed before and is on its way to the caller.
        }
        Orphans.tryDelete(storage, name.tableFile());
        Orphans.tryDelete(storage, name.footerFile());
    }
}
