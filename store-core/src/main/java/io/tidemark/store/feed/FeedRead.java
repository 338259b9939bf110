// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import io.tidemark.store.LogTime;
import java.util.List;

/**
 * The next commits, and how far the silence behind them reaches.
 *
 * @param through nothing else happened up to this index
 * @param throughTime no later commit has an earlier log time
 */
public record FeedRead(List<CommitEffects> commits, long through, LogTime throughTime) {

    public FeedRead {
        commits = List.copyOf(commits);
    }

    /** As much as there was room for; more commits follow. */
    public static FeedRead cutBefore(List<CommitEffects> commits, long nextIndex) {
        LogTime known = commits.isEmpty()
                ? LogTime.MIN
                : commits.get(commits.size() - 1).logTime();
        return new FeedRead(commits, nextIndex - 1, known);
    }
}
