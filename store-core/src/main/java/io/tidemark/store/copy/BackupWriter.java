// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

import com.google.protobuf.ByteString;
import io.tidemark.store.proto.v1.BackupHeader;
import io.tidemark.store.proto.v1.BackupTrailer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Writes a backup: a header, the rows in chunks, a trailer with what they must add up to. A backup without its trailer is not
 * whole.
 */
public final class BackupWriter {

    private final OutputStream out;
    private long rowCount;
    private long bytes;

    /**
     * @param rowCount how many rows an earlier attempt has written
     * @param bytes how many bytes it has written
     */
    public BackupWriter(OutputStream out, long rowCount, long bytes) {
        this.out = out;
        this.rowCount = rowCount;
        this.bytes = bytes;
    }

    /** With those of an earlier attempt. */
    public long rowCount() {
        return rowCount;
    }

    /** With those of an earlier attempt: how long the file is. */
    public long bytes() {
        return bytes;
    }

    /** Once, first. */
    public void header(BackupHeader header) throws IOException {
        out.write(BackupFormat.MAGIC);
        bytes += BackupFormat.MAGIC.length;
        frame(BackupFormat.HEADER, header.toByteString());
    }

    /** Each chunk, in order. */
    public void rows(RowChunk chunk) throws IOException {
        frame(BackupFormat.ROWS, chunk.rows());
        rowCount += chunk.rowCount();
    }

    /** Once, last. The row count is the writer's own. */
    public void trailer(BackupTrailer.Builder trailer) throws IOException {
        frame(BackupFormat.TRAILER, trailer.setRowCount(rowCount).build().toByteString());
        out.flush();
    }

    private void frame(byte type, ByteString payload) throws IOException {
        byte[] head = ByteBuffer.allocate(BackupFormat.FRAME_HEAD_BYTES)
                .put(type)
                .putInt(payload.size())
                .array();
        CRC32C crc = new CRC32C();
        crc.update(head);
        for (ByteBuffer part : payload.asReadOnlyByteBufferList()) {
            crc.update(part);
        }
        out.write(head);
        payload.writeTo(out);
        out.write(ByteBuffer.allocate(BackupFormat.FRAME_TAIL_BYTES)
                .putInt((int) crc.getValue())
                .array());
        bytes += BackupFormat.FRAME_HEAD_BYTES + payload.size() + BackupFormat.FRAME_TAIL_BYTES;
    }
}
