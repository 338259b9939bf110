// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

/** Where a subscriber is fed from. */
public enum FeedMode {
    /** It has not been welcomed yet. */
    OPENING,
    /** It is further than this server, which has nothing to say until it has applied as much. */
    AHEAD,
    /** From memory. */
    NEAR,
    /** From disk. */
    BEHIND
}
