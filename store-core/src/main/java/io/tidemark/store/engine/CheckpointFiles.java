// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * The files of one durable state, unchanged until this is closed: compaction goes on, but what it replaces stays on disk,
 * so a pin may cost as much room as its files have. Close it before the engine, which ends it. For many threads.
 *
 * <p>A receiver writes the files under their names into a new directory, CURRENT last, syncs each and the directory, and
 * opens it: {@link MapDbEngine#open} then gives the same index, position, horizon and rows. It compares each file with its
 * checksum as it arrives, or scrubs the engine once: reads alone check only what they touch.
 */
public interface CheckpointFiles extends AutoCloseable {
    long index();

    /** The caller's position that was applied with the index. */
    byte[] position();

    /** In the order in which a receiver may write them: what the last one names is there before it. */
    List<CheckpointFile> files();

    /**
     * Fills the buffer from a place in a file.
     *
     * @throws IllegalArgumentException when there is no such file, or it has fewer bytes there than the buffer has room
     * @throws EngineException when the disk refuses
     */
    void read(String file, long offset, ByteBuffer into);

    /**
     * Makes a directory that opens as this state, durable when this returns. Tables become hard links, or copies where
     * the file system refuses links: an engine never writes into a file that it has finished, so both sides may go on.
     * What a failure leaves there is of no use: delete the directory.
     *
     * @param directory absent or empty
     * @throws IllegalArgumentException when the directory has files
     * @throws EngineException when the disk refuses
     */
    void linkTo(Path directory);

    /** Gives back the room of what was replaced meanwhile. Idempotent. */
    @Override
    void close();
}
