// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.store.Shards;

/** Which shards a replica should own. */
public interface OwnedShards {

    /** Those wanted now, of so many. What is no longer among them is given up at once, so it must not be needed here any more. */
    Shards wanted(int shardCount);

    /** Calls this, on the feed's thread, whenever {@link #wanted} has changed. */
    void listen(Runnable changed);

    /** All of them, always. */
    static OwnedShards all() {
        return new OwnedShards() {
            @Override
            public Shards wanted(int shardCount) {
                return Shards.all(shardCount);
            }

            @Override
            public void listen(Runnable changed) {
                // Nothing ever changes.
            }
        };
    }

    /** These, always; whichever of them there are. */
    static OwnedShards of(Shards fixed) {
        return new OwnedShards() {
            @Override
            public Shards wanted(int shardCount) {
                return fixed.minus(fixed.minus(Shards.all(shardCount)));
            }

            @Override
            public void listen(Runnable changed) {
                // Nothing ever changes.
            }
        };
    }
}
