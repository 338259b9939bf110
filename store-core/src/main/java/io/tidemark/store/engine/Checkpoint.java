// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** A durable state: after a crash the engine opens at this index and position or at newer ones. */
public final class Checkpoint {
    private final long index;
    private final byte[] position;

    Checkpoint(long index, byte[] position) {
        this.index = index;
        this.position = position.clone();
    }

    public long index() {
        return index;
    }

    /** The caller's position that was applied with the index. */
    public byte[] position() {
        return position.clone();
    }
}
