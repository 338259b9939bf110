// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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

    /** Everybody who votes, or did before the change that is under way. */
    public Set<Member> members() {
        return Stream.concat(voters.stream(), oldVoters.stream()).collect(Collectors.toUnmodifiableSet());
    }

    /** The ids of {@link #members}. */
    public Set<String> memberIds() {
        return members().stream().map(Member::id).collect(Collectors.toUnmodifiableSet());
    }

    public boolean isJoint() {
        return !oldVoters.isEmpty();
    }
}
