// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.format;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.tidemark.store.LogTime;
import io.tidemark.store.StoredRow;
import java.nio.charset.StandardCharsets;

/**
 * A row as the value of its key. The shard stands first, so that a copy of some shards can pass over the other rows without
 * decoding them; the user's value stands last and is not copied when it is read.
 *
 * <p>{@code format(1) | shard | version | modified index | modified index - created index | modified time | expiry | content
 * type | value}. Numbers are varints, seven bits a byte, the low ones first. A time is seconds, zigzag, and nanoseconds. The
 * expiry begins with a byte that says whether there is one. The content type is its number in a list of common ones, or zero,
 * its length and its bytes.
 */
public final class Rows {

    private static final byte FORMAT = 1;
    private static final int VARINT_BYTES_MAX = 10;

    /** Eight varints, three single bytes, and room for a content type's length. */
    private static final int HEAD_BYTES_MAX = 10 * VARINT_BYTES_MAX + 3;

    /** Part of the format: only ever appended to, up to 127. */
    private static final String[] CONTENT_TYPES = {
        "", "application/json", "application/octet-stream", "text/plain", "text/plain; charset=utf-8"
    };

    private Rows() {}

    public static byte[] encode(int shard, StoredRow row) {
        int typeNumber = contentTypeNumber(row.contentType());
        byte[] type = typeNumber > 0 ? new byte[0] : row.contentType().getBytes(StandardCharsets.UTF_8);
        byte[] head = new byte[HEAD_BYTES_MAX + type.length];
        int at = 0;
        head[at++] = FORMAT;
        at = putVarint(head, at, shard);
        at = putVarint(head, at, row.version());
        at = putVarint(head, at, row.modifiedIndex());
        at = putVarint(head, at, row.modifiedIndex() - row.createdIndex());
        at = putTime(head, at, row.modifiedTime());
        LogTime expireTime = row.expireTime();
        head[at++] = (byte) (expireTime == null ? 0 : 1);
        if (expireTime != null) {
            at = putTime(head, at, expireTime);
        }
        head[at++] = (byte) typeNumber;
        if (typeNumber == 0) {
            at = putVarint(head, at, type.length);
            System.arraycopy(type, 0, head, at, type.length);
            at += type.length;
        }
        byte[] bytes = new byte[at + row.value().size()];
        System.arraycopy(head, 0, bytes, 0, at);
        row.value().copyTo(bytes, at);
        return bytes;
    }

    public static int shard(byte[] bytes) {
        Reader in = new Reader(bytes);
        in.format();
        return (int) in.varint();
    }

    /** The row's value shares the array. */
    public static StoredRow decode(byte[] bytes) {
        Reader in = new Reader(bytes);
        in.format();
        in.varint();
        long version = in.varint();
        long modifiedIndex = in.varint();
        long createdIndex = modifiedIndex - in.varint();
        LogTime modifiedTime = in.time();
        LogTime expireTime = in.next() == 0 ? null : in.time();
        String contentType = in.contentType();
        ByteString value = UnsafeByteOperations.unsafeWrap(bytes, in.at, bytes.length - in.at);
        return new StoredRow(value, contentType, version, createdIndex, modifiedIndex, modifiedTime, expireTime);
    }

    private static int contentTypeNumber(String contentType) {
        for (int i = 1; i < CONTENT_TYPES.length; i++) {
            if (CONTENT_TYPES[i].equals(contentType)) {
                return i;
            }
        }
        return 0;
    }

    private static int putTime(byte[] bytes, int from, LogTime time) {
        long seconds = time.seconds();
        int at = putVarint(bytes, from, seconds << 1 ^ seconds >> 63);
        return putVarint(bytes, at, time.nanos());
    }

    private static int putVarint(byte[] bytes, int from, long number) {
        int at = from;
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
        return at;
    }

    private static final class Reader {
        private final byte[] bytes;
        private int at;

        private Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        private void format() {
            byte format = next();
            if (format != FORMAT) {
                throw new IllegalStateException("row format: " + format + " (expected: " + FORMAT + ")");
            }
        }

        private byte next() {
            return bytes[at++];
        }

        private long varint() {
            long number = 0;
            int shift = 0;
            byte part = next();
            while (part < 0) {
                number |= (part & 0x7FL) << shift;
                shift += 7;
                part = next();
            }
            return number | (long) part << shift;
        }

        private LogTime time() {
            long seconds = varint();
            return new LogTime(seconds >>> 1 ^ -(seconds & 1), (int) varint());
        }

        private String contentType() {
            int number = next();
            if (number > 0) {
                return CONTENT_TYPES[number];
            }
            int length = (int) varint();
            String type = new String(bytes, at, length, StandardCharsets.UTF_8);
            at += length;
            return type;
        }
    }
}
