// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

/** An engine whose checkpoints are files that can be carried to another directory or machine. */
public interface CheckpointSource {
    /** How many pins may be open at a time: each may keep as many bytes on disk as its files have. */
    int PINS_MAX = 16;

    /**
     * Holds the files of the newest durable state. Reads no more of a table than its header, and nobody waits
     * for it. For newer rows make a
     * checkpoint first.
     *
     * @throws IllegalStateException when {@link #PINS_MAX} pins are open
     */
    CheckpointFiles pinCheckpoint();
}
