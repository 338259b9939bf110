// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedCommits;
import io.tidemark.store.LogTime;
import io.tidemark.store.Shards;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.FeedRead;
import io.tidemark.store.state.Store;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One way through the commits, in index order, as messages: from memory as long as all that follows is there, else from disk by the
 * workers. Holds one step's commits at most, and what is left of one commit that goes in parts. Of the thread of its session.
 */
final class Passage {

    private final Store store;
    private final Upstream upstream;
    private final Consumer<Runnable> inbox;
    private final LongFunction<Shards> shardsAt;
    private final boolean withSystem;
    private final long end;

    private long reached;
    private LogTime time = LogTime.MIN;
    private final Deque<CommitEffects> read = new ArrayDeque<>();
    private final Deque<FeedCommit> parts = new ArrayDeque<>();

    /** How far the silence behind what was read reaches. */
    private long readThrough;

    private LogTime readTime = LogTime.MIN;

    /** One read at a time, also where nobody wants what the last one brings. */
    private boolean asked;

    private int generation;
    private @Nullable FeedRead arrived;
    private @Nullable RuntimeException failure;
    private boolean fromDisk;

    /**
     * A way that begins behind an index.
     *
     * @param inbox takes steps for the session's next turn
     * @param shardsAt whose effects of the commit at an index to send
     * @param withSystem whether to send what belongs to no shard
     * @param end the last index to send; {@link Long#MAX_VALUE}: all that come
     */
    Passage(
            Store store,
            Upstream upstream,
            Consumer<Runnable> inbox,
            LongFunction<Shards> shardsAt,
            boolean withSystem,
            long reached,
            long end) {
        this.store = store;
        this.upstream = upstream;
        this.inbox = inbox;
        this.shardsAt = shardsAt;
        this.withSystem = withSystem;
        this.reached = reached;
        this.readThrough = reached;
        this.end = end;
    }

    /** All of whatever is to be sent at or below it has been given out. */
    long reached() {
        return reached;
    }

    /** No commit behind {@link #reached} has an earlier log time; {@link LogTime#MIN}: none is known. */
    LogTime time() {
        return time;
    }

    /** Whether a commit has been given out in part. */
    boolean isWithinCommit() {
        return !parts.isEmpty();
    }

    /** Whether what was read has been given out, so that the next message needs another step. */
    boolean isBetweenReads() {
        return read.isEmpty() && parts.isEmpty() && reached >= readThrough;
    }

    boolean isAtEnd() {
        return reached >= end && parts.isEmpty();
    }

    /** Whether it was last read from disk. */
    boolean isFromDisk() {
        return fromDisk;
    }

    /** Other shards count from now on, whose effects may be missing from what has been read. Not within a commit. */
    void shardsChanged() {
        generation++;
        arrived = null;
        read.clear();
        readThrough = reached;
    }

    /**
     * The next message; null: there is none now. Then {@link #reached} may have risen, and more may come when the disk has been
     * read.
     */
    @Nullable FeedCommits next() {
        if (!parts.isEmpty()) {
            return part();
        }
        if (isBetweenReads() && !step()) {
            return null;
        }
        FeedCommits.Builder message = FeedCommits.newBuilder();
        long bytes = 0;
        int max = upstream.options().messageBytes();
        for (CommitEffects next = peek(); next != null; next = peek()) {
            FeedCommit commit = forSubscriber(next);
            int size = commit == null ? 0 : commit.getSerializedSize();
            if (bytes > 0 && bytes + size > max) {
                return message.build();
            }
            read.remove();
            if (commit != null && size > max) {
                parts.addAll(Fragments.of(commit, max));
                return part();
            }
            passed(next.index(), next.logTime());
            if (commit != null) {
                message.addCommits(commit);
                bytes += size;
            }
        }
        passed(Math.min(readThrough, end), readThrough <= end ? readTime : LogTime.MIN);
        readThrough = reached;
        return bytes > 0 ? message.build() : null;
    }

    private @Nullable CommitEffects peek() {
        CommitEffects next = read.peek();
        if (next != null && next.index() > end) {
            read.clear();
            return null;
        }
        return next;
    }

    private FeedCommits part() {
        FeedCommit part = parts.remove();
        if (parts.isEmpty()) {
            passed(part.getIndex(), LogTime.of(part.getLogTime()));
        }
        return FeedCommits.newBuilder().addCommits(part).build();
    }

    private void passed(long index, LogTime logTime) {
        reached = Math.max(reached, index);
        time = LogTime.max(time, logTime);
    }

    private @Nullable FeedCommit forSubscriber(CommitEffects commit) {
        FeedCommit fed = commit.forShards(shardsAt.apply(commit.index()));
        if (fed == null || withSystem) {
            return fed;
        }
        return fed.getShardsCount() == 0
                ? null
                : fed.toBuilder().clearSystemEffects().build();
    }

    /** Whether the next commits are here, or the silence in their place. */
    private boolean step() {
        RuntimeException failed = failure;
        if (failed != null) {
            failure = null;
            throw failed;
        }
        if (reached >= end) {
            return false;
        }
        FeedRead next = arrived;
        arrived = null;
        if (next == null) {
            if (asked) {
                return false;
            }
            next = store.feed().recent(reached, upstream.options().messageBytes());
            fromDisk = next == null;
            if (next == null) {
                ask();
                return false;
            }
        }
        read.addAll(next.commits());
        readThrough = next.through();
        readTime = next.throughTime();
        return true;
    }

    private void ask() {
        asked = true;
        int of = generation;
        long after = reached;
        long bytes = upstream.options().messageBytes();
        // All that are ever fed: those of the last commit there is.
        Shards shards = shardsAt.apply(Long.MAX_VALUE);
        upstream.counts().readFromDisk();
        upstream.disk().accept(() -> {
            FeedRead found = null;
            RuntimeException why = null;
            try {
                found = store.feed().read(after, bytes, shards);
            } catch (RuntimeException e) {
                why = e;
            }
            FeedRead result = found;
            RuntimeException failed = why;
            inbox.accept(() -> arrived(of, result, failed));
        });
    }

    private void arrived(int of, @Nullable FeedRead result, @Nullable RuntimeException failed) {
        asked = false;
        if (of == generation) {
            arrived = result;
            failure = failed;
        }
    }
}
