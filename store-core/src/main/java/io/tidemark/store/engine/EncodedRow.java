// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.Arrays;

/** A row version as the engine holds it: the encoded key ends in the complement of its index. */
final class EncodedRow {
    static final byte[] NO_BYTES = {};

    /** What the heap spends on a memtable row besides its bytes: skip list node, links above, row, two array headers. */
    private static final int OVERHEAD_BYTES = 110;

    private final byte[] key;
    private final boolean tombstone;
    private final byte[] value;

    EncodedRow(byte[] key, boolean tombstone, byte[] value) {
        this.key = key;
        this.tombstone = tombstone;
        this.value = value;
    }

    byte[] key() {
        return key;
    }

    boolean tombstone() {
        return tombstone;
    }

    byte[] value() {
        return value;
    }

    long index() {
        return Encoding.index(key);
    }

    /** Bytes on disk, near enough. */
    long bytes() {
        return key.length + value.length + 11L;
    }

    long heapBytes() {
        return key.length + value.length + (long) OVERHEAD_BYTES;
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
        return new RowVersion(userKey, index(), value);
    }
}
