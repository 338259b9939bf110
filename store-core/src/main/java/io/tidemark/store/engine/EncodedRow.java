// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A row version as the engine holds it: the encoded key ends in the complement of its index. The value may still lie where it
 * was found, in a memtable or a mapped table, and is copied only for who asks for it: a merge passes most values on from file to
 * file, and a reader passes over most versions. So a row is for as long as its source is held.
 */
final class EncodedRow {
    static final byte[] NO_BYTES = {};

    private final byte[] key;
    private final boolean tombstone;
    private final byte @Nullable [] whole;
    private final @Nullable ByteBuffer source;
    private final int from;
    private final int length;

    EncodedRow(byte[] key, boolean tombstone, byte[] value) {
        this.key = key;
        this.tombstone = tombstone;
        this.whole = value;
        this.source = null;
        this.from = 0;
        this.length = value.length;
    }

    /** With the value in {@code length} bytes of the source, of which neither limit nor position is looked at or changed. */
    EncodedRow(byte[] key, boolean tombstone, ByteBuffer source, int from, int length) {
        this.key = key;
        this.tombstone = tombstone;
        this.whole = null;
        this.source = source;
        this.from = from;
        this.length = length;
    }

    byte[] key() {
        return key;
    }

    boolean tombstone() {
        return tombstone;
    }

    int valueBytes() {
        return length;
    }

    byte[] value() {
        if (whole != null) {
            return whole;
        }
        byte[] value = new byte[length];
        if (source != null) {
            source.get(from, value);
        }
        return value;
    }

    /** Puts a part of the value there. */
    void putValue(ByteBuffer out, int start, int count) {
        if (whole != null) {
            out.put(whole, start, count);
        } else if (source != null) {
            int at = out.position();
            out.put(at, source, from + start, count).position(at + count);
        }
    }

    long index() {
        return Encoding.index(key);
    }

    /** Bytes on disk, near enough. */
    long bytes() {
        return key.length + length + 11L;
    }

    boolean sameKey(EncodedRow other) {
        return Arrays.equals(
                key, 0, key.length - Encoding.INDEX_BYTES, other.key, 0, other.key.length - Encoding.INDEX_BYTES);
    }

    RowVersion toVersion() {
        return toVersion(Encoding.userKey(key));
    }

    /** With a key that need not be decoded, because the row was asked for by it. */
    RowVersion toVersion(byte[] userKey) {
        return new RowVersion(userKey, index(), value());
    }
}
