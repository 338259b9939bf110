// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import io.tidemark.proto.v1.Effects;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.Fragment;
import io.tidemark.proto.v1.ShardEffects;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Cuts a commit that is too large for one message. Effects are cut between two of them, so that what was encoded once is neither
 * encoded again nor copied.
 */
final class Fragments {

    /** What a part and a shard in it take beside effects, at most. */
    private static final int OVERHEAD_BYTES = 64;

    private final FeedCommit commit;
    private final int bytesMax;
    private final List<FeedCommit.Builder> parts = new ArrayList<>();
    private FeedCommit.Builder part;
    private long partBytes;

    private Fragments(FeedCommit commit, int bytesMax) {
        this.commit = commit;
        this.bytesMax = bytesMax;
        this.part = begin();
        part.setSystemEffects(commit.getSystemEffects());
        partBytes += commit.getSystemEffects().size();
    }

    /** Its parts, in order: each as large as allowed, or one effect. */
    static List<FeedCommit> of(FeedCommit commit, int bytesMax) {
        Fragments fragments = new Fragments(commit, bytesMax);
        commit.getShardsList().forEach(fragments::add);
        return fragments.numbered();
    }

    private FeedCommit.Builder begin() {
        FeedCommit.Builder begun =
                FeedCommit.newBuilder().setIndex(commit.getIndex()).setLogTime(commit.getLogTime());
        parts.add(begun);
        partBytes = OVERHEAD_BYTES;
        return begun;
    }

    private void add(ShardEffects shard) {
        ByteString effects = shard.getEffects();
        int from = 0;
        int to = 0;
        try {
            CodedInputStream in = effects.newCodedInput();
            while (!in.isAtEnd()) {
                if (in.readTag() >>> 3 != Effects.EFFECTS_FIELD_NUMBER) {
                    throw new IllegalStateException("effects of shard " + shard.getShard() + " at index "
                            + commit.getIndex() + " hold something else (expected: what this server encoded)");
                }
                in.skipRawBytes(in.readRawVarint32());
                int end = in.getTotalBytesRead();
                if (partBytes + OVERHEAD_BYTES + end - from > bytesMax && (to > from || part.getShardsCount() > 0)) {
                    put(shard.getShard(), effects.substring(from, to));
                    part = begin();
                    from = to;
                }
                to = end;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        put(shard.getShard(), effects.substring(from, to));
    }

    private void put(int shard, ByteString effects) {
        if (!effects.isEmpty()) {
            part.addShards(ShardEffects.newBuilder().setShard(shard).setEffects(effects));
            partBytes += OVERHEAD_BYTES + effects.size();
        }
    }

    private List<FeedCommit> numbered() {
        List<FeedCommit> numbered = new ArrayList<>(parts.size());
        for (int i = 0; i < parts.size(); i++) {
            numbered.add(parts.get(i)
                    .setFragment(Fragment.newBuilder().setNumber(i).setLast(i == parts.size() - 1))
                    .build());
        }
        return numbered;
    }
}
