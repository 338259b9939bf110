// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.store.state.Store;
import org.jspecify.annotations.Nullable;

/** Called on threads of the consensus; must be quick, and must not throw. */
public interface ConsensusListener {

    /** The id of the new leader; null if none is known. It need not be ready. */
    default void leaderChanged(@Nullable String leaderId) {}

    /**
     * This node was elected in a term, and the first entry of that term is applied and was told of by {@link #applied}. Leadership may
     * have been lost meanwhile: on another thread, so that {@link #leadershipLost} can come first.
     */
    default void ready(long term) {}

    /** This node does not lead any more. */
    default void leadershipLost() {}

    /**
     * All entries up to a Raft index are applied, and the store shows them: after each entry, those included that are not for the
     * store, and after a checkpoint was opened or installed. On the thread that applies, rising.
     */
    default void applied(long raftIndex) {}

    /**
     * The store is about to be closed, for one from a checkpoint of the leader is to take its place. Views that are open stay whole
     * until they are closed; opening another fails from now on with an {@code EngineClosedException}.
     */
    default void storeWithdrawn() {}

    /** This node has a store: the one it had at the start, its first, or the one in place of the one withdrawn. */
    default void storeReplaced(Store store) {}

    /** The disk is full, so nothing is applied until there is room; false: it goes on. */
    default void stalled(boolean isStalled) {}

    /** This node has stopped for good and must be restarted once the cause is removed. */
    default void stopped(String reason, Throwable cause) {}
}
