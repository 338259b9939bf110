// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import java.util.Set;
import java.util.stream.Collectors;

/** The ports that a node got which asked for any. */
record OwnPorts(int client, int internal) {

    private static final String ANY = ":0";

    /** The membership with these ports where the node's own address names none. */
    Membership shownIn(Membership membership, String selfId) {
        return new Membership(
                membership.raftIndex(), shown(membership.voters(), selfId), shown(membership.oldVoters(), selfId));
    }

    private Set<Member> shown(Set<Member> members, String selfId) {
        return members.stream()
                .map(member -> member.id().equals(selfId) ? shown(member) : member)
                .collect(Collectors.toUnmodifiableSet());
    }

    private Member shown(Member own) {
        return new Member(
                own.id(),
                own.raftAddress(),
                withPort(own.internalAddress(), internal),
                withPort(own.clientAddress(), client));
    }

    private static String withPort(String address, int port) {
        return address.endsWith(ANY) ? address.substring(0, address.length() - 1) + port : address;
    }
}
