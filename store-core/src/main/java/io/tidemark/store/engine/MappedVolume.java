// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.zip.CRC32C;
import org.mapdb.DataInput2;

/**
 * A table's bytes for reading. Page directories and blocks (the keys or the values of a node) are checked against their
 * checksums: by readers when each is first touched, by compaction and scrub always.
 */
final class MappedVolume extends TableVolume {
    private static final int CRC_BYTES = 4;

    private final ByteBuffer bytes;
    private final TableFooter footer;
    private final String file;
    private final boolean always;
    private final AtomicLongArray checkedBlocks;
    private final AtomicLongArray checkedDirectories;

    MappedVolume(ByteBuffer bytes, TableFooter footer, String file, boolean always) {
        this.bytes = bytes;
        this.footer = footer;
        this.file = file;
        this.always = always;
        this.checkedBlocks = bits(always ? 0 : bytes.limit() / NodeSerializer.BLOCK_BYTES_MIN);
        this.checkedDirectories = bits(always ? 0 : footer.directoryCrcs().length);
    }

    private static AtomicLongArray bits(int count) {
        return new AtomicLongArray(count / 64 + 1);
    }

    @Override
    public long length() {
        return bytes.limit();
    }

    @Override
    public long getLong(long offset) {
        checkDirectory(offset);
        return bytes.getLong((int) offset);
    }

    @Override
    public int getInt(long offset) {
        checkDirectory(offset);
        return bytes.getInt((int) offset);
    }

    @Override
    public byte getByte(long offset) {
        checkDirectory(offset);
        return bytes.get((int) offset);
    }

    @Override
    public DataInput2 getDataInput(long offset, int size) {
        if (offset < 0 || size < NodeSerializer.BLOCK_BYTES_MIN || offset + size > bytes.limit()) {
            throw new CorruptionException(file, offset, "block of " + size + " bytes outside the file");
        }
        return new DataInput2.ByteBuffer(bytes, checkedBlock((int) offset, (int) offset + size));
    }

    ByteBuffer bytes() {
        return bytes;
    }

    int pages() {
        return footer.directoryCrcs().length;
    }

    int pageBytes() {
        return footer.pageBytes();
    }

    /** The start of a block, once it is known to be whole. */
    int checkedBlock(int start, int end) {
        // A block is at least as long as a bit's grain, so no two blocks share a bit.
        int bit = start / NodeSerializer.BLOCK_BYTES_MIN;
        if (always || !isSet(checkedBlocks, bit)) {
            if (crc(start, end - CRC_BYTES) != bytes.getInt(end - CRC_BYTES)) {
                throw new CorruptionException(file, start, "node checksum");
            }
            set(checkedBlocks, bit);
        }
        return start;
    }

    /** Where a page's directory begins, once it is known to be whole. */
    int checkedDirectory(int page) {
        int start = page * footer.pageBytes();
        checkDirectory(start);
        return page == 0 ? TableFile.HEADER_BYTES : start;
    }

    private void checkDirectory(long offset) {
        int page = (int) (offset / footer.pageBytes());
        if (page < 0 || page >= footer.directoryCrcs().length) {
            throw new CorruptionException(file, offset, "page outside the file");
        }
        if (!always && isSet(checkedDirectories, page)) {
            return;
        }
        int start = page * footer.pageBytes();
        int head = page == 0 ? TableFile.HEADER_BYTES : 0;
        int nodes = bytes.getInt(start + head);
        if (nodes <= 0 || nodes > footer.pageBytes() / NodeSerializer.BLOCK_BYTES_MIN) {
            throw new CorruptionException(file, start, "page directory: " + nodes + " nodes");
        }
        if (crc(start, start + head + TableFile.directoryBytes(nodes)) != footer.directoryCrcs()[page]) {
            throw new CorruptionException(file, start, "page directory checksum");
        }
        set(checkedDirectories, page);
    }

    private int crc(int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(from).limit(to));
        return (int) crc.getValue();
    }

    /** The checksum that {@link TableFile#fileCrc} gave when the file was written. */
    int fileCrc() {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().position(TableFile.HEADER_BYTES));
        crc.update(bytes.duplicate().limit(TableFile.HEADER_BYTES));
        return (int) crc.getValue();
    }

    private static boolean isSet(AtomicLongArray bits, int bit) {
        return (bits.getOpaque(bit >>> 6) & 1L << bit) != 0;
    }

    private void set(AtomicLongArray bits, int bit) {
        if (!always) {
            bits.getAndUpdate(bit >>> 6, word -> word | 1L << bit);
        }
    }
}
