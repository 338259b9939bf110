// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.Comparator;

/**
 * How far another node is, as its leader knows it; the greatest is handed the lead. Nobody votes for a log that ends before its own. A
 * node applies what it knows to be committed and takes no writes before that, so of equal logs the one that knows more goes first. Among
 * equals the lowest id decides, so that it is the same one each time.
 *
 * @param matchIndex up to where it is known to have the log
 * @param commitIndex up to where it knows the log to be committed
 */
record FollowerProgress(long matchIndex, long commitIndex, String id) implements Comparable<FollowerProgress> {

    private static final Comparator<FollowerProgress> ORDER = Comparator.comparingLong(FollowerProgress::matchIndex)
            .thenComparingLong(FollowerProgress::commitIndex)
            .thenComparing(FollowerProgress::id, Comparator.reverseOrder());

    @Override
    public int compareTo(FollowerProgress other) {
        return ORDER.compare(this, other);
    }
}
