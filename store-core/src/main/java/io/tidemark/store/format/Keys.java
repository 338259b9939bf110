// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.format;

import io.tidemark.store.KeySpan;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the spaces; their order as unsigned bytes is the order that scans promise.
 *
 * <p>A row is {@code table 00 key}. Table names hold no byte below {@code '-'}, so the zero ends the table and all rows of a
 * table lie together, in the order of the UTF-8 bytes of their keys.
 */
public final class Keys {

    private static final int TIME_BYTES = Long.BYTES + Integer.BYTES;

    private Keys() {}

    public static byte[] of(RowName name) {
        return named(0, name);
    }

    /** The first key behind that row. */
    public static byte[] after(RowName name) {
        byte[] key = of(name);
        return Arrays.copyOf(key, key.length + 1);
    }

    public static RowName name(byte[] key) {
        return name(key, 0);
    }

    private static RowName name(byte[] key, int from) {
        int end = from;
        while (key[end] != 0) {
            end++;
        }
        return new RowName(
                new String(key, from, end - from, StandardCharsets.UTF_8),
                new String(key, end + 1, key.length - end - 1, StandardCharsets.UTF_8));
    }

    /** The key of a row whose table is known: spares finding and decoding it. */
    public static RowName nameIn(String table, byte[] key) {
        // Table names are ASCII.
        int start = table.length() + 1;
        return new RowName(table, new String(key, start, key.length - start, StandardCharsets.UTF_8));
    }

    public static byte[] start(KeySpan span) {
        return of(new RowName(span.table(), span.start()));
    }

    /** Exclusive. */
    public static byte[] end(KeySpan span) {
        if (span.end() != null) {
            return of(new RowName(span.table(), span.end()));
        }
        byte[] end = of(new RowName(span.table(), ""));
        end[end.length - 1] = 1;
        return end;
    }

    public static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** An index or a sequence number: never negative, so big-endian bytes are in order. */
    public static byte[] number(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    public static long number(byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }

    public static byte[] shard(int shard) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(shard).array();
    }

    public static int shard(byte[] key) {
        return ByteBuffer.wrap(key).getInt();
    }

    /** An expiry: when, then the row. */
    public static byte[] expiry(LogTime time, RowName name) {
        byte[] key = named(TIME_BYTES, name);
        putTime(ByteBuffer.wrap(key), time);
        return key;
    }

    /** The first key of those that expire then or later. */
    public static byte[] expiryStart(LogTime time) {
        ByteBuffer key = ByteBuffer.allocate(TIME_BYTES);
        putTime(key, time);
        return key.array();
    }

    /** The first key of those that expire later than that. */
    public static byte @Nullable [] afterExpiriesOf(LogTime time) {
        if (time.equals(LogTime.MAX)) {
            return null;
        }
        ByteBuffer key = ByteBuffer.allocate(TIME_BYTES);
        putTime(key, time);
        // Nanoseconds stay below 2^31, so adding one never carries.
        return key.putInt(Long.BYTES, key.getInt(Long.BYTES) + 1).array();
    }

    public static LogTime expiryTime(byte[] key) {
        ByteBuffer buffer = ByteBuffer.wrap(key);
        return new LogTime(buffer.getLong() ^ Long.MIN_VALUE, buffer.getInt());
    }

    public static RowName expiryRow(byte[] key) {
        return name(key, TIME_BYTES);
    }

    private static void putTime(ByteBuffer key, LogTime time) {
        // The sign bit is flipped, so that times before 1970 come first.
        key.putLong(0, time.seconds() ^ Long.MIN_VALUE).putInt(Long.BYTES, time.nanos());
    }

    private static byte[] named(int room, RowName name) {
        byte[] table = text(name.table());
        byte[] key = text(name.key());
        byte[] named = new byte[room + table.length + 1 + key.length];
        System.arraycopy(table, 0, named, room, table.length);
        System.arraycopy(key, 0, named, room + table.length + 1, key.length);
        return named;
    }
}
