// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A node's Raft state as a test sets it: at first n1, which leads term 5 with n2 and n3. */
final class FakeRaft implements RaftView {

    volatile Role role = Role.LEADER;
    volatile long term = 5;
    volatile boolean hasAppliedFirstEntry = true;
    volatile long commitIndex = 100;
    volatile Membership membership = stable(10, "n1", "n2", "n3");
    volatile @Nullable String leader = "n1";

    /** In place of one that the id makes up. */
    volatile @Nullable Member leaderMember;

    static Member member(String id) {
        return new Member(id, id + ":7401", id + ":7402", id + ":7400");
    }

    static Set<Member> members(String... ids) {
        return Stream.of(ids).map(FakeRaft::member).collect(Collectors.toSet());
    }

    static Membership stable(long raftIndex, String... ids) {
        return new Membership(raftIndex, members(ids), Set.of());
    }

    FakeRaft following(String leaderId) {
        role = Role.FOLLOWER;
        leader = leaderId;
        hasAppliedFirstEntry = false;
        return this;
    }

    @Override
    public Role role() {
        return role;
    }

    @Override
    public long term() {
        return term;
    }

    @Override
    public boolean isReady() {
        return role == Role.LEADER && hasAppliedFirstEntry;
    }

    @Override
    public long commitIndex() {
        return commitIndex;
    }

    @Override
    public Membership membership() {
        return membership;
    }

    @Override
    public Optional<Member> leader() {
        return leaderMember != null
                ? Optional.of(leaderMember)
                : Optional.ofNullable(leader).map(FakeRaft::member);
    }
}
