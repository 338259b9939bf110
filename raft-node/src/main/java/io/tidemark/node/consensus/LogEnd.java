// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.Comparator;

/**
 * The last entry of a node's log, committed or not. The greater one is further: a node votes for nobody whose log ends before its own.
 *
 * @param term of that entry; 0: the log is empty
 */
public record LogEnd(long term, long raftIndex) implements Comparable<LogEnd> {

    /** Of an empty log. */
    public static final LogEnd NONE = new LogEnd(0, -1);

    private static final Comparator<LogEnd> ORDER =
            Comparator.comparingLong(LogEnd::term).thenComparingLong(LogEnd::raftIndex);

    @Override
    public int compareTo(LogEnd other) {
        return ORDER.compare(this, other);
    }
}
