// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.mapdb.SortedTableMap;

/**
 * Writes one table from ascending rows. Both files are durable when {@link #finish} returns; their names are once the
 * directory is synced.
 *
 * <p>MapDB fails an assertion on a node larger than a page. It cannot be: a node has at most 16 rows of at most
 * 2 x 2048 + 13 bytes of key and 8 KiB + 3 bytes of value, under 200 KiB, and the smallest page is 256 KiB.
 */
final class TableWriter {
    static final byte WHOLE = 0;
    static final byte TOMBSTONE = 1;
    static final byte FIRST_CHUNK = 2;
    static final byte NEXT_CHUNK = 3;

    static final int CHUNK_VALUE_BYTES_MAX = 8 << 10;
    private static final int PAGE_BYTES_SMALL = 256 << 10;
    private static final int PAGE_BYTES_LARGE = 1 << 20;
    private static final long SMALL_TABLE_BYTES_MAX = 4L << 20;
    private static final int NODE_ROWS = 16;

    /** With large rows, nodes of 16 would leave much of each page empty. */
    private static final int NODE_ROWS_LARGE = 4;

    private static final int LARGE_ROW_BYTES = 2 << 10;

    private final Storage storage;
    private final long number;
    private final int level;
    private final int pageBytes;
    private final Storage.OutputFile file;
    private final ChannelVolume volume;
    private final SortedTableMap.Sink<byte[], byte[]> sink;
    private final DeathHistogram deaths;

    private long[] hashes = new long[64];
    private int keys;
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
        this.pageBytes = expectedBytes <= SMALL_TABLE_BYTES_MAX ? PAGE_BYTES_SMALL : PAGE_BYTES_LARGE;
        this.file = storage.create(new TableName(number, level, 0, 0).tableFile());
        this.volume = new ChannelVolume(file, pageBytes);
        this.sink = SortedTableMap.create(volume, NodeSerializer.forKeys(), NodeSerializer.forValues())
                .pageSize(pageBytes)
                .nodeSize(expectedRowBytes > LARGE_ROW_BYTES ? NODE_ROWS_LARGE : NODE_ROWS)
                .createFromSink();
    }

    void add(EncodedRow row, Retention retention) throws IOException {
        note(row, retention);
        try {
            if (row.tombstone()) {
                sink.put(Encoding.chunkKey(row.key(), 0), new byte[] {TOMBSTONE});
            } else if (row.value().length <= CHUNK_VALUE_BYTES_MAX) {
                sink.put(Encoding.chunkKey(row.key(), 0), flagged(WHOLE, 0, row.value(), 0));
            } else {
                addChunks(row);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void addChunks(EncodedRow row) {
        int chunks = (row.value().length - 1) / CHUNK_VALUE_BYTES_MAX + 1;
        for (int i = 0; i < chunks; i++) {
            byte flag = i == 0 ? FIRST_CHUNK : NEXT_CHUNK;
            sink.put(Encoding.chunkKey(row.key(), i), flagged(flag, chunks, row.value(), i * CHUNK_VALUE_BYTES_MAX));
        }
    }

    private static byte[] flagged(byte flag, int chunks, byte[] value, int from) {
        int head = flag == FIRST_CHUNK ? 3 : 1;
        int length = Math.min(CHUNK_VALUE_BYTES_MAX, value.length - from);
        byte[] out = new byte[head + length];
        out[0] = flag;
        if (flag == FIRST_CHUNK) {
            out[1] = (byte) (chunks >>> 8);
            out[2] = (byte) chunks;
        }
        System.arraycopy(value, from, out, head, length);
        return out;
    }

    private void note(EncodedRow row, Retention retention) {
        long index = row.index();
        boolean covered = last != null && last.sameKey(row);
        if (retention == Retention.LOG || row.tombstone()) {
            deaths.add(index, row.bytes());
        } else if (covered && last != null) {
            deaths.add(last.index(), row.bytes());
        }
        if (!covered) {
            if (keys == hashes.length) {
                hashes = Arrays.copyOf(hashes, 2 * keys);
            }
            hashes[keys++] = BloomFilter.hash(row.key(), row.key().length - Encoding.INDEX_BYTES);
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
        try {
            sink.create();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        file.close();
        TableFooter footer = new TableFooter(
                volume.length(),
                volume.fileCrc(),
                pageBytes,
                volume.directoryCrcs(),
                rows,
                rowBytes,
                minIndex,
                maxIndex,
                minKey,
                last.key(),
                deaths,
                BloomFilter.of(hashes, keys));
        byte[] bytes = footer.encode();
        TableName name = new TableName(number, level, volume.length(), Checked.storedCrc(bytes));
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
