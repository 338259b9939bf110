// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

/**
 * How a {@link Transaction} ended: {@link Committed}, or {@link Refused} by its conditions. Here that is a result and not a failure, for
 * who gives conditions reckons with both.
 */
public sealed interface CommitResult extends Result permits Committed, Refused {

    /** Whether it happened. */
    default boolean committed() {
        return this instanceof Committed;
    }

    /** Whether an earlier attempt had already settled it, and nothing was done by the last. */
    boolean replayed();

    /**
     * The result of what happened.
     *
     * @throws ConditionFailedException if its conditions did not hold
     */
    Committed orThrow();
}
