// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.TermVerdict;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A leader's confirmed Raft indexes. A round takes the commit index and then asks the voters whether the leader's term is still
 * theirs; a majority that says so had not voted for a later leader when the round began, so nobody else had acknowledged
 * anything by then. How it is counted while the configuration changes, and why that is sound: {@code docs/decisions}, 46.
 *
 * <p>Any thread may call. A round costs one small call to each other voter, and idle none. What waits for a round goes on upon the
 * thread that brought the last answer.
 */
public final class LeaderRounds {

    /** A configuration changes by steps that each take a majority; a round that sees more of them than this is not lucky. */
    private static final int COUNTS_MAX = 8;

    private final Identity identity;
    private final RaftView raft;
    private final Peers peers;
    private final Ticker ticker;
    private final Timers timers;
    private final ConfirmOptions options;
    private final ClockComparison clocks;

    /** Of counts. With the term they are unique: one process leads a term, once. */
    private final AtomicLong ids = new AtomicLong();

    private final SharedRounds<Confirmed> rounds = new SharedRounds<>(this::begin);
    private volatile RoundListener listener = (isConfirmed, nanos) -> {};

    /** @param clocks is shown the clocks of all who answer */
    public LeaderRounds(
            Identity identity,
            RaftView raft,
            Peers peers,
            Ticker ticker,
            Timers timers,
            ConfirmOptions options,
            ClockComparison clocks) {
        this.identity = identity;
        this.raft = raft;
        this.peers = peers;
        this.ticker = ticker;
        this.timers = timers;
        this.options = options;
        this.clocks = clocks;
    }

    /** A Raft index that is confirmed in a round that begins after this call; NO_LEADER if this node cannot. */
    public CompletableFuture<Confirmed> confirm() {
        return rounds.join();
    }

    /**
     * The same for another node, with what it says of itself. Where its word and this node's own are a majority no round is needed.
     *
     * @param nodeId of the voter that asks
     * @param itsTerm as {@link TermAnswers#unasked} gave it after all came who wait for the result
     */
    CompletableFuture<Confirmed> confirmFor(String nodeId, OptionalLong itsTerm) {
        Confirmed confirmed = itsTerm.isPresent() ? confirmedBy(nodeId, itsTerm.getAsLong()) : null;
        return confirmed == null ? confirm() : CompletableFuture.completedFuture(confirmed);
    }

    /** What is read and in which order is as in a round. Null: the two are not enough. */
    private @Nullable Confirmed confirmedBy(String nodeId, long itsTerm) {
        Moment begun = ticker.now();
        if (raft.term() != itsTerm || !raft.isReady()) {
            return null;
        }
        Confirmed confirmed = new Confirmed(begun, itsTerm, raft.commitIndex());
        Membership membership = raft.membership();
        Ballot ballot = new Ballot(membership);
        ballot.confirm(identity.nodeId());
        ballot.confirm(nodeId);
        boolean isSame = raft.membership().equals(membership) && stillLeads(confirmed);
        return ballot.isMajority() && isSame ? confirmed : null;
    }

    private boolean stillLeads(Confirmed confirmed) {
        return raft.isReady() && raft.term() == confirmed.term();
    }

    /** Tells somebody of each round from now on. */
    public void listen(RoundListener who) {
        listener = who;
    }

    private CompletableFuture<Confirmed> begin() {
        long begun = ticker.now().monotonicNanos();
        Round round = new Round();
        CompletableFuture<Confirmed> unused = round.outcome.whenComplete((confirmed, failure) ->
                listener.ended(failure == null, ticker.now().monotonicNanos() - begun));
        round.begin();
        return round.outcome;
    }

    /** One round: a count, or several if the configuration changes meanwhile. */
    private final class Round {
        private final CompletableFuture<Confirmed> outcome = new CompletableFuture<>();

        void begin() {
            Timers.Pending timeout = timers.after(options.roundMax(), this::timedOut);
            CompletableFuture<Confirmed> unused = outcome.whenComplete((confirmed, failure) -> timeout.cancel());
            count(1);
        }

        private void timedOut() {
            fail("no majority confirmed term " + raft.term() + " within "
                    + options.roundMax().toMillis() + " ms");
        }

        void fail(String reason) {
            if (!outcome.isDone()) {
                outcome.completeExceptionally(NoLeader.because(identity, reason));
            }
        }

