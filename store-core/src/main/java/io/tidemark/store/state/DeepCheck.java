// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.digest.DigestsAt;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What a check found.
 *
 * @param index what was checked
 * @param differences for each shard whose rows are not what was applied, its buckets that differ
 */
public record DeepCheck(long index, NavigableMap<Integer, List<Integer>> differences) {

    static DeepCheck compare(DigestsAt kept, DigestsAt recomputed, int shardCount) {
        NavigableMap<Integer, List<Integer>> differences = new TreeMap<>();
        for (int shard = 0; shard < shardCount; shard++) {
            List<Integer> buckets = kept.differingBuckets(recomputed, shard);
            if (!buckets.isEmpty()) {
                differences.put(shard, buckets);
            }
        }
        return new DeepCheck(kept.index(), differences);
    }

    public boolean isSound() {
        return differences.isEmpty();
    }
}
