// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Where a table is written: page by page, in order, then the header. Computes the checksums of the page directories and
 * of the whole file on the way.
 */
final class TableFile {
    static final int HEADER_BYTES = 64;

    /** MapDB's, of a sorted table; {@link Table#asMap} finds it, or refuses the file. */
    private static final long MAGIC = 0x4A0A_0000_0000_0000L;

    private static final int COUNT_AT = 16;
    private static final int LAST_PAGE_AT = 24;
    private static final int PAGE_BYTES_AT = 32;

    private final Storage.OutputFile file;
    private final int pageBytes;
    private final CRC32C body = new CRC32C();
    private int[] directoryCrcs = new int[4];
    private byte[] firstDirectory = {};
    private int pages;
    private int lastPageBytes;

    TableFile(Storage.OutputFile file, int pageBytes) {
        this.file = file;
        this.pageBytes = pageBytes;
    }

    /** The first page leaves room for the header. */
    void writePage(byte[] page) throws IOException {
        int head = pages == 0 ? HEADER_BYTES : 0;
        ByteBuffer source = ByteBuffer.wrap(page);
        int directoryBytes = directoryBytes(source.getInt(head));
        if (pages == 0) {
            firstDirectory = Arrays.copyOfRange(page, head, head + directoryBytes);
        }
        if (pages == directoryCrcs.length) {
            directoryCrcs = Arrays.copyOf(directoryCrcs, 2 * pages);
        }
        CRC32C directory = new CRC32C();
        directory.update(page, head, directoryBytes);
        directoryCrcs[pages++] = (int) directory.getValue();
        // What is behind the last block of a page is not written: zeros before the next page, the end of the last one.
        int end = source.getInt(head + directoryBytes - Integer.BYTES);
        body.update(new byte[pages == 1 ? 0 : pageBytes - lastPageBytes]);
        body.update(page, head, end - head);
        lastPageBytes = end;
        file.write((pages - 1L) * pageBytes, page, 0, end);
    }

    /** Bytes of a page's directory: the node count, the starts of key and value blocks, and the end of the last. */
    static int directoryBytes(int nodes) {
        return 4 + 8 * nodes + 4;
    }

    /** The header makes the file a table. */
    void finish(long entries) throws IOException {
        byte[] header = ByteBuffer.allocate(HEADER_BYTES)
                .putLong(0, MAGIC)
                .putLong(COUNT_AT, entries)
                .putLong(LAST_PAGE_AT, pages - 1L)
                .putLong(PAGE_BYTES_AT, pageBytes)
                .array();
        CRC32C first = new CRC32C();
        first.update(header);
        first.update(firstDirectory);
        directoryCrcs[0] = (int) first.getValue();
        body.update(header);
        file.write(0, header, 0, HEADER_BYTES);
        file.sync();
    }

    int[] directoryCrcs() {
        return Arrays.copyOf(directoryCrcs, pages);
    }

    /** CRC32C of all bytes after the header, then the header. */
    int fileCrc() {
        return (int) body.getValue();
    }

    long length() {
        return Math.max(0, pages - 1L) * pageBytes + lastPageBytes;
    }
}