        /** Counts in the configuration that is the latest now. */
        private void count(int number) {
            Moment begun = ticker.now();
            // The term first: if it is the same at the end, everything between was read in it.
            long term = raft.term();
            if (!raft.isReady()) {
                fail(
                        raft.role() == Role.LEADER
                                ? "it leads, but has not applied the first entry of its term yet"
                                : "it does not lead any more");
                return;
            }
            HistoryId history = identity.history().get().orElse(null);
            if (history == null) {
                fail("it has no store yet");
                return;
            }
            if (number > COUNTS_MAX) {
                fail("the configuration keeps changing");
                return;
            }
            long raftIndex = raft.commitIndex();
            Membership membership = raft.membership();
            Count count = new Count(
                    this, number, new Confirmed(begun, term, raftIndex), history, ids.incrementAndGet(), membership);
            count.begin();
        }

        /** A majority has confirmed. */
        private void counted(Count count) {
            if (!raft.membership().equals(count.membership)) {
                count(count.number + 1);
            } else if (!stillLeads(count.confirmed)) {
                fail("it lost the lead while it was being confirmed");
            } else {
                outcome.complete(count.confirmed);
            }
        }
    }

    /** The questions and answers of a round in one configuration. */
    private final class Count {
        private final Round round;
        private final int number;
        private final Confirmed confirmed;
        private final HistoryId history;
        private final Membership membership;
        private final ConfirmTermRequest question;

        /** Guarded by this. */
        private final Ballot ballot;

        /** Guarded by this. */
        private boolean isOver;

        Count(Round round, int number, Confirmed confirmed, HistoryId history, long id, Membership membership) {
            this.round = round;
            this.number = number;
            this.confirmed = confirmed;
            this.history = history;
            this.membership = membership;
            this.ballot = new Ballot(membership);
            this.question = ConfirmTermRequest.newBuilder()
                    .setClusterId(identity.clusterId())
                    .setHistoryId(history.text())
                    .setLeaderId(identity.nodeId())
                    .setTerm(confirmed.term())
                    .setRoundId(id)
                    .build();
        }

        void begin() {
            confirmedBy(identity.nodeId());
            for (Member other : Ballot.others(membership, identity.nodeId())) {
                ask(other);
            }
        }

        private void ask(Member voter) {
            if (isOver()) {
                return;
            }
            Moment sent = ticker.now();
            CompletableFuture<ConfirmTermResponse> unused = peers.confirmTerm(voter, question, options.roundMax())
                    .whenComplete((answer, failure) -> answered(voter, sent, answer));
        }

        /** @param answer null: there is none */
        private void answered(Member voter, Moment sent, @Nullable ConfirmTermResponse answer) {
            if (answer == null
                    || !answer.getHistoryId().equals(history.text())
                    || answer.getRoundId() != question.getRoundId()) {
                askAgainLater(voter);
            } else if (answer.getTerm() > confirmed.term()) {
                end();
                round.fail("node " + answer.getNodeId() + " is in term " + answer.getTerm() + ", later than "
                        + confirmed.term());
            } else if (isConfirmation(voter, sent, answer)) {
                confirmedBy(voter.id());
            } else {
                askAgainLater(voter);
            }
        }

        private boolean isConfirmation(Member voter, Moment sent, ConfirmTermResponse answer) {
            if (!answer.getNodeId().equals(voter.id())) {
                return false;
            }
            clocks.compare(membership, confirmed.term(), voter.id(), sent, ticker.now(), answer);
            return answer.getTerm() == confirmed.term() && answer.getVerdict() == TermVerdict.TERM_VERDICT_CONFIRMED;
        }

        /** A broken connection may be whole by then, a node that starts may know its leader. */
        private void askAgainLater(Member voter) {
            if (isOver()) {
                return;
            }
            if (!stillLeads(confirmed)) {
                end();
                round.fail("it lost the lead while it was being confirmed");
                return;
            }
            Timers.Pending unused = timers.after(options.retryPause(), () -> ask(voter));
        }

        private void confirmedBy(String nodeId) {
            synchronized (this) {
                ballot.confirm(nodeId);
                if (isOver || !ballot.isMajority()) {
                    return;
                }
                isOver = true;
            }
            round.counted(this);
        }

        private synchronized void end() {
            isOver = true;
        }

        private synchronized boolean isOver() {
            return isOver || round.outcome.isDone();
        }
    }
}
