// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import com.google.protobuf.ByteString;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.store.LogTime;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.state.Store;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** Gathers what the feed brings, and applies it in one write. */
final class Applier {

    private final Store store;
    private final Supplier<ByteString> position;
    private final List<CommitEffects> commits = new ArrayList<>();
    private long through;
    private LogTime throughTime = LogTime.MIN;
    private long clusterHorizon;

    /** @param position what the store is to keep beside the index */
    Applier(Store store, Supplier<ByteString> position, long clusterHorizon) {
        this.store = store;
        this.position = position;
        this.through = store.appliedIndex();
        this.clusterHorizon = clusterHorizon;
    }

    /** The next commit. Nothing of one that is not understood is applied, nor anything behind it. */
    void add(FeedCommit commit) {
        if (commit.getIndex() <= through) {
            throw new FeedBrokenException(
                    "commit " + commit.getIndex() + " came (expected: above " + through + ", which was sent)");
        }
        CommitEffects effects;
        try {
            effects = CommitEffects.of(commit);
        } catch (IllegalArgumentException e) {
            throw new FeedBrokenException("commit " + commit.getIndex() + " is not understood", e);
        }
        for (SystemChange change : effects.system()) {
            if (change instanceof SystemChange.HorizonRaised raised) {
                clusterHorizon = Math.max(clusterHorizon, raised.horizon());
            }
        }
        commits.add(effects);
        through(effects.index(), effects.logTime());
    }

    /** There was nothing else up to there. */
    void through(long index, LogTime time) {
        if (index >= through) {
            through = index;
            throughTime = LogTime.max(throughTime, time);
        }
    }

    /** Applies all of it, so that readers see it. If this throws, nothing was applied, and it can be called again. */
    void flush() {
        if (commits.isEmpty() && through == store.appliedIndex()) {
            return;
        }
        try {
            store.follow(commits, through, throughTime, position.get());
        } catch (IllegalArgumentException e) {
            throw new FeedBrokenException("what the feed brought cannot be applied", e);
        }
        commits.clear();
    }

    /** How many commits have come that are not applied. */
    int waiting() {
        return commits.size();
    }

    /** The oldest index that the cluster keeps, as far as it was told. */
    long clusterHorizon() {
        return clusterHorizon;
    }
}
