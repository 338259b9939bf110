// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.mapdb.DataInput2;

/**
 * Where a table is written: page by page, in order, then the header. Computes the checksums of the page directories and
 * of the whole file on the way.
 */
final class ChannelVolume extends TableVolume {
    static final int HEADER_BYTES = 64;

    private final Storage.OutputFile file;
    private final int pageBytes;
    private final byte[] header = new byte[HEADER_BYTES];
    private final CRC32C body = new CRC32C();
    private int[] directoryCrcs = new int[4];
    private byte[] firstDirectory = {};
    private int pages;
    private int lastPageBytes;

    ChannelVolume(Storage.OutputFile file, int pageBytes) {
        this.file = file;
        this.pageBytes = pageBytes;
    }

    @Override
    public void putData(long offset, byte[] src, int srcPos, int srcSize) {
        if (offset != (long) pages * pageBytes || srcPos != 0 || srcSize != pageBytes) {
            throw new IllegalStateException("page at " + offset + " (expected: the next whole page)");
        }
        int head = pages == 0 ? HEADER_BYTES : 0;
        int directoryBytes = directoryBytes(ByteBuffer.wrap(src).getInt(head));
        if (pages == 0) {
            firstDirectory = Arrays.copyOfRange(src, head, head + directoryBytes);
        }
        if (pages == directoryCrcs.length) {
            directoryCrcs = Arrays.copyOf(directoryCrcs, 2 * pages);
        }
        CRC32C directory = new CRC32C();
        directory.update(src, head, directoryBytes);
        directoryCrcs[pages++] = (int) directory.getValue();
        // What is behind the last block of a page is not written: zeros before the next page, the end of the last one.
        int end = ByteBuffer.wrap(src).getInt(head + directoryBytes - 4);
        body.update(new byte[pages == 1 ? 0 : pageBytes - lastPageBytes]);
        body.update(src, head, end - head);
        lastPageBytes = end;
        try {
            file.write(offset, src, 0, end);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Bytes of a page's directory: the node count, the starts of key and value blocks, and the end of the last. */
    static int directoryBytes(int nodes) {
        return 4 + 8 * nodes + 4;
    }

    @Override
    public void putLong(long offset, long value) {
        ByteBuffer.wrap(header).putLong((int) offset, value);
    }

    /** The end of the sink's work: the header makes the file a table. */
    @Override
    public void sync() {
        CRC32C first = new CRC32C();
        first.update(header);
        first.update(firstDirectory);
        directoryCrcs[0] = (int) first.getValue();
        body.update(header);
        try {
            file.write(0, header, 0, HEADER_BYTES);
            file.sync();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int[] directoryCrcs() {
        return Arrays.copyOf(directoryCrcs, pages);
    }

    /** CRC32C of all bytes after the header, then the header. */
    int fileCrc() {
        return (int) body.getValue();
    }

    @Override
    public long length() {
        return Math.max(0, pages - 1L) * pageBytes + lastPageBytes;
    }

    @Override
    public long getLong(long offset) {
        return read(offset, 8).getLong();
    }

    @Override
    public int getInt(long offset) {
        return read(offset, 4).getInt();
    }

    @Override
    public byte getByte(long offset) {
        return read(offset, 1).get();
    }

    @Override
    public DataInput2 getDataInput(long offset, int size) {
        return new DataInput2.ByteArray(read(offset, size).array());
    }

    private ByteBuffer read(long offset, int size) {
        byte[] bytes = new byte[size];
        try {
            file.read(offset, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteBuffer.wrap(bytes);
    }
}
