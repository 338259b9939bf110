// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The digests of the newest state, kept up with each change. Owned by the thread that applies commits; what others compare
 * are the {@link DigestsAt} that it gives out.
 */
public final class RunningDigests {

    private final DigestLayout layout;
    private final RowHasher hasher = new RowHasher();
    private final DigestSums buckets;

    /** Of the empty store. */
    public RunningDigests(DigestLayout layout) {
        this.layout = layout;
        this.buckets = new DigestSums(layout.bucketCount());
    }

    /**
     * A row changes.
     *
     * @param before the row as this process held it, read from its own store and never from a commit; null: there was none
     * @param after the row as it is now; null: it is gone
     */
    public void change(RowName name, @Nullable StoredRow before, @Nullable StoredRow after) {
        change(name, hasher.hash(name, before), hasher.hash(name, after));
    }

    /** A row changes, of which only the digests are left. */
    public void change(RowName name, Digest before, Digest after) {
        buckets.change(layout.bucketOf(name), before, after);
    }

    /** A shard's digests as they are, bucket by bucket. */
    public List<Digest> buckets(int shard) {
        int first = layout.firstBucketOf(shard);
        return buckets.range(first, first + DigestLayout.BUCKETS_PER_SHARD);
    }

    /** A shard's digests are those, as when they were read from disk. */
    public void load(int shard, List<Digest> ofShard) {
        int first = layout.firstBucketOf(shard);
        for (int i = 0; i < DigestLayout.BUCKETS_PER_SHARD; i++) {
            buckets.set(first + i, ofShard.get(i));
        }
    }

    /** The digests as they are, under the index that they are of. */
    public DigestsAt at(long index) {
        return new DigestsAt(index, layout, buckets.copy());
    }
}
