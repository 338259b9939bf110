// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.succession;

import io.tidemark.node.confirm.Ballot;
import io.tidemark.node.confirm.RaftView;
import io.tidemark.node.consensus.LogEnd;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.AskLeaderGoneRequest;
import io.tidemark.proto.v1.AskLeaderGoneResponse;
import io.tidemark.proto.v1.LeaderVerdict;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces a leader whose process has ended, at once. Silence must last for an election timeout before it means anything; but when a
 * process ends, its host closes its connections and refuses new ones, and that can mean nothing else.
 *
 * <p>A follower that lost its connection knocks at the leader's Raft port. If it is refused, it asks the other voters
 * to do the same, and campaigns when a majority was refused and nobody of it has a better {@link Claim}. What is done
 * too often here costs an election, never more: votes are given by the rules of Raft.
 *
 * <p>For any thread; its monitor guards which attempt is under way, and nothing outside is called under it.
 */
public final class Succession {

    private static final Logger LOG = LoggerFactory.getLogger(Succession.class);

    /**
     * A process that ends closes its ports one after the other, and a node with a better claim may in the end not
     * campaign. Waiting for either counts; after so many attempts it is left to the election that follows a silence.
     */
    private static final int ATTEMPTS = 5;

    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration ASKED_WITHIN = Duration.ofMillis(500);

    private final Supplier<String> clusterId;
    private final String selfId;
    private final RaftView raft;
    private final Vigil vigil;
    private final Knocker knocker;
    private final Survivors survivors;
    private final Campaign campaign;
    private final Timers timers;

    private @Nullable Office watched;
    private @Nullable Office doubted;

    /** A leader in its term. */
    private record Office(Member leader, long term) {}

    /** The answers of one attempt. */
    private final class Poll {
        private final Office office;
        private final int attempt;
        private final Claim own = new Claim(campaign.logEnd(), campaign.unappliedEntries(), selfId);
        private final Ballot ballot;
        private int open;
        private boolean decided;

        Poll(Office office, int attempt, Membership membership, int open) {
            this.office = office;
            this.attempt = attempt;
            this.ballot = new Ballot(membership);
            this.open = open;
            ballot.confirm(selfId);
        }

        /** @param answer null: there was none */
        synchronized Runnable take(Member from, @Nullable AskLeaderGoneResponse answer) {
            open--;
            if (decided) {
                return () -> {};
            }
            if (answer != null && findsGone(answer)) {
                LogEnd log = new LogEnd(answer.getLastLogTerm(), answer.getLastLogRaftIndex());
                if (new Claim(log, answer.getUnappliedEntries(), from.id()).compareTo(own) > 0) {
                    decided = true;
                    // Both may have found the other's better, if one caught up in between.
                    return () -> again(office, attempt);
                }
                ballot.confirm(from.id());
            }
            if (ballot.isMajority()) {
                decided = true;
                return () -> succeed(office);
            }
            if (open == 0) {
                decided = true;
                return () -> again(office, attempt);
            }
            return () -> {};
        }

        private boolean findsGone(AskLeaderGoneResponse answer) {
            return answer.getVerdict() == LeaderVerdict.LEADER_VERDICT_GONE && answer.getTerm() == office.term();
        }
    }

    /** @param clusterId empty while it is not known */
    public Succession(
            Supplier<String> clusterId,
            String selfId,
            RaftView raft,
            Vigil vigil,
            Knocker knocker,
            Survivors survivors,
            Campaign campaign,
            Timers timers) {
        this.clusterId = clusterId;
        this.selfId = selfId;
        this.raft = raft;
        this.vigil = vigil;
        this.knocker = knocker;
        this.survivors = survivors;
        this.campaign = campaign;
        this.timers = timers;
    }

    /** Whoever leads may be another by now. */
    public void leaderChanged() {
        Office now = office();
        synchronized (this) {
            if (now != null && now.equals(watched)) {
                return;
            }
            watched = now;
        }
        if (now == null) {
            vigil.end();
        } else {
            vigil.keep(now.leader(), () -> doubt(now));
        }
    }

