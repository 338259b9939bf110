// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

/** What a commit adds to the counts of {@link Counters}. */
public record CommitBytes(long liveRowsDelta, long liveBytesDelta, long supersededBytes) {}
