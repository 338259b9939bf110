// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** One version of a row. The arrays are shared with the engine: the caller must not change them. */
public final class RowVersion {
    private final byte[] key;
    private final long index;
    private final byte[] value;

    RowVersion(byte[] key, long index, byte[] value) {
        this.key = key;
        this.index = index;
        this.value = value;
    }

    public byte[] key() {
        return key;
    }

    /** The index of the commit that wrote this version. */
    public long index() {
        return index;
    }

    public byte[] value() {
        return value;
    }
}
