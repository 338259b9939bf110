// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import io.tidemark.node.consensus.LogEnd;
import java.util.Comparator;

/**
 * What a node brings to an election; the greatest claim campaigns. Nobody votes for a log that ends before its own. A leader takes no
 * writes before it has applied its log, which after a restart takes seconds, so a node that follows closely goes before one that does
 * not. Among equals the lowest id decides, so that votes are not split.
 */
record Claim(LogEnd log, long unappliedEntries, String nodeId) implements Comparable<Claim> {

    /** Applied within some milliseconds, even by a node that has just started; a few are always under way. */
    static final long CLOSE_ENTRIES = 100;

    private static final Comparator<Claim> ORDER = Comparator.comparing(Claim::log)
            .thenComparing(Claim::followsClosely)
            .thenComparing(Claim::nodeId, Comparator.reverseOrder());

    private boolean followsClosely() {
        return unappliedEntries <= CLOSE_ENTRIES;
    }

    @Override
    public int compareTo(Claim other) {
        return ORDER.compare(this, other);
    }
}
