// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.ShardEffects;
import io.tidemark.store.LogTime;
import io.tidemark.store.Shards;
import io.tidemark.store.transition.RowEffect;
import io.tidemark.store.transition.RowSize;
import io.tidemark.store.transition.SystemChange;
import java.util.List;
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
    private final long bytes;
    private volatile @Nullable Content content;
    private volatile @Nullable FeedCommit encoded;

    /**
     * Of what changed beside rows, that is left out which is for nodes alone.
     *
     * @param rows in the order of their positions
     */
    public CommitEffects(long index, LogTime logTime, List<RowEffect> rows, List<SystemChange> system) {
        this.index = index;
        this.logTime = logTime;
        this.content = new Content(rows, told(system));
        this.bytes = OVERHEAD_BYTES + bytesOf(rows);
    }

    private CommitEffects(FeedCommit encoded, long bytes) {
        this.index = encoded.getIndex();
        this.logTime = LogTime.of(encoded.getLogTime());
        this.encoded = encoded;
        this.bytes = bytes;
    }

    /** What {@link #forAll} gave of a commit of so many bytes. What it changed is decoded for who asks. */
    static CommitEffects ofPacked(FeedCommit encoded, long bytes) {
        return new CommitEffects(encoded, bytes);
    }

    /** What a commit changed: rows in the order of their positions, and what all are told. */
    record Content(List<RowEffect> rows, List<SystemChange> system) {
        Content {
            rows = List.copyOf(rows);
            system = List.copyOf(system);
        }
    }

    private static long bytesOf(List<RowEffect> rows) {
        long bytes = 0;
        for (RowEffect effect : rows) {
            bytes += bytesOf(effect);
        }
        return bytes;
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

    /** What a feed brought. Who passes it on does so with the same bytes. */
    public static CommitEffects of(FeedCommit commit) {
        Content content = EffectsCodec.decode(commit);
        CommitEffects effects = new CommitEffects(commit, OVERHEAD_BYTES + bytesOf(content.rows()));
        effects.content = content;
        return effects;
    }

    /** What is for those shards, and what all are told. */
    public CommitEffects of(Shards shards) {
        List<RowEffect> rows = rows();
        if (rows.stream().allMatch(effect -> shards.contains(effect.shard()))) {
            return this;
        }
        return new CommitEffects(
                index,
                logTime,
                rows.stream().filter(effect -> shards.contains(effect.shard())).toList(),
                system());
    }

    public long index() {
        return index;
    }

    public LogTime logTime() {
        return logTime;
    }

    public List<RowEffect> rows() {
        return content().rows();
    }

    public List<SystemChange> system() {
        return content().system();
    }

    private Content content() {
        Content known = content;
        if (known == null) {
            // Two threads may both come here first: they make the same, and one of them stays.
            known = EffectsCodec.decode(forAll());
            content = known;
        }
        return known;
    }

    /** What it takes, near enough to bound memory and messages. */
    public long bytes() {
        return bytes;
    }

    /** For a subscriber to those shards; null if it has nothing for them. What all are told is in it for everybody. */
    public @Nullable FeedCommit forShards(Shards shards) {
        FeedCommit all = forAll();
        FeedCommit.Builder commit = FeedCommit.newBuilder();
        for (ShardEffects shard : all.getShardsList()) {
            if (shards.contains(shard.getShard())) {
                commit.addShards(shard);
            }
        }
        if (commit.getShardsCount() == 0 && all.getSystemEffects().isEmpty()) {
            return null;
        }
        return commit.setIndex(index)
                .setLogTime(all.getLogTime())
                .setSystemEffects(all.getSystemEffects())
                .build();
    }

    /** Of all shards. */
    FeedCommit forAll() {
        FeedCommit known = encoded;
        return known != null ? known : encodedOnce();
    }

    /** Many feeds come here at the same moment, with each commit. */
    private synchronized FeedCommit encodedOnce() {
        FeedCommit known = encoded;
        if (known == null) {
            known = FeedCommit.newBuilder()
                    .setIndex(index)
                    .setLogTime(logTime.toTimestamp())
                    .addAllShards(EffectsCodec.byShard(rows()))
                    .setSystemEffects(EffectsCodec.system(system()))
                    .build();
            encoded = known;
        }
        return known;
    }
}
