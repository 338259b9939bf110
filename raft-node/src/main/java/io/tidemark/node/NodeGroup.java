// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import com.google.protobuf.ByteString;
import io.tidemark.node.cluster.Group;
import io.tidemark.node.confirm.RaftView;
import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.LogEnd;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.ProposalOutcome;
import io.tidemark.node.consensus.Role;
import io.tidemark.node.succession.Campaign;
import io.tidemark.node.write.Leadership;
import io.tidemark.node.write.Proposer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The Raft group as each part of a node wants to see it. Until the consensus has started it is a group of nobody, which this node does
 * not lead. For any thread.
 */
final class NodeGroup implements Group, RaftView, Leadership, Proposer, Campaign {

    private static final Membership NOBODY = new Membership(-1, Set.of(), Set.of());

    private final String selfId;
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private volatile @Nullable Consensus consensus;
    private volatile @Nullable OwnPorts ownPorts;

    /** The last one in which this node led and had its clock compared. */
    private final AtomicLong comparedTerm = new AtomicLong(-1);

    NodeGroup(String selfId) {
        this.selfId = selfId;
    }

    /**
     * Where this node listens, if it was told to take any ports that are free. That is for a node that stays alone, whose configuration
     * says port 0 for good: others must be told what it is this time.
     */
    void listens(OwnPorts ports) {
        ownPorts = ports;
    }

    void started(Consensus begun) {
        consensus = begun;
        changed();
    }

    /** This node's clock was compared in a term that it leads in, or could not be: from here on it takes writes. */
    void clockCompared(long term) {
        // Comparisons of two terms may end in either order.
        comparedTerm.accumulateAndGet(term, Math::max);
    }

    boolean isComparedIn(long term) {
        return comparedTerm.get() == term;
    }

    /** The same group for those who confirm leadership, and so compare clocks: a leader is ready as soon as Raft is. */
    RaftView beneath() {
        return new Beneath();
    }

    /** Whoever leads may be another by now. */
    void changed() {
        listeners.forEach(Runnable::run);
    }

    Optional<Consensus> consensus() {
        return Optional.ofNullable(consensus);
    }

    @Override
    public String selfId() {
        return selfId;
    }

    @Override
    public boolean leads() {
        return isReady();
    }

    @Override
    public boolean isReady() {
        Consensus started = consensus;
        return started != null && started.isReady() && isCompared(started);
    }

    private static boolean isAlone(Membership membership) {
        return membership.voters().size() == 1 && !membership.isJoint();
    }

    private boolean isCompared(Consensus started) {
        return isComparedIn(started.term()) || isAlone(started.membership());
    }

    @Override
    public Role role() {
        Consensus started = consensus;
        return started == null ? Role.NONE : started.role();
    }

    @Override
    public long term() {
        Consensus started = consensus;
        return started == null ? 0 : started.term();
    }

    @Override
    public Optional<Member> leader() {
        return consensus().flatMap(Consensus::leader);
    }

    @Override
    public Optional<Leader> other() {
        return leader().filter(member -> !member.id().equals(selfId))
                .map(member -> new Leader(member.id(), member.internalAddress()));
    }

    @Override
    public void onChange(Runnable call) {
        listeners.add(call);
    }

    @Override
    public Membership membership() {
        Consensus started = consensus;
        OwnPorts ports = ownPorts;
        Membership membership = started == null ? NOBODY : started.membership();
        return ports == null ? membership : ports.shownIn(membership, selfId);
    }

    @Override
    public long commitIndex() {
        Consensus started = consensus;
        return started == null ? -1 : started.commitIndex();
    }

    @Override
    public long raftCommitIndex() {
        return commitIndex();
    }

    @Override
    public LogEnd logEnd() {
        Consensus started = consensus;
        return started == null ? LogEnd.NONE : started.logEnd();
    }

    @Override
    public long unappliedEntries() {
        Consensus started = consensus;
        return started == null ? 0 : started.unappliedEntries();
    }

    @Override
    public void begin(Member gone) {
        Consensus started = consensus;
        if (started != null) {
            started.campaign(gone);
        }
    }

    @Override
    public CompletableFuture<ProposalOutcome> propose(ByteString entry) {
        Consensus started = consensus;
        return started == null
                ? CompletableFuture.completedFuture(new ProposalOutcome.NotLeader(null))
                : started.propose(entry);
    }

    @Override
    public CompletableFuture<ChangeOutcome> change(Set<Member> expected, Set<Member> wanted) {
        Consensus started = consensus;
        return started == null
                ? CompletableFuture.completedFuture(new ChangeOutcome.NotLeader(null))
                : started.changeMembership(expected, wanted);
    }

    @Override
    public CompletableFuture<ChangeOutcome> transfer(@Nullable String to, Duration within) {
        Consensus started = consensus;
        return started == null
                ? CompletableFuture.completedFuture(new ChangeOutcome.NotLeader(null))
                : started.transferLeadership(to, within);
    }

    private final class Beneath implements RaftView {
        @Override
        public Role role() {
            return NodeGroup.this.role();
        }

        @Override
        public long term() {
            return NodeGroup.this.term();
        }

        @Override
        public boolean isReady() {
            Consensus started = consensus;
            return started != null && started.isReady();
        }

        @Override
        public long commitIndex() {
            return NodeGroup.this.commitIndex();
        }

        @Override
        public Membership membership() {
            return NodeGroup.this.membership();
        }

        @Override
        public Optional<Member> leader() {
            return NodeGroup.this.leader();
        }
    }
}
