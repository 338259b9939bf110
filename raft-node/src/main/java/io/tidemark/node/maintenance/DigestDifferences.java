// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.ServerMismatch;
import io.tidemark.proto.v1.ShardDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the digests of servers at one index differ, shard by shard. The majority is right: of two servers that differ nobody can
 * say which, so both are named.
 */
final class DigestDifferences {

    private final long index;

    private record Kept(String serverId, ShardDigest digest) {}

    private DigestDifferences(long index) {
        this.index = index;
    }

    /** @param digests of each server, all of one index and one version, with buckets; a server may have some shards only */
    static List<ServerMismatch> between(long index, Map<String, GetDigestsResponse> digests) {
        Map<Integer, List<Kept>> byShard = new TreeMap<>();
        new TreeMap<>(digests)
                .forEach((serverId, answer) -> answer.getDigestsList()
                        .forEach(digest -> byShard.computeIfAbsent(digest.getShard(), shard -> new ArrayList<>())
                                .add(new Kept(serverId, digest))));
        DigestDifferences differences = new DigestDifferences(index);
        return byShard.values().stream()
                .flatMap(shard -> differences.ofShard(shard).stream())
                .toList();
    }

    private List<ServerMismatch> ofShard(List<Kept> all) {
        Map<ByteString, List<Kept>> byContent = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
        all.forEach(kept -> byContent
                .computeIfAbsent(kept.digest().getDigest(), content -> new ArrayList<>())
                .add(kept));
        List<Kept> right = byContent.values().stream()
                .filter(same -> same.size() > all.size() / 2)
                .findFirst()
                .orElse(List.of());
        List<ServerMismatch> mismatches = new ArrayList<>();
        for (List<Kept> same : byContent.values()) {
            if (!same.equals(right)) {
                Kept other = right.isEmpty() ? notOf(same, all) : right.get(0);
                same.forEach(wrong -> mismatches.add(ServerMismatch.newBuilder()
                        .setServerId(wrong.serverId())
                        .setMismatch(mismatch(wrong.digest(), other.digest()))
                        .build()));
            }
        }
        return mismatches;
    }

    private static Kept notOf(List<Kept> same, List<Kept> all) {
        return all.stream().filter(kept -> !same.contains(kept)).findFirst().orElseThrow();
    }

    private DigestMismatch mismatch(ShardDigest here, ShardDigest there) {
        DigestMismatch.Builder mismatch =
                DigestMismatch.newBuilder().setIndex(index).setShard(here.getShard());
        int buckets = Math.min(here.getBucketDigestsCount(), there.getBucketDigestsCount());
        for (int bucket = 0; bucket < buckets; bucket++) {
            if (!here.getBucketDigests(bucket).equals(there.getBucketDigests(bucket))) {
                mismatch.addBuckets(bucket);
            }
        }
        return mismatch.build();
    }
}
