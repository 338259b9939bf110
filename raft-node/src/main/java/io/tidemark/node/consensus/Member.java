// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

/**
 * A voter, and where it is reached. The addresses are part of the replicated configuration, so every node knows those of all, also of
 * a node that is away.
 *
 * @param id never used again for another disk: who lost one joins under a new id
 * @param raftAddress host:port of its Raft port
 * @param internalAddress host:port of its internal port
 * @param clientAddress host:port of its client port
 */
public record Member(String id, String raftAddress, String internalAddress, String clientAddress) {

    public Member {
        if (id.isBlank() || id.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException("member: \"" + id + "\" (expected: an id without blanks)");
        }
        requireAddress(id, "raft", raftAddress);
        requireAddress(id, "internal", internalAddress);
        requireAddress(id, "client", clientAddress);
    }

    private static void requireAddress(String id, String port, String address) {
        int colon = address.lastIndexOf(':');
        if (colon < 1 || colon == address.length() - 1 || address.chars().anyMatch(Character::isWhitespace)) {
            throw new IllegalArgumentException(
                    "member " + id + ": " + port + " address \"" + address + "\" (expected: host:port)");
        }
    }
}
