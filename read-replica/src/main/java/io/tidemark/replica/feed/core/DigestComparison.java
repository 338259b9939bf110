// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Compares the digests of an upstream with the store's own, at equal indexes, computed in the same way, of shards that were whole. */
final class DigestComparison {

    /** What a comparison found. */
    record Compared(long index, List<DigestMismatch> mismatches, List<Integer> agreed) {}

    private io.tidemark.proto.v1.@Nullable DigestsAt ahead;

    /** What the upstream said; of an index that is not applied yet it is kept until {@link #advanced}. */
    Optional<Compared> compare(Store store, io.tidemark.proto.v1.DigestsAt theirs) {
        ahead = null;
        if (theirs.getDigestVersion() != RowHasher.VERSION) {
            return Optional.empty();
        }
        if (theirs.getIndex() > store.appliedIndex()) {
            ahead = theirs;
            return Optional.empty();
        }
        if (theirs.getIndex() == store.appliedIndex()) {
            store.keepDigests();
        }
        return store.digestsAt(theirs.getIndex()).map(own -> compare(own, theirs, whole(store, theirs.getIndex())));
    }

    /** More is applied than before. */
    Optional<Compared> advanced(Store store) {
        io.tidemark.proto.v1.DigestsAt waiting = ahead;
        return waiting == null || waiting.getIndex() > store.appliedIndex()
                ? Optional.empty()
                : compare(store, waiting);
    }

    /** Of a shard that came later not all rows were here then. */
    private static Shards whole(Store store, long index) {
        try (StoreView view = store.viewAt(index)) {
            return view.readable();
        } catch (BelowHorizonException e) {
            return Shards.NONE;
        }
    }

    private static Compared compare(DigestsAt own, io.tidemark.proto.v1.DigestsAt theirs, Shards whole) {
        List<DigestMismatch> mismatches = new ArrayList<>();
        List<Integer> agreed = new ArrayList<>();
        for (ShardDigest digest : theirs.getDigestsList()) {
            int shard = digest.getShard();
            if (!whole.contains(shard)) {
                continue;
            }
            if (own.shard(shard).toBytes().equals(digest.getDigest())) {
                agreed.add(shard);
            } else {
                mismatches.add(mismatch(own, digest));
            }
        }
        return new Compared(own.index(), mismatches, agreed);
    }

    private static DigestMismatch mismatch(DigestsAt own, ShardDigest theirs) {
        DigestMismatch.Builder mismatch =
                DigestMismatch.newBuilder().setIndex(own.index()).setShard(theirs.getShard());
        var buckets = own.buckets(theirs.getShard());
        for (int i = 0; i < Math.min(buckets.size(), theirs.getBucketDigestsCount()); i++) {
            if (!buckets.get(i).toBytes().equals(theirs.getBucketDigests(i))) {
                mismatch.addBuckets(i);
            }
        }
        return mismatch.build();
    }
}
