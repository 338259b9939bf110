// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.server.time.Moment;

/**
 * Whatever was acknowledged to anyone before a moment lies at or below a Raft index.
 *
 * @param begun on this node's clocks, before anything of the round that confirmed it: before the index was taken or asked for
 * @param term in which leadership was confirmed
 */
public record Confirmed(Moment begun, long term, long raftIndex) {

    /** Whether whoever waits for the other is served by this one. */
    boolean covers(Confirmed other) {
        return other.begun.isNotAfter(begun) && other.raftIndex <= raftIndex;
    }
}
