// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import io.tidemark.store.transition.Applied;
import org.jspecify.annotations.Nullable;

/** How a proposal ended. */
public sealed interface ProposalOutcome {

    /** It is durable on a majority, and visible in this node's store. */
    record Done(Applied applied, long raftIndex) implements ProposalOutcome {}

    /**
     * Certainly not done.
     *
     * @param leader who may be the leader; null if that is not known
     */
    record NotLeader(@Nullable Member leader) implements ProposalOutcome {}

    /** Certainly not done: too much is under way. */
    record Overloaded() implements ProposalOutcome {}

    /** It may have been done, or may yet be. */
    record Unknown(String reason) implements ProposalOutcome {}
}
