// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.ShardEffects;
import io.tidemark.store.LogTime;
import io.tidemark.store.Shards;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.RowSize;
import io.tidemark.store.transition.SystemChange;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * What one commit did, as far as others are told. Any thread may read it. Its bytes are made when they are first asked for
 * and then shared: each commit is encoded once for each shard, whoever follows.
 */
public final class CommitEffects {

    /** What an index, a time and a handful of objects take on the heap, near enough. */
    private static final int OVERHEAD_BYTES = 200;

    private final long index;
    private final LogTime logTime;
    private final List<RowEffect> rows;
    private final List<SystemChange> system;
    private final long bytes;
    private volatile @Nullable NavigableMap<Integer, ByteString> encoded;

    /**
     * Of what changed beside rows, that is left out which is for nodes alone.
     *
     * @param rows in the order of their positions
     */
    public CommitEffects(long index, LogTime logTime, List<RowEffect> rows, List<SystemChange> system) {
        this.index = index;
        this.logTime = logTime;
        this.rows = List.copyOf(rows);
        this.system = told(system);
        this.bytes =
                OVERHEAD_BYTES + rows.stream().mapToLong(CommitEffects::bytesOf).sum();
    }

    private static List<SystemChange> told(List<SystemChange> system) {
        if (system.isEmpty()) {
            return List.of();
        }
        return system.stream()
                .filter(change -> !(change instanceof SystemChange.OfNodes))
                .toList();
    }

    private static long bytesOf(RowEffect effect) {
        return effect instanceof RowEffect.Put put
                ? RowSize.of(put.name(), put.row())
                : RowSize.ofTombstone(effect.name());
    }

    /** What a feed brought. */
    public static CommitEffects of(FeedCommit commit) {
        return EffectsCodec.decode(commit);
    }

    public long index() {
        return index;
    }

    public LogTime logTime() {
        return logTime;
    }

    public List<RowEffect> rows() {
        return rows;
    }

    public List<SystemChange> system() {
        return system;
    }

    /** What it takes, near enough to bound memory and messages. */
    public long bytes() {
        return bytes;
    }

    /** For a subscriber to those shards; null if it has nothing for them. What all are told is in it for everybody. */
    public @Nullable FeedCommit forShards(Shards shards) {
        FeedCommit.Builder commit = FeedCommit.newBuilder();
        for (Map.Entry<Integer, ByteString> shard : encoded().entrySet()) {
            if (shards.contains(shard.getKey())) {
                commit.addShards(
                        ShardEffects.newBuilder().setShard(shard.getKey()).setEffects(shard.getValue()));
            }
        }
        if (commit.getShardsCount() == 0 && system.isEmpty()) {
            return null;
        }
        return commit.setIndex(index)
                .setLogTime(logTime.toTimestamp())
                .setSystemEffects(EffectsCodec.system(system))
                .build();
    }

    private NavigableMap<Integer, ByteString> encoded() {
        NavigableMap<Integer, ByteString> known = encoded;
        return known != null ? known : encodedOnce();
    }

    /** Many feeds come here at the same moment, with each commit. */
    private synchronized NavigableMap<Integer, ByteString> encodedOnce() {
        NavigableMap<Integer, ByteString> known = encoded;
        if (known == null) {
            known = EffectsCodec.byShard(rows);
            encoded = known;
        }
        return known;
    }
}
