// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import io.tidemark.api.XxHash64;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.Utf8;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The digest of one row: XXH64 with two seeds over an encoding in which every field that users can see takes part, each with
 * its length, so that no two rows share one. The encoding is part of what servers must agree on, and of backups: {@code
 * docs/backup-format.md} spells it out. Another one is another {@link #VERSION}.
 *
 * <p>Keeps a buffer; belongs to one thread.
 */
public final class RowHasher {

    /** Digests of different versions are never compared. */
    public static final int VERSION = 1;

    private static final long HIGH_SEED = 0x7469646D61726B31L;
    private static final long LOW_SEED = 0x9E3779B97F4A7C15L;
    private static final int BUFFER_BYTES_MIN = 4 << 10;

    /** Lengths, numbers and times: everything of a row's encoding that is not its four texts. */
    private static final int FIXED_BYTES = 4 * Integer.BYTES + 3 * Long.BYTES + 2 * (Long.BYTES + Integer.BYTES) + 1;

    /** One value of 1 MiB must not keep a buffer of its size for ever. */
    private static final int BUFFER_BYTES_KEPT_MAX = 64 << 10;

    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES_MIN);

    /** What the row adds to the digest of its bucket; null: there is no row. */
    public Digest hash(RowName name, @Nullable StoredRow row) {
        if (row == null) {
            return Digest.EMPTY;
        }
        int size = FIXED_BYTES
                + bytes(name.table())
                + bytes(name.key())
                + bytes(row.contentType())
                + row.value().size();
        ByteBuffer target =
                size <= buffer.capacity() ? buffer.clear() : ByteBuffer.allocate(Math.multiplyExact(size, 2));

        putText(target, name.table());
        putText(target, name.key());
        putText(target, row.contentType());
        target.putInt(row.value().size());
        row.value().copyTo(target);
        target.putLong(row.version()).putLong(row.createdIndex()).putLong(row.modifiedIndex());
        putTime(target, row.modifiedTime());
        LogTime expireTime = row.expireTime();
        target.put((byte) (expireTime == null ? 0 : 1));
        if (expireTime != null) {
            putTime(target, expireTime);
        }

        if (target.capacity() <= BUFFER_BYTES_KEPT_MAX) {
            buffer = target;
        }
        int length = target.position();
        return new Digest(
                XxHash64.hash(target.array(), 0, length, HIGH_SEED),
                XxHash64.hash(target.array(), 0, length, LOW_SEED),
                1);
    }

    private static int bytes(String text) {
        int bytes = Utf8.length(text);
        return bytes >= 0 ? bytes : text.getBytes(StandardCharsets.UTF_8).length;
    }

    private static void putText(ByteBuffer target, String text) {
        if (Utf8.length(text) != text.length()) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            target.putInt(bytes.length).put(bytes);
            return;
        }
        target.putInt(text.length());
        for (int i = 0; i < text.length(); i++) {
            target.put((byte) text.charAt(i));
        }
    }

    private static void putTime(ByteBuffer target, LogTime time) {
        target.putLong(time.seconds()).putInt(time.nanos());
    }
}
