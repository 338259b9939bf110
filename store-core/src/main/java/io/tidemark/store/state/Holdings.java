// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.digest.Digest;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which shards a store holds, and which it is copying. Immutable, replaced by the writer.
 *
 * @param readableFrom for each shard held the first index at which it can be read
 * @param dropping shards whose rows are still being removed; not held
 * @param allReadableFrom the first index at which all shards held can be read
 * @param copiedThrough the highest index that any copy was of: rows up to it may lie here, also of shards not held
 */
record Holdings(
        NavigableMap<Integer, Long> readableFrom,
        Shards held,
        long allReadableFrom,
        @Nullable Copy copy,
        Shards dropping,
        long copiedThrough) {

    /**
     * A copy under way.
     *
     * @param passed the last row that has been passed; null: none yet
     * @param taken the digest of the copy's rows up to there
     */
    record Copy(Shards shards, long index, @Nullable RowName passed, Digest taken, long bytes) {}

    static Holdings of(
            NavigableMap<Integer, Long> readableFrom, @Nullable Copy copy, Shards dropping, long copiedThrough) {
        int[] shards =
                readableFrom.keySet().stream().mapToInt(Integer::intValue).toArray();
        long all =
                readableFrom.values().stream().mapToLong(Long::longValue).max().orElse(0);
        return new Holdings(readableFrom, Shards.of(shards), all, copy, dropping, copiedThrough);
    }

    /** Those whose effects are to be applied. */
    Shards receiving() {
        return copy == null ? held : held.plus(copy.shards());
    }

    /** The lowest index that a copy may be of, where that index is applied: what is here may be as new as that. */
    long lowestCopyIndex(long applied) {
        return Math.max(applied, copiedThrough);
    }

    boolean isReadableAt(int shard, long index) {
        Long from = readableFrom.get(shard);
        return from != null && from <= index;
    }

    Shards readableAt(long index) {
        if (index >= allReadableFrom) {
            return held;
        }
        return Shards.of(readableFrom.entrySet().stream()
                .filter(shard -> shard.getValue() <= index)
                .mapToInt(shard -> shard.getKey())
                .toArray());
    }

    Holdings with(@Nullable Copy other) {
        long through = other == null ? copiedThrough : Math.max(copiedThrough, other.index());
        return new Holdings(readableFrom, held, allReadableFrom, other, dropping, through);
    }

    Holdings with(Shards added, long from) {
        NavigableMap<Integer, Long> shards = new TreeMap<>(readableFrom);
        added.stream().forEach(shard -> shards.put(shard, from));
        return of(shards, copy, dropping, copiedThrough);
    }

    Holdings without(Shards removed) {
        NavigableMap<Integer, Long> shards = new TreeMap<>(readableFrom);
        removed.stream().forEach(shards::remove);
        return of(shards, copy, dropping, copiedThrough);
    }

    Holdings withDropping(Shards shards) {
        return new Holdings(readableFrom, held, allReadableFrom, copy, shards, copiedThrough);
    }
}
