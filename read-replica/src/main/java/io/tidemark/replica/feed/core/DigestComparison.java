// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.state.BelowHorizonException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compares the digests of an upstream with the store's own, at equal indexes, computed in the same way, of shards that were whole; and
 * remembers which shards differed until they were found to agree.
 */
final class DigestComparison {

    /**
     * What a comparison found.
     *
     * @param own what was compared
     * @param mismatches shards that differ
     * @param mended shards that differed before and agree now
     */
    record Compared(DigestsAt own, List<DigestMismatch> mismatches, List<Integer> mended) {

        long index() {
            return own.index();
        }

        Shards wrong() {
            return shardsOf(mismatches);
        }
    }

    private final NavigableMap<Integer, DigestMismatch> differing = new TreeMap<>();
    private io.tidemark.proto.v1.@Nullable DigestsAt ahead;
    private long found;

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

    private Compared compare(DigestsAt own, io.tidemark.proto.v1.DigestsAt theirs, Shards whole) {
        List<DigestMismatch> mismatches = new ArrayList<>();
        List<Integer> mended = new ArrayList<>();
        for (ShardDigest digest : theirs.getDigestsList()) {
            int shard = digest.getShard();
            if (!whole.contains(shard)) {
                continue;
            }
            if (!own.shard(shard).toBytes().equals(digest.getDigest())) {
                mismatches.add(mismatch(own, digest));
            } else if (differing.remove(shard) != null) {
                mended.add(shard);
            }
        }
        differ(mismatches);
        return new Compared(own, mismatches, mended);
    }

    /** These differ, however that was found. */
    void differ(List<DigestMismatch> mismatches) {
        found += mismatches.size();
        mismatches.forEach(mismatch -> differing.put(mismatch.getShard(), mismatch));
    }

    /**
     * The upstream's digests of what differed, with buckets.
     *
     * @return the mismatches with the buckets that differ
     */
    List<DigestMismatch> located(DigestsAt own, FetchDigestsResponse theirs) {
        if (theirs.getIndex() != own.index() || theirs.getDigestVersion() != RowHasher.VERSION) {
            return List.of();
        }
        List<DigestMismatch> located = new ArrayList<>();
        for (ShardDigest digest : theirs.getDigestsList()) {
            DigestMismatch known = differing.get(digest.getShard());
            if (known != null && known.getIndex() == own.index()) {
                DigestMismatch mismatch = mismatch(own, digest);
                differing.put(digest.getShard(), mismatch);
                located.add(mismatch);
            }
        }
        return located;
    }

    private static DigestMismatch mismatch(DigestsAt own, ShardDigest theirs) {
        return DigestMismatch.newBuilder()
                .setIndex(own.index())
                .setShard(theirs.getShard())
                .addAllBuckets(Digests.differingBuckets(own, theirs))
                .build();
    }

    /** These are not to be here any more, right or wrong. Returns those of them that differed. */
    List<Integer> forget(Shards gone) {
        List<Integer> forgotten =
                differing.keySet().stream().filter(gone::contains).toList();
        forgotten.forEach(differing::remove);
        return forgotten;
    }

    /** There is another store, to which nothing applies that was said before. Returns the shards that differed. */
    List<Integer> forgetAll() {
        ahead = null;
        List<Integer> forgotten = List.copyOf(differing.keySet());
        differing.clear();
        return forgotten;
    }

    /** The last mismatch of each shard that was not found to agree since. */
    List<DigestMismatch> differing() {
        return List.copyOf(differing.values());
    }

    /** How many mismatches were found since the start. */
    long found() {
        return found;
    }

    static Shards shardsOf(List<DigestMismatch> mismatches) {
        return Shards.of(mismatches.stream().mapToInt(DigestMismatch::getShard).toArray());
    }
}
