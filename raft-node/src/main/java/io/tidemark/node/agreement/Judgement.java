// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.agreement;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.store.digest.DigestsAt;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a comparison of this node's digests with those of the other nodes says, all of one index. Rows are right that a majority of all
 * nodes has, whether they answered or not: two that differ cannot say which of them is wrong.
 *
 * @param outvoted the shards in which a majority has other rows than this node, each with one of that majority
 * @param undecided the shards in which nobody has a majority, each with one that differs
 */
record Judgement(NavigableMap<Integer, String> outvoted, NavigableMap<Integer, String> undecided) {

    /**
     * Compares.
     *
     * @param theirs of other nodes, by their ids, of the same index and version
     * @param nodes how many there are, this one included
     */
    static Judgement of(DigestsAt own, Map<String, FetchDigestsResponse> theirs, int nodes) {
        Judgement judgement = new Judgement(new TreeMap<>(), new TreeMap<>());
        Map<String, Map<Integer, ByteString>> byNode = new TreeMap<>();
        theirs.forEach((node, answer) -> byNode.put(node, byShard(answer.getDigestsList())));
        TreeSet<Integer> shards = new TreeSet<>();
        byNode.values().forEach(digests -> shards.addAll(digests.keySet()));
        for (int shard : shards) {
            judgement.judge(shard, own.shard(shard).toBytes(), byNode, nodes / 2 + 1);
        }
        return judgement;
    }

    private static Map<Integer, ByteString> byShard(List<ShardDigest> digests) {
        Map<Integer, ByteString> byShard = new HashMap<>();
        digests.forEach(digest -> byShard.put(digest.getShard(), digest.getDigest()));
        return byShard;
    }

    private void judge(int shard, ByteString own, Map<String, Map<Integer, ByteString>> theirs, int majority) {
        int agreeing = 1;
        Map<ByteString, Integer> others = new HashMap<>();
        String differing = null;
        for (Map.Entry<String, Map<Integer, ByteString>> node : theirs.entrySet()) {
            ByteString digest = node.getValue().get(shard);
            if (digest == null) {
                continue;
            }
            if (digest.equals(own)) {
                agreeing++;
                continue;
            }
            if (others.merge(digest, 1, Integer::sum) >= majority) {
                outvoted.put(shard, node.getKey());
                return;
            }
            differing = node.getKey();
        }
        if (differing != null && agreeing < majority) {
            undecided.put(shard, differing);
        }
    }
}
