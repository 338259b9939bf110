// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.store.Shards;

/**
 * What the cluster wants of a replica.
 *
 * @param isCertain whether the topology speaks of this very process, as of one that counts; if not, it is no reason to give anything
 *     up, and {@code placed} is what was placed when it last did
 * @param placed the shards that it should own
 * @param released those that it may give up; it does so at once
 * @param releaseTerm with the number, which release that is; nothing is given up by an earlier one from now on
 */
public record Assignment(boolean isCertain, Shards placed, Shards released, long releaseTerm, long releaseNumber) {

    /** Nothing is known. */
    public static final Assignment NONE = new Assignment(false, Shards.NONE, Shards.NONE, 0, 0);

    Assignment uncertain() {
        return new Assignment(false, placed, Shards.NONE, releaseTerm, releaseNumber);
    }
}
