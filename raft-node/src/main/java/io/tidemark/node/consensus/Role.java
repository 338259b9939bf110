// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

/** What a node is in its group. */
public enum Role {
    LEADER,
    CANDIDATE,
    FOLLOWER,
    /** Starting, joining or stopped. */
    NONE
}
