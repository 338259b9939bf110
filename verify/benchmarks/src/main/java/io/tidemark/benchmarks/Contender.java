// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import org.jspecify.annotations.Nullable;

/** A store to be measured. One thread applies, any thread reads. */
interface Contender extends AutoCloseable {
    /** Writes the rows in one commit. */
    void apply(byte[][] keys, byte[][] values);

    byte @Nullable [] get(byte[] key);

    /** Reads the keys at one state of the store, and says how many it found. */
    int getAll(byte[][] keys);

    /** Reads up to {@code rows} rows with their keys and values, ascending, and says how many there were. */
    int scan(byte[] from, int rows);

    /** Returns once all that was applied survives a crash. */
    void checkpoint();

    /** Returns once reads meet as few tables as the store ever has. */
    void compact();

    /** From here on checkpoints leave their tables as they are, or are merged again. */
    void keepTables(boolean keep);

    /** Closes and opens the store without a checkpoint. */
    void reopen();

    @Override
    void close();
}
