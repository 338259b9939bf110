// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Writes entries as the pages of a MapDB sorted table, with {@link NodeSerializer}'s blocks in them. MapDB's own writer copies
 * each key and value several times; this one copies them into a page's buffers, which are used again for the next page. That
 * MapDB reads what was written is what a scrub looks at.
 *
 * <p>A page is a directory, the key blocks of all its nodes, then their value blocks. For one thread.
 */
final class PageWriter {
    /** Padded to this, blocks are told apart by the grain of {@link MappedVolume}'s bits. */
    private static final int BODY_BYTES_MIN = NodeSerializer.BLOCK_BYTES_MIN - Integer.BYTES;

    private static final int COUNT_BYTES = 1;
    private static final byte COUNT_END = (byte) 0x80;

    private final TableFile file;
    private final int pageBytes;
    private final byte[] page;
    private final Blocks keys;
    private final Blocks values;
    private final Entry[] node;
    private final CRC32C crc = new CRC32C();
    private int filled;
    private int nodes;
    private int pages;
    private long count;

    /** @param nodeEntries at most 127, which is what the byte for their number holds */
    PageWriter(TableFile file, int pageBytes, int nodeEntries) {
        this.file = file;
        this.pageBytes = pageBytes;
        this.page = new byte[pageBytes];
        this.keys = new Blocks(pageBytes);
        this.values = new Blocks(pageBytes);
        this.node = new Entry[nodeEntries];
        Arrays.setAll(node, any -> new Entry());
    }

    /** The next entry: a row, or with {@code chunks} above zero one chunk of it. Rows are read later, but not kept. */
    void add(EncodedRow row, int chunk, byte flag, int chunks, int from, int length) throws IOException {
        node[filled++].set(row, chunk, flag, chunks, from, length);
        count++;
        if (filled == node.length) {
            endNode();
        }
    }

    private void endNode() throws IOException {
        int prefix = commonPrefix(node[0], node[filled - 1]);
        int keyBytes = COUNT_BYTES + Short.BYTES + prefix + Integer.BYTES * filled;
        int valueBytes = Short.BYTES + Integer.BYTES * filled;
        for (int i = 0; i < filled; i++) {
            keyBytes += node[i].rowKey.length + Encoding.CHUNK_BYTES - prefix;
            valueBytes += node[i].valueBytes();
        }
        int added = Math.max(BODY_BYTES_MIN, keyBytes) + Math.max(BODY_BYTES_MIN, valueBytes) + 2 * Integer.BYTES;
        if (nodes > 0 && start(nodes + 1) + keys.end() + values.end() + added > pageBytes) {
            endPage();
        }
        writeKeys(prefix);
        writeValues();
        nodes++;
        filled = 0;
    }

    /**
     * What the first and the last share, all share, for they are sorted. No row's key is the beginning of another's, so the chunk
     * numbers need not be looked at.
     */
    private static int commonPrefix(Entry first, Entry last) {
        int mismatch = Arrays.mismatch(first.rowKey, last.rowKey);
        return mismatch < 0 ? first.rowKey.length : mismatch;
    }

    private void writeKeys(int prefix) {
        ByteBuffer out = keys.begin();
        out.put((byte) (COUNT_END | filled));
        out.putShort((short) prefix).put(node[0].rowKey, 0, prefix);
        int end = 0;
        for (int i = 0; i < filled; i++) {
            end += node[i].rowKey.length + Encoding.CHUNK_BYTES - prefix;
            out.putInt(end);
        }
        for (int i = 0; i < filled; i++) {
            out.put(node[i].rowKey, prefix, node[i].rowKey.length - prefix).putShort((short) node[i].chunk);
        }
        keys.finish(crc);
    }

    private void writeValues() {
        ByteBuffer out = values.begin();
        out.putShort((short) 0);
        int end = 0;
        for (int i = 0; i < filled; i++) {
            end += node[i].valueBytes();
            out.putInt(end);
        }
        for (int i = 0; i < filled; i++) {
            node[i].putValue(out);
        }
        values.finish(crc);
    }

    /** Where a page's blocks begin when it has so many nodes. */
    private int start(int nodeCount) {
        return (pages == 0 ? TableFile.HEADER_BYTES : 0) + TableFile.directoryBytes(nodeCount);
    }

    private void endPage() throws IOException {
        int head = pages == 0 ? TableFile.HEADER_BYTES : 0;
        int start = start(nodes);
        ByteBuffer out = ByteBuffer.wrap(page).position(head);
        out.putInt(nodes);
        for (int i = 0; i < nodes; i++) {
            out.putInt(start + keys.start(i));
        }
        for (int i = 0; i < nodes; i++) {
            out.putInt(start + keys.end() + values.start(i));
        }
        out.putInt(start + keys.end() + values.end());
        keys.moveTo(out);
        values.moveTo(out);
        file.writePage(page);
        nodes = 0;
        pages++;
    }

    /** The table is complete, and durable when this returns. */
    void finish() throws IOException {
        if (filled > 0) {
            endNode();
        }
        if (nodes > 0) {
            endPage();
        }
        file.finish(count);
    }

    private static final class Entry {
        private static final EncodedRow NO_ROW = new EncodedRow(EncodedRow.NO_BYTES, true, EncodedRow.NO_BYTES);

        private byte[] rowKey = EncodedRow.NO_BYTES;
        private int chunk;
        private byte flag;
        private int chunks;
        private EncodedRow row = NO_ROW;
        private int from;
        private int length;

        private void set(EncodedRow row, int chunk, byte flag, int chunks, int from, int length) {
            this.row = row;
            this.rowKey = row.key();
            this.chunk = chunk;
            this.flag = flag;
            this.chunks = chunks;
            this.from = from;
            this.length = length;
        }

        private int valueBytes() {
            return 1 + (flag == TableWriter.FIRST_CHUNK ? Short.BYTES : 0) + length;
        }

        private void putValue(ByteBuffer out) {
            out.put(flag);
            if (flag == TableWriter.FIRST_CHUNK) {
                out.putShort((short) chunks);
            }
            row.putValue(out, from, length);
        }
    }

    /** The key blocks of a page, or its value blocks. */
    private static final class Blocks {
        private final ByteBuffer bytes;
        private int[] starts = new int[64];
        private int count;

        private Blocks(int capacity) {
            this.bytes = ByteBuffer.allocate(capacity);
        }

        private ByteBuffer begin() {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
            }
            starts[count++] = bytes.position();
            return bytes;
        }

        private void finish(CRC32C crc) {
            int start = starts[count - 1];
            while (bytes.position() - start < BODY_BYTES_MIN) {
                bytes.put((byte) 0);
            }
            crc.reset();
            crc.update(bytes.array(), start, bytes.position() - start);
            bytes.putInt((int) crc.getValue());
        }

        private int start(int block) {
            return starts[block];
        }

        private int end() {
            return bytes.position();
        }

        private void moveTo(ByteBuffer out) {
            out.put(bytes.flip());
            bytes.clear();
            count = 0;
        }
    }
}
