// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A store of row versions on one machine: the seam between the state machine and the disk.
 *
 * <p>A row is named by a space (0 to 255) and a key (up to {@link CommitRows#KEY_BYTES_MAX} bytes, ordered unsigned). Each
 * commit adds versions at its index. There is no log: what was applied after the last checkpoint is lost in a crash, and
 * the caller applies it again from its own log, whose place it keeps in the position.
 *
 * <p>One thread applies. Everything else may be called from any thread; views never wait for the writer or the disk.
 */
public interface Engine extends AutoCloseable {
    /** {@link #apply(List)} of one commit. */
    default void apply(CommitRows rows) {
        apply(List.of(rows));
    }

    /**
     * Adds commits of rising indexes, as one: all become visible and durable together, or, when this throws, none does.
     * The position is that of the last. Blocks while two frozen memtables wait for the disk.
     *
     * @throws IllegalArgumentException when an index is not above the one before it, or a space is unknown
     * @throws EngineException when background work has failed since the last call: the failure is told once, then the
     *     work is tried again (a {@link CorruptionException} is told every time)
     */
    void apply(List<CommitRows> commits);

    /**
     * Replaces the position alone, for entries of the caller's log that commit nothing. By the applying thread.
     *
     * @param position at most {@link CommitRows#POSITION_BYTES_MAX} bytes; copied
     */
    void movePosition(byte[] position);

    /** The index of the last commit applied and visible; 0 when there is none. */
    long appliedIndex();

    /** The position last given; empty when there is none. */
    byte[] position();

    /** A view at the applied index. */
    View view();

    /**
     * A view at an older index.
     *
     * @throws HorizonPassedException when the index is below the horizon
     * @throws IllegalArgumentException when it is above the applied index
     */
    View viewAt(long index);

    /**
     * Starts to make the present state durable: index, position, rows and horizon together. Costs the caller one pointer
     * swap (or the wait described at {@link #apply}); the disk is written in the background. The future completes once
     * the state survives a crash, and only then may the caller drop its log up to the position; it fails with the
     * {@link EngineException} that prevented it, and the state is then tried again by the next call.
     */
    CompletableFuture<Checkpoint> checkpoint();

    /** The index of the newest durable checkpoint. */
    long durableIndex();

    /**
     * Lets go of what only reads below this index need. Never moves back: a lower value than the present is ignored. What
     * a checkpoint persists is at most its own index.
     *
     * @throws IllegalArgumentException when it is above the applied index
     */
    void setHorizon(long index);

    long horizon();

    /** What is held on the heap and not yet frozen: a caller who wants to choose the moment of checkpoints looks here. */
    long memtableBytes();

    EngineStats stats();

    /**
     * Stops the background work and gives the directory free. Makes no checkpoint: that is the caller's decision. Open
     * views and cursors stay readable until they are closed.
     */
    @Override
    void close();
}
