// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import io.tidemark.store.LogTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The newest commits, in memory, up to a number of bytes. One thread adds; any reads, without waiting for it.
 *
 * <p>Everything above {@code completeAbove} is here. The writer raises it <em>before</em> it lets a commit go, and readers look
 * at it <em>after</em> they have collected, so a reader never takes a hole for silence.
 */
public final class RecentCommits {

    private final long bytesMax;
    private final ConcurrentSkipListMap<Long, CommitEffects> commits = new ConcurrentSkipListMap<>();
    private volatile long completeAbove;
    private long bytes;
    private int count;

    /** @param completeAbove the last index that is not here */
    public RecentCommits(long bytesMax, long completeAbove) {
        this.bytesMax = bytesMax;
        this.completeAbove = completeAbove;
    }

    /** By the writer, with rising indexes, before anybody is told that they are applied. */
    public void add(CommitEffects commit) {
        commits.put(commit.index(), commit);
        bytes += commit.bytes();
        count++;
        while (bytes > bytesMax && count > 1) {
            Map.Entry<Long, CommitEffects> oldest = commits.firstEntry();
            completeAbove = oldest.getKey();
            commits.remove(oldest.getKey());
            bytes -= oldest.getValue().bytes();
            count--;
        }
    }

    /**
     * The commits of {@code (after, through]} in order, until the bytes are reached or passed; null if they are no longer all
     * here.
     */
    public @Nullable FeedRead read(long after, long through, LogTime throughTime, long readBytesMax) {
        List<CommitEffects> found = new ArrayList<>();
        long readBytes = 0;
        FeedRead cut = null;
        for (CommitEffects commit : commits.subMap(after, false, through, true).values()) {
            if (readBytes >= readBytesMax) {
                cut = FeedRead.cutBefore(found, commit.index());
                break;
            }
            found.add(commit);
            readBytes += commit.bytes();
        }
        FeedRead read = cut != null ? cut : new FeedRead(found, through, throughTime);
        return completeAbove <= after ? read : null;
    }
}
