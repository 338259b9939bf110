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

    /**
     * So many small entries are applied within a tenth of a second or so, even by a node that has just started. One
     * entry is under way at a time, so who is level never has as many.
     */
    static final long FOLLOWS_CLOSELY_WITHIN = 100;

    private static final Comparator<Claim> ORDER = Comparator.comparing(Claim::log)
            .thenComparing(Claim::followsClosely)
            .thenComparing(Claim::nodeId, Comparator.reverseOrder());

    private boolean followsClosely() {
        return unappliedEntries <= FOLLOWS_CLOSELY_WITHIN;
    }

    @Override
    public int compareTo(Claim other) {
        return ORDER.compare(this, other);
    }
}
