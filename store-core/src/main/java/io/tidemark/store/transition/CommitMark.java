// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import io.tidemark.store.LogTime;

/** What stays known of every commit above the horizon: its log time, and {@link Counters#supersededBytes} after it. */
public record CommitMark(LogTime logTime, long supersededBytes) {

    /** That of index 0. */
    public static final CommitMark EMPTY = new CommitMark(LogTime.MIN, 0);
}
