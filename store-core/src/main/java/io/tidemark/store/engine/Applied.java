// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** The index and the position that were published together. */
record Applied(
        long index,
        @SuppressWarnings("ArrayRecordComponent") byte[] position) {
    Checkpoint toCheckpoint() {
        return new Checkpoint(index, position);
    }
}
