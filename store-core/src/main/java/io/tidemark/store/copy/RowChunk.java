// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.copy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemark.proto.v1.BootstrapRow;
import io.tidemark.proto.v1.BootstrapRowList;
import io.tidemark.store.LogTime;
import io.tidemark.store.RefusedException;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.feed.EffectsCodec;
import io.tidemark.store.validate.NameRules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The next rows of a copy, and from where to where the copy reaches with them: every row of the copied shards behind {@link
 * #after} and up to {@link #through} is in it. A chunk may hold no row at all, and only say that there is none.
 */
public final class RowChunk {

    private final @Nullable RowName after;
    private final RowName through;
    private final ByteString rows;
    private final int crc32c;
    private final int rowCount;
    private final @Nullable List<CopiedRow> decoded;

    private RowChunk(
            @Nullable RowName after,
            RowName through,
            ByteString rows,
            int crc32c,
            int rowCount,
            @Nullable List<CopiedRow> decoded) {
        this.after = after;
        this.through = through;
        this.rows = rows;
        this.crc32c = crc32c;
        this.rowCount = rowCount;
        this.decoded = decoded;
    }

    static RowChunk of(@Nullable RowName after, List<CopiedRow> rows, RowName through) {
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
        return new RowChunk(after, through, bytes, crc(bytes), rows.size(), null);
    }

    /**
     * What another server sent.
     *
     * @param after the row that the chunk begins behind; null: it is the first
     * @param rows an encoded {@code BootstrapRowList}
     * @param crc32c of {@code rows}
     * @throws DamagedCopyException if the checksum does not hold, or the rows are not what rows can be, or are out of order
     */
    public static RowChunk received(@Nullable RowName after, RowName through, ByteString rows, int crc32c) {
        if (crc(rows) != crc32c) {
            throw new DamagedCopyException("a chunk of " + rows.size() + " bytes does not have its checksum");
        }
        List<CopiedRow> decoded = decode(rows);
        requireOrder(after, decoded, through);
        return new RowChunk(after, through, rows, crc32c, decoded.size(), decoded);
    }

    /** Of a backup frame, whose own checksum has been checked. Reaches to its last row. */
    static RowChunk ofBackup(@Nullable RowName after, ByteString rows) {
        List<CopiedRow> decoded = decode(rows);
        if (decoded.isEmpty()) {
            throw new DamagedCopyException("a frame of rows without any");
        }
        RowName through = decoded.get(decoded.size() - 1).name();
        requireOrder(after, decoded, through);
        return new RowChunk(after, through, rows, crc(rows), decoded.size(), decoded);
    }

    /** The row that the chunk begins behind; null: it is the first. */
    public @Nullable RowName after() {
        return after;
    }

    /** The last row that the chunk passed. */
    public RowName through() {
        return through;
    }

    /** An encoded {@code BootstrapRowList}. */
    public ByteString rows() {
        return rows;
    }

    /** Of {@link #rows}. */
    public int crc32c() {
        return crc32c;
    }

    public int rowCount() {
        return rowCount;
    }

    /** The rows, in order. */
    public List<CopiedRow> decode() {
        return decoded != null ? decoded : decode(rows);
    }

    private static List<CopiedRow> decode(ByteString rows) {
        List<CopiedRow> decoded = new ArrayList<>();
        try {
            for (BootstrapRow row : BootstrapRowList.parseFrom(rows).getRowsList()) {
                decoded.add(copied(row));
            }
        } catch (InvalidProtocolBufferException e) {
            throw new DamagedCopyException("a chunk of " + rows.size() + " bytes is unreadable", e);
        }
        return decoded;
    }

    /** What nobody could have written is refused here: a store that took it over might not be able to give it back. */
    private static CopiedRow copied(BootstrapRow row) {
        try {
            NameRules.requireTable("table", row.getTable());
            NameRules.requireKey("key", row.getKey());
            StoredRow stored =
                    EffectsCodec.row(row.getImage(), row.getModifiedIndex(), LogTime.of(row.getModifiedTime()));
            if (stored.version() < 1 || stored.createdIndex() < 1 || stored.createdIndex() > stored.modifiedIndex()) {
                throw new IllegalArgumentException("version " + stored.version() + ", created at index "
                        + stored.createdIndex() + ", modified at index " + stored.modifiedIndex());
            }
            return new CopiedRow(new RowName(row.getTable(), row.getKey()), row.getShard(), stored);
        } catch (RefusedException | IllegalArgumentException e) {
            throw new DamagedCopyException("a copy holds a row that there cannot be: " + e.getMessage(), e);
        }
    }

    private static void requireOrder(@Nullable RowName after, List<CopiedRow> decoded, RowName through) {
        RowName before = after;
        for (CopiedRow row : decoded) {
            if (row.name().compareTo(through) > 0 || (before != null && before.compareTo(row.name()) >= 0)) {
                throw new DamagedCopyException("row " + row.name() + " of a copy is out of order (expected: behind "
                        + before + ", up to " + through + ")");
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
