// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import io.tidemark.store.LogTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest commits, in memory, up to a number of bytes. One thread adds; any reads, without waiting for it. The very newest,
 * which nearly everybody reads, are as they were made; those behind them are packed, so that the many that are kept for the few who
 * lag are no burden to the garbage collector.
 *
 * <p>Everything above {@code completeAbove} is here. The writer raises it <em>before</em> it lets commits go, and readers look
 * at it <em>after</em> they have collected, so a reader never takes a hole for silence.
 */
public final class RecentCommits {

    /** A few hundred small commits, or one of any size. */
    private static final long FRESH_BYTES_MAX = 512 << 10;

    private final long bytesMax;
    /** By the first index of each. */
    private final ConcurrentSkipListMap<Long, CommitBlock> blocks = new ConcurrentSkipListMap<>();

    private final Deque<CommitBlock.Fresh> fresh = new ArrayDeque<>();
    private volatile long completeAbove;
    private long bytes;
    private long freshBytes;
    private int count;

    /** @param completeAbove the last index that is not here */
    public RecentCommits(long bytesMax, long completeAbove) {
        this.bytesMax = bytesMax;
        this.completeAbove = completeAbove;
    }

    /** By the writer, with rising indexes, before anybody is told that they are applied. */
    public void add(List<CommitEffects> commits) {
        if (commits.isEmpty()) {
            return;
        }
        CommitBlock.Fresh added = CommitBlock.Fresh.of(commits);
        blocks.put(commits.get(0).index(), added);
        fresh.addLast(added);
        bytes += added.bytes();
        freshBytes += added.bytes();
        while (freshBytes > FRESH_BYTES_MAX && fresh.size() > 1) {
            pack(fresh.removeFirst());
        }
        count++;
        while (bytes > bytesMax && count > 1) {
            letGo(blocks.firstEntry());
        }
    }

    private void pack(CommitBlock.Fresh oldest) {
        freshBytes -= oldest.bytes();
        blocks.computeIfPresent(oldest.commits().get(0).index(), (first, same) -> oldest.packed());
    }

    private void letGo(Map.Entry<Long, CommitBlock> oldest) {
        completeAbove = oldest.getValue().last();
        blocks.remove(oldest.getKey());
        bytes -= oldest.getValue().bytes();
        count--;
    }

    /**
     * The commits of {@code (after, through]} in order, until the bytes are reached or passed; null if they are no longer all
     * here.
     */
    public @Nullable FeedRead read(long after, long through, LogTime throughTime, long readBytesMax) {
        List<CommitEffects> found = new ArrayList<>();
        long readBytes = 0;
        Long first = blocks.floorKey(after + 1);
        for (CommitBlock block :
                blocks.tailMap(first == null ? after + 1 : first).values()) {
            for (CommitEffects commit : block.behind(after)) {
                if (commit.index() > through) {
                    return complete(after, new FeedRead(found, through, throughTime));
                }
                if (readBytes >= readBytesMax) {
                    return complete(after, FeedRead.cutBefore(found, commit.index()));
                }
                found.add(commit);
                readBytes += commit.bytes();
            }
        }
        return complete(after, new FeedRead(found, through, throughTime));
    }

    private @Nullable FeedRead complete(long after, FeedRead read) {
        return completeAbove <= after ? read : null;
    }
}
