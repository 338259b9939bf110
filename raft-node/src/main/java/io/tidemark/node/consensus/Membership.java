// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.Set;

/**
 * Who votes, as of the latest configuration in the log, committed or not.
 *
 * @param raftIndex of the configuration; -1 for the one that a node was started with
 * @param oldVoters while a change is under way, those of before: a majority of both is then needed; empty otherwise
 */
public record Membership(long raftIndex, Set<Member> voters, Set<Member> oldVoters) {

    public Membership {
        voters = Set.copyOf(voters);
        oldVoters = Set.copyOf(oldVoters);
    }

    public boolean isJoint() {
        return !oldVoters.isEmpty();
    }
}
