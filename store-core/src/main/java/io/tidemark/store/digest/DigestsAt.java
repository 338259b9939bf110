// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import java.util.ArrayList;
import java.util.List;

/** The digests of all shards at an index. Immutable; any thread may compare it. */
public final class DigestsAt {

    private final long index;
    private final DigestLayout layout;
    private final DigestSums buckets;

    /** The sums are never changed again. */
    DigestsAt(long index, DigestLayout layout, DigestSums buckets) {
        this.index = index;
        this.layout = layout;
        this.buckets = buckets;
    }

    public long index() {
        return index;
    }

    /** The digest of a shard: the sum of its buckets. */
    public Digest shard(int shard) {
        return buckets(shard).stream().reduce(Digest.EMPTY, Digest::plus);
    }

    /** The digests of a shard's buckets, in order. */
    public List<Digest> buckets(int shard) {
        int first = layout.firstBucketOf(shard);
        return buckets.range(first, first + DigestLayout.BUCKETS_PER_SHARD);
    }

    /** The buckets of a shard in which this and another differ, from 0. Both must be of one index, or every difference means nothing. */
    public List<Integer> differingBuckets(DigestsAt other, int shard) {
        if (index != other.index || !layout.equals(other.layout)) {
            throw new IllegalArgumentException("digests at index " + index + " of " + layout.shardCount()
                    + " shards cannot be compared with those at index " + other.index + " of "
                    + other.layout.shardCount());
        }
        List<Digest> mine = buckets(shard);
        List<Digest> theirs = other.buckets(shard);
        List<Integer> differing = new ArrayList<>();
        for (int i = 0; i < mine.size(); i++) {
            if (!mine.get(i).equals(theirs.get(i))) {
                differing.add(i);
            }
        }
        return differing;
    }
}
