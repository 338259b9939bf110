// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemark.proto.v1.BootstrapRow;
import io.tidemark.proto.v1.BootstrapRowList;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.feed.EffectsCodec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The next rows of a copy, and how far the copy reaches with them: every row of the copied shards behind the chunk before it
 * and up to {@code through} is in it.
 *
 * @param rows an encoded {@code BootstrapRowList}
 * @param crc32c of {@code rows}
 * @param through the last row that the chunk passed; null: it is the last chunk, and reaches to the end
 */
public record RowChunk(
        ByteString rows, int crc32c, int rowCount, @Nullable RowName through) {

    static RowChunk of(List<CopiedRow> rows, @Nullable RowName through) {
        BootstrapRowList.Builder list = BootstrapRowList.newBuilder();
        for (CopiedRow row : rows) {
            list.addRows(BootstrapRow.newBuilder()
                    .setShard(row.shard())
                    .setTable(row.name().table())
                    .setKey(row.name().key())
                    .setImage(EffectsCodec.image(row.row()))
                    .setModifiedIndex(row.row().modifiedIndex())
                    .setModifiedTime(row.row().modifiedTime().toTimestamp()));
        }
        ByteString bytes = list.build().toByteString();
        return new RowChunk(bytes, crc(bytes), rows.size(), through);
    }

    /** Of a backup frame, whose own checksum has been checked. Reaches to its last row. */
    static RowChunk ofBackup(ByteString rows) {
        try {
            BootstrapRowList list = BootstrapRowList.parseFrom(rows);
            if (list.getRowsCount() == 0) {
                throw new DamagedCopyException("a frame of rows without any");
            }
            BootstrapRow last = list.getRows(list.getRowsCount() - 1);
            RowName through = new RowName(last.getTable(), last.getKey());
            return new RowChunk(rows, crc(rows), list.getRowsCount(), through);
        } catch (InvalidProtocolBufferException e) {
            throw new DamagedCopyException("a frame of rows is unreadable, though its checksum holds", e);
        }
    }

    /** Behind the last row of a copy: nothing more comes. */
    public static RowChunk end() {
        return of(List.of(), null);
    }

    /**
     * The rows, in order.
     *
     * @throws DamagedCopyException if the checksum does not hold, or the rows are out of order
     */
    public List<CopiedRow> decode() {
        if (crc(rows) != crc32c) {
            throw new DamagedCopyException("a chunk of " + rows.size() + " bytes does not have its checksum");
        }
        List<CopiedRow> decoded = new ArrayList<>();
        try {
            for (BootstrapRow row : BootstrapRowList.parseFrom(rows).getRowsList()) {
                decoded.add(new CopiedRow(
                        new RowName(row.getTable(), row.getKey()),
                        row.getShard(),
                        EffectsCodec.row(row.getImage(), row.getModifiedIndex(), LogTime.of(row.getModifiedTime()))));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new DamagedCopyException("a chunk of " + rows.size() + " bytes is unreadable", e);
        }
        requireOrder(decoded);
        return decoded;
    }

    private void requireOrder(List<CopiedRow> decoded) {
        RowName before = null;
        for (CopiedRow row : decoded) {
            boolean beyond = through != null && row.name().compareTo(through) > 0;
            if (beyond || (before != null && before.compareTo(row.name()) >= 0)) {
                throw new DamagedCopyException("row " + row.name() + " of a chunk is out of order");
            }
            before = row.name();
        }
    }

    private static int crc(ByteString bytes) {
        CRC32C crc = new CRC32C();
        for (ByteBuffer part : bytes.asReadOnlyByteBufferList()) {
            crc.update(part);
        }
        return (int) crc.getValue();
    }
}
