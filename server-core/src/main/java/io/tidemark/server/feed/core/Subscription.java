// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.tidemark.store.Shards;
import java.util.ArrayList;
import java.util.List;

/**
 * What is subscribed, by versions. Immutable.
 *
 * @param joining of the shards, those that are fed only from a later index on, for the subscriber has a copy that is newer than the
 *     stream
 */
record Subscription(long version, Shards shards, List<Joining> joining) {

    record Joining(Shards shards, long from) {}

    Subscription {
        joining = List.copyOf(joining);
    }

    static Subscription first(Shards shards) {
        return new Subscription(0, shards, List.of());
    }

    /** What is fed of the commit at an index. */
    Shards at(long index) {
        Shards fed = shards;
        for (Joining later : joining) {
            if (later.from > index) {
                fed = fed.minus(later.shards);
            }
        }
        return fed;
    }

    /**
     * The next version.
     *
     * @param from the first index that the added ones are fed from, of those behind {@code reached}
     */
    Subscription changed(Shards add, Shards remove, long from, long reached) {
        List<Joining> later = new ArrayList<>();
        for (Joining each : joining) {
            Shards left = each.shards.minus(add).minus(remove);
            if (each.from > reached + 1 && !left.isEmpty()) {
                later.add(new Joining(left, each.from));
            }
        }
        if (from > reached + 1 && !add.isEmpty()) {
            later.add(new Joining(add, from));
        }
        return new Subscription(version + 1, shards.minus(remove).plus(add), later);
    }
}