    /** Whom this node follows; null: nobody, or itself. */
    private @Nullable Office office() {
        long term = raft.term();
        Member leader = raft.leader().orElse(null);
        return leader == null || leader.id().equals(selfId) ? null : new Office(leader, term);
    }

    /** Another voter has lost that leader, and asks what this node finds. */
    public CompletableFuture<AskLeaderGoneResponse> answer(AskLeaderGoneRequest request) {
        Office now = office();
        if (now == null
                || !request.getClusterId().equals(clusterId.get())
                || !request.getLeaderId().equals(now.leader().id())
                || request.getTerm() != now.term()) {
            return CompletableFuture.completedFuture(verdict(LeaderVerdict.LEADER_VERDICT_NOT_GONE));
        }
        // That this node was asked is no reason to campaign: it loses its own connection, and then asks itself.
        return knocker.knock(now.leader().raftAddress())
                .thenApply(knock -> verdict(
                        knock == Knock.REFUSED && now.equals(office())
                                ? LeaderVerdict.LEADER_VERDICT_GONE
                                : LeaderVerdict.LEADER_VERDICT_NOT_GONE));
    }

    private AskLeaderGoneResponse verdict(LeaderVerdict verdict) {
        LogEnd end = campaign.logEnd();
        return AskLeaderGoneResponse.newBuilder()
                .setNodeId(selfId)
                .setTerm(raft.term())
                .setVerdict(verdict)
                .setLastLogTerm(end.term())
                .setLastLogRaftIndex(end.raftIndex())
                .setUnappliedEntries(campaign.unappliedEntries())
                .build();
    }

    private void doubt(Office office) {
        synchronized (this) {
            if (office.equals(doubted)) {
                return;
            }
            doubted = office;
        }
        attempt(office, 1);
    }

    private synchronized void end(Office office) {
        if (office.equals(doubted)) {
            doubted = null;
        }
    }

    private void attempt(Office office, int attempt) {
        if (!office.equals(office()) || raft.role() != Role.FOLLOWER || !isVoter()) {
            end(office);
            return;
        }
        CompletableFuture<Void> unused = knocker.knock(office.leader().raftAddress())
                .thenAccept(knock -> {
                    if (knock == Knock.REFUSED) {
                        askOthers(office, attempt);
                    } else {
                        again(office, attempt);
                    }
                });
    }

    private boolean isVoter() {
        return raft.membership().memberIds().contains(selfId);
    }

    private void again(Office office, int attempt) {
        if (attempt == ATTEMPTS) {
            end(office);
            return;
        }
        Timers.Pending unused = timers.after(PAUSE, () -> attempt(office, attempt + 1));
    }

    private void askOthers(Office office, int attempt) {
        Membership membership = raft.membership();
        List<Member> others = Ballot.others(membership, selfId).stream()
                .filter(other -> !other.id().equals(office.leader().id()))
                .toList();
        if (others.isEmpty()) {
            end(office);
            return;
        }
        Poll poll = new Poll(office, attempt, membership, others.size());
        AskLeaderGoneRequest request = AskLeaderGoneRequest.newBuilder()
                .setClusterId(clusterId.get())
                .setNodeId(selfId)
                .setLeaderId(office.leader().id())
                .setTerm(office.term())
                .build();
        for (Member other : others) {
            CompletableFuture<Void> unused = survivors
                    .askLeaderGone(other, request, ASKED_WITHIN)
                    .handle((answer, failure) -> {
                        poll.take(other, failure == null ? answer : null).run();
                        return null;
                    });
        }
    }

    private void succeed(Office office) {
        if (office.equals(office())) {
            LOG.info(
                    "leader={} of term={} is gone, as a majority finds: node={} campaigns at once",
                    office.leader().id(),
                    office.term(),
                    selfId);
            campaign.begin(office.leader());
        }
        end(office);
    }
}
