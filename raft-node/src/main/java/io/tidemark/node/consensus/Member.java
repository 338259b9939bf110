// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

/**
 * A voter.
 *
 * @param id never used again for another disk: who lost one joins under a new id
 * @param address host:port of its Raft port
 */
public record Member(String id, String address) {

    public Member {
        if (id.isBlank() || !address.contains(":")) {
            throw new IllegalArgumentException("member: " + id + "@" + address + " (expected: an id and host:port)");
        }
    }
}
