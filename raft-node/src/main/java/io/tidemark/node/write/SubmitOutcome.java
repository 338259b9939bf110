// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.store.transition.CommandResult;

/** How a command ended that was given to the write path. */
public sealed interface SubmitOutcome {

    /** It was applied, with this result, and is visible in this node's store. */
    record Settled(CommandResult result) implements SubmitOutcome {}

    /** Certainly not done: this node does not lead. */
    record NotLeading() implements SubmitOutcome {}

    /** Certainly not done: too much is waiting. */
    record Overloaded() implements SubmitOutcome {}

    /**
     * Certainly not done: there is too little room.
     *
     * @param why where, for people
     * @param needed how many bytes must be free here before writes are taken again; 0: as many as the next checkpoint takes
     * @param isStalled whether nothing at all is applied
     */
    record StoreFull(String why, long needed, boolean isStalled) implements SubmitOutcome {}

    /** Certainly not done: its deadline passed, or it was withdrawn, while it was waiting. */
    record Dropped() implements SubmitOutcome {}

    /** It may have been done, or may yet be. */
    record Unknown(String reason) implements SubmitOutcome {}
}
