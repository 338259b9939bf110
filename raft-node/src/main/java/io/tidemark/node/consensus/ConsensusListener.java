// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.store.state.Store;
import org.jspecify.annotations.Nullable;

/** Called on threads of the consensus; must be quick, and must not throw. */
public interface ConsensusListener {

    /** The id of the new leader; null if none is known. It need not be ready. */
    default void leaderChanged(@Nullable String leaderId) {}

    /** This node leads and has applied the first entry of its term. */
    default void ready(long term) {}

    /** This node does not lead any more. */
    default void leadershipLost() {}

    /** This node has another store, the first or one from a checkpoint of the leader; the old one is closed after this. */
    default void storeReplaced(Store store) {}

    /** The disk is full, so nothing is applied until there is room; false: it goes on. */
    default void stalled(boolean isStalled) {}

    /** This node has stopped for good and must be restarted once the cause is removed. */
    default void stopped(String reason, Throwable cause) {}
}
