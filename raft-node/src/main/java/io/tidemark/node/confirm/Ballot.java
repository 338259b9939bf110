// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Counts who confirmed, in one configuration: voters only, each once, a majority of both sets while it changes. One thread. */
public final class Ballot {

    private final Membership membership;
    private final Set<String> confirmed = new HashSet<>();

    public Ballot(Membership membership) {
        this.membership = membership;
    }

    Membership membership() {
        return membership;
    }

    public void confirm(String nodeId) {
        confirmed.add(nodeId);
    }

    public boolean isMajority() {
        return isMajorityOf(membership.voters()) && (!membership.isJoint() || isMajorityOf(membership.oldVoters()));
    }

    private boolean isMajorityOf(Set<Member> voters) {
        int count = 0;
        for (Member voter : voters) {
            if (confirmed.contains(voter.id())) {
                count++;
            }
        }
        return count > voters.size() / 2;
    }

    /** Every voter of either set but one, each once. */
    public static List<Member> others(Membership membership, String self) {
        Set<String> seen = new HashSet<>(Set.of(self));
        // Of one who changes addresses too the new ones count.
        return Stream.concat(membership.voters().stream(), membership.oldVoters().stream())
                .filter(voter -> seen.add(voter.id()))
                .toList();
    }
}
