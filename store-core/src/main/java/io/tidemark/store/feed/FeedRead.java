// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.feed;

import java.util.List;

/** The next commits, and how far the silence behind them reaches: nothing else happened up to {@code through}. */
public record FeedRead(List<CommitEffects> commits, long through) {

    public FeedRead {
        commits = List.copyOf(commits);
    }
}
