// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The order of everything: {@code space(1) | key escaped | ~index(8)}, compared as unsigned bytes.
 *
 * <p>Escaping writes 00 as 00 FF and ends the key with 00 00, so that no key is a prefix of another and the order of
 * keys is kept. The complement puts the newest version first. Tables add a chunk number of two bytes.
 */
final class Encoding {
    static final int INDEX_BYTES = 8;
    static final int CHUNK_BYTES = 2;
    private static final int END_BYTES = 2;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private Encoding() {}

    static byte[] rowKey(int space, byte[] key, long index) {
        byte[] out = escaped(space, key, INDEX_BYTES);
        LONG.set(out, out.length - INDEX_BYTES, ~index);
        return out;
    }

    /** The part shared by all versions of a row, and the lower bound of a scan that starts at the key. */
    static byte[] prefix(int space, byte[] key) {
        return escaped(space, key, 0);
    }

    /** The bound above every row of a space; null above the last space. */
    static byte @Nullable [] endOfSpace(int space) {
        return space == 255 ? null : new byte[] {(byte) (space + 1)};
    }

    private static byte[] escaped(int space, byte[] key, int room) {
        int zeros = 0;
        for (byte b : key) {
            if (b == 0) {
                zeros++;
            }
        }
        byte[] out = new byte[1 + key.length + zeros + END_BYTES + room];
        out[0] = (byte) space;
        int at = 1;
        for (byte b : key) {
            out[at++] = b;
            if (b == 0) {
                out[at++] = (byte) 0xFF;
            }
        }
        return out;
    }

    static int space(byte[] rowKey) {
        return rowKey[0] & 0xFF;
    }

    static long index(byte[] rowKey) {
        return ~(long) LONG.get(rowKey, rowKey.length - INDEX_BYTES);
    }

    /** That of a row's key which lies within other bytes. */
    static long index(byte[] bytes, int at, int keyLength) {
        return ~getLong(bytes, at + keyLength - INDEX_BYTES);
    }

    static long getLong(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static byte[] prefixOf(byte[] rowKey) {
        return Arrays.copyOf(rowKey, rowKey.length - INDEX_BYTES);
    }

    /** The key of another version of the same row. */
    static byte[] rowKeyAt(byte[] rowKey, long index) {
        byte[] out = rowKey.clone();
        LONG.set(out, out.length - INDEX_BYTES, ~index);
        return out;
    }

    /** Which row comes first, whatever the versions. Without them, no key is a prefix of another. */
    static int compareRows(byte[] rowKey, byte[] other) {
        return Arrays.compareUnsigned(rowKey, 0, rowKey.length - INDEX_BYTES, other, 0, other.length - INDEX_BYTES);
    }

    static boolean isSameRow(byte[] rowKey, byte[] other) {
        return Arrays.equals(rowKey, 0, rowKey.length - INDEX_BYTES, other, 0, other.length - INDEX_BYTES);
    }

    static boolean hasPrefix(byte[] rowKey, byte[] prefix) {
        return rowKey.length >= prefix.length && Arrays.equals(rowKey, 0, prefix.length, prefix, 0, prefix.length);
    }

    static byte[] userKey(byte[] rowKey) {
        int end = rowKey.length - INDEX_BYTES - END_BYTES;
        byte[] out = new byte[end];
        int length = 0;
        for (int at = 1; at < end; at++) {
            out[length++] = rowKey[at];
            if (rowKey[at] == 0) {
                at++;
            }
        }
        return Arrays.copyOf(out, length);
    }

    static byte[] chunkKey(byte[] rowKey, int chunk) {
        byte[] out = Arrays.copyOf(rowKey, rowKey.length + CHUNK_BYTES);
        out[rowKey.length] = (byte) (chunk >>> 8);
        out[rowKey.length + 1] = (byte) chunk;
        return out;
    }

    static int chunk(byte[] chunkKey) {
        return ((chunkKey[chunkKey.length - 2] & 0xFF) << 8) | (chunkKey[chunkKey.length - 1] & 0xFF);
    }

    static byte[] rowKeyOf(byte[] chunkKey) {
        return Arrays.copyOf(chunkKey, chunkKey.length - CHUNK_BYTES);
    }
}
