// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.engine.CheckpointFiles;

/** The files of a durable state of the store, and how far that is. */
public record PinnedStore(StoreCheckpoint checkpoint, CheckpointFiles files) implements AutoCloseable {

    @Override
    public void close() {
        files.close();
    }
}
