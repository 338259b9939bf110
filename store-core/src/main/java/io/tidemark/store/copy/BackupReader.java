// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import io.tidemark.store.RowName;
import io.tidemark.store.proto.v1.BackupHeader;
import io.tidemark.store.proto.v1.BackupTrailer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads a backup, and believes nothing whose checksum does not hold. Give it to one thread. */
public final class BackupReader {

    private final InputStream in;
    private final BackupHeader header;
    private @Nullable BackupTrailer trailer;
    private @Nullable RowName passed;
    private long rowCount;
    private long bytes;

    /**
     * Reads the header.
     *
     * @throws DamagedCopyException if this is no backup, or one of a format that this version does not know
     */
    public BackupReader(InputStream in) throws IOException {
        this.in = in;
        byte[] magic = in.readNBytes(BackupFormat.MAGIC.length);
        bytes = magic.length;
        if (!Arrays.equals(magic, BackupFormat.MAGIC)) {
            throw new DamagedCopyException("not a backup, or one of a version that is not known");
        }
        Frame first = frame();
        if (first.type() != BackupFormat.HEADER) {
            throw new DamagedCopyException("a backup without a header");
        }
        this.header = parsed(BackupHeader.parser(), first.payload());
    }

    public BackupHeader header() {
        return header;
    }

    /**
     * The next chunk; null behind the last, when {@link #trailer} is there.
     *
     * @throws DamagedCopyException if the backup is damaged here, or ends early
     */
    public @Nullable RowChunk next() throws IOException {
        if (trailer != null) {
            return null;
        }
        Frame frame = frame();
        if (frame.type() == BackupFormat.ROWS) {
            RowChunk chunk = RowChunk.ofBackup(passed, frame.payload());
            passed = chunk.through();
            rowCount += chunk.rowCount();
            return chunk;
        }
        if (frame.type() != BackupFormat.TRAILER) {
            throw new DamagedCopyException("a backup with a frame of type " + frame.type() + " among its rows");
        }
        BackupTrailer found = parsed(BackupTrailer.parser(), frame.payload());
        if (found.getRowCount() != rowCount) {
            throw new DamagedCopyException(
                    "a backup of " + rowCount + " rows (expected: " + found.getRowCount() + ", as its trailer says)");
        }
        if (in.read() >= 0) {
            throw new DamagedCopyException("a backup that goes on behind its trailer");
        }
        trailer = found;
        return null;
    }

    /** How many rows have been read. */
    public long rowCount() {
        return rowCount;
    }

    /** How many bytes have been read: where in the file the next frame begins. */
    public long bytes() {
        return bytes;
    }

    /** Once {@link #next} has come to the end. */
    public BackupTrailer trailer() {
        BackupTrailer read = trailer;
        if (read == null) {
            throw new IllegalStateException("the trailer has not been read (expected: after the last chunk)");
        }
        return read;
    }

    private Frame frame() throws IOException {
        byte[] head = exactly(BackupFormat.FRAME_HEAD_BYTES);
        byte type = head[0];
        int length = ByteBuffer.wrap(head, 1, Integer.BYTES).getInt();
        if (length < 0 || length > BackupFormat.PAYLOAD_BYTES_MAX) {
            throw new DamagedCopyException(
                    "a frame of " + length + " bytes (expected: 0 to " + BackupFormat.PAYLOAD_BYTES_MAX + ")");
        }
        byte[] payload = exactly(length);
        int stored = ByteBuffer.wrap(exactly(BackupFormat.FRAME_TAIL_BYTES)).getInt();
        CRC32C crc = new CRC32C();
        crc.update(head);
        crc.update(payload);
        if ((int) crc.getValue() != stored) {
            throw new DamagedCopyException("a frame of " + length + " bytes does not have its checksum");
        }
        return new Frame(type, ByteString.copyFrom(payload));
    }

    private byte[] exactly(int length) throws IOException {
        byte[] read = in.readNBytes(length);
        if (read.length < length) {
            throw new DamagedCopyException("the backup ends early: it was not written to its end");
        }
        bytes += length;
        return read;
    }

    private static <T> T parsed(Parser<T> parser, ByteString payload) {
        try {
            return parser.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new DamagedCopyException("a frame is unreadable, though its checksum holds", e);
        }
    }

    private record Frame(byte type, ByteString payload) {}
}
