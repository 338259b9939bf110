// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import org.jspecify.annotations.Nullable;

/** How a change of the membership or of the leader ended. */
public sealed interface ChangeOutcome {

    record Done() implements ChangeOutcome {}

    /** Nothing was done: ask the leader. */
    record NotLeader(@Nullable Member leader) implements ChangeOutcome {}

    /** Nothing was done, or it was taken back: another change is under way, a node did not answer, or the like. */
    record Refused(String reason) implements ChangeOutcome {}

    /** It may have been done, or may yet be: look at the membership. */
    record Unknown(String reason) implements ChangeOutcome {}
}
