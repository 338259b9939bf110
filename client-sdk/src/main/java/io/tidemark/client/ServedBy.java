// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

/**
 * The server whose store answered; behind one that only passed the call on, the one that did the work.
 *
 * @param id the name that it has in the topology
 * @param role what it is
 * @param address the server that was asked, {@code host:port}
 */
public record ServedBy(String id, Role role, String address) {

    /** What a server is. */
    public enum Role {
        /** It did not say, or something that this version does not know. */
        UNKNOWN,
        /** A raft node that led. */
        LEADER,
        /** A raft node that followed. */
        FOLLOWER,
        /** A raft node that is joining. */
        JOINING,
        /** A read replica. */
        REPLICA
    }

    @Override
    public String toString() {
        return id + " (" + role + ", " + address + ")";
    }
}
