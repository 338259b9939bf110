// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import io.tidemark.api.ShardHash;
import io.tidemark.store.RowName;

/** Where a row counts: its shard, and within it one of {@link #BUCKETS_PER_SHARD} buckets. */
public record DigestLayout(int shardCount) {

    public static final int BUCKETS_PER_SHARD = 16;

    public DigestLayout {
        ShardHash.requireShardCount(shardCount);
    }

    /** How many buckets there are in all. */
    public int bucketCount() {
        return shardCount * BUCKETS_PER_SHARD;
    }

    /** The bucket of a row, counted over all shards: those of shard 0 first. */
    int bucketOf(RowName name) {
        // The bits that follow the shard's own: the shard the row would have if there were 16 times as many.
        int bits = Integer.numberOfTrailingZeros(bucketCount());
        return (int) (ShardHash.hash(name.table(), name.key()) >>> (Long.SIZE - bits));
    }

    int firstBucketOf(int shard) {
        if (shard < 0 || shard >= shardCount) {
            throw new IllegalArgumentException("shard: " + shard + " (expected: 0 to " + (shardCount - 1) + ")");
        }
        return shard * BUCKETS_PER_SHARD;
    }
}
