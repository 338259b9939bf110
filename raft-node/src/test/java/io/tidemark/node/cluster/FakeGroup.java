// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A group as a test wants it to be. Changes are noted, and end when the test says so. */
public final class FakeGroup implements Group {

    /** A change that was asked for. */
    public record Change(Set<Member> wanted, CompletableFuture<ChangeOutcome> outcome) {}

    final List<Change> changes = new ArrayList<>();
    final String selfId;
    public boolean leads;
    public long term = 1;

    /** Happens right after it was told whether this node leads. */
    public Runnable afterLeads = () -> {};

    public @Nullable Member leader;

    public Membership membership;

    public FakeGroup(String selfId, Member... voters) {
        this.selfId = selfId;
        this.membership = new Membership(1, Set.of(voters), Set.of());
    }

    public static Member member(String id, int port) {
        return new Member(id, "host:" + port, "host:" + (port + 1), "host:" + (port + 2));
    }

    @Override
    public String selfId() {
        return selfId;
    }

    @Override
    public boolean leads() {
        boolean told = leads;
        afterLeads.run();
        return told;
    }

    @Override
    public long term() {
        return term;
    }

    @Override
    public Optional<Member> leader() {
        return Optional.ofNullable(leader);
    }

    @Override
    public Membership membership() {
        return membership;
    }

    @Override
    public long raftCommitIndex() {
        return 100;
    }

    @Override
    public CompletableFuture<ChangeOutcome> change(Set<Member> expected, Set<Member> wanted) {
        Change change = new Change(wanted, new CompletableFuture<>());
        changes.add(change);
        return change.outcome();
    }

    @Override
    public CompletableFuture<ChangeOutcome> transfer(@Nullable String to, Duration within) {
        return CompletableFuture.completedFuture(new ChangeOutcome.Done());
    }
}
