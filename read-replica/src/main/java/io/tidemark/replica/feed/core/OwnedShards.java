// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.store.Shards;

/** Which shards a replica should own. */
@FunctionalInterface
public interface OwnedShards {

    /**
     * What a replica has of so many shards.
     *
     * @param held here, or on their way in, and not about to go
     * @param served a part of these
     */
    record Here(int shardCount, Shards held, Shards served) {}

    /**
     * The shards that are wanted now. Whatever else is here is given up at once, or with the end of its copy, so it must not be needed here
     * any more. Asked again whenever the arguments may have changed.
     */
    Shards wanted(Here here, Assignment assignment);

    /** All of them, always. */
    static OwnedShards all() {
        return (here, assignment) -> Shards.all(here.shardCount());
    }

    /** These, always; whichever of them there are. */
    static OwnedShards of(Shards fixed) {
        return (here, assignment) -> fixed.minus(fixed.minus(Shards.all(here.shardCount())));
    }

    /**
     * Those that are placed on this replica, and of those that are not placed on it any more the ones that it serves, until they are
     * released. While nothing certain is known of this replica nothing is given up.
     */
    static OwnedShards placed() {
        return (here, assignment) -> {
            Shards placed = assignment.placed().minus(assignment.placed().minus(Shards.all(here.shardCount())));
            return placed.plus(assignment.isCertain() ? here.served().minus(assignment.released()) : here.held());
        };
    }
}
