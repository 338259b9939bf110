// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import org.jspecify.annotations.Nullable;

/** How a change of the membership or of the leader ended. */
public sealed interface ChangeOutcome {

    record Done() implements ChangeOutcome {}

    /**
     * Certainly nothing was done: this node did not lead when it was asked.
     *
     * @param leader who may be the leader; null if that is not known
     */
    record NotLeader(@Nullable Member leader) implements ChangeOutcome {}

    /**
     * It was not done, for a reason that the asker can do something about: another change is under way, a node did not answer, or the
     * like. A change of the membership was not made. A transfer of leadership that ran out of time may yet come about.
     */
    record Refused(String reason) implements ChangeOutcome {}

    /** It may have been done, or may yet be: look at the membership. So it is when leadership is lost meanwhile. */
    record Unknown(String reason) implements ChangeOutcome {}
}
