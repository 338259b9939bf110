// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Confirmed Raft indexes for a node that does not lead: it asks who does, and follows when the lead moves. With the question it says
 * what it would answer, were it asked itself, which spares a leader of three all others. Any thread may call.
 * What waits for a round goes on upon the thread that brought the answer.
 */
public final class RemoteRounds {

    private final Identity identity;
    private final RaftView raft;
    private final Peers peers;
    private final LeaderRounds here;
    private final TermAnswers terms;
    private final Ticker ticker;
    private final Timers timers;
    private final ConfirmOptions options;
    private final AtomicLong ids = new AtomicLong();
    private final SharedRounds<Confirmed> rounds = new SharedRounds<>(this::begin);
    private volatile RoundListener listener = (isConfirmed, nanos) -> {};
    private volatile @Nullable Round current;

    /**
     * @param here who confirms once the lead has come to this node
     * @param terms what this node says of itself
     */
    public RemoteRounds(
            Identity identity,
            RaftView raft,
            Peers peers,
            LeaderRounds here,
            TermAnswers terms,
            Ticker ticker,
            Timers timers,
            ConfirmOptions options) {
        this.identity = identity;
        this.raft = raft;
        this.peers = peers;
        this.here = here;
        this.terms = terms;
        this.ticker = ticker;
        this.timers = timers;
        this.options = options;
    }

    /** A Raft index that the leader confirms in a round that begins after this call; NO_LEADER if there is none. */
    public CompletableFuture<Confirmed> confirm() {
        return rounds.join();
    }

    /** This node knows of another leader, or of none. */
    public void leaderChanged() {
        Round round = current;
        if (round != null) {
            round.leaderChanged();
        }
    }

    /** Tells somebody of each round from now on. */
    public void listen(RoundListener who) {
        listener = who;
    }

    private CompletableFuture<Confirmed> begin() {
        long begun = ticker.now().monotonicNanos();
        Round round = new Round();
        current = round;
        CompletableFuture<Confirmed> unused = round.outcome.whenComplete((confirmed, failure) ->
                listener.ended(failure == null, ticker.now().monotonicNanos() - begun));
        round.begin();
        return round.outcome;
    }

    private final class Round {
        private final CompletableFuture<Confirmed> outcome = new CompletableFuture<>();

        /** The only one whose answer counts. Guarded by this. */
        private @Nullable Attempt attempt;

        /** Why the last attempt failed. Guarded by this. */
        private String lastFailure = "it did not answer";

        void begin() {
            cancelWhenOver(timers.after(options.remoteMax(), this::timedOut));
            next(null);
        }

        void cancelWhenOver(Timers.Pending timer) {
            CompletableFuture<Confirmed> unused = outcome.whenComplete((confirmed, failure) -> timer.cancel());
        }

        private void timedOut() {
            Attempt last;
            String reason;
            synchronized (this) {
                last = attempt;
                reason = lastFailure;
            }
            fail((last == null ? "no leader answered" : "leader " + last.leader.id() + " did not confirm") + " within "
                    + options.remoteMax().toMillis() + " ms: " + reason);
        }

        private void fail(String reason) {
            if (!outcome.isDone()) {
                outcome.completeExceptionally(NoLeader.because(identity, reason));
            }
        }

        /** @param failed the attempt that this one follows; another one has followed if it is not the current one */
        private void next(@Nullable Attempt failed) {
            if (outcome.isDone()) {
                return;
            }
            if (raft.role() == Role.LEADER) {
                if (replaced(failed, null)) {
                    CompletableFuture<Confirmed> unused = here.confirm().whenComplete(this::confirmedHere);
                }
                return;
            }
            Member leader = raft.leader().orElse(null);
            if (leader == null || leader.id().equals(identity.nodeId())) {
                fail("no leader is known");
                return;
            }
            HistoryId history = identity.history().get().orElse(null);
            if (history == null) {
                fail("it has no store yet");
                return;
            }
            Attempt next = new Attempt(this, leader, history);
            if (replaced(failed, next)) {
                next.begin();
            }
        }

        private synchronized boolean replaced(@Nullable Attempt expected, @Nullable Attempt next) {
            if (!isCurrent(expected)) {
                return false;
            }
            attempt = next;
            return true;
        }

        /** Call while holding this. */
        private boolean isCurrent(@Nullable Attempt expected) {
            return idOf(attempt) == idOf(expected);
        }

        private long idOf(@Nullable Attempt one) {
            return one == null ? 0 : one.id;
        }

        private void confirmedHere(@Nullable Confirmed confirmed, @Nullable Throwable failure) {
            if (confirmed != null) {
                outcome.complete(confirmed);
            } else if (failure != null) {
                outcome.completeExceptionally(failure);
            }
        }

        /** Nobody waits for a leader that is gone: it may be paused, and never answer. */
        void leaderChanged() {
            Attempt now;
            synchronized (this) {
                now = attempt;
            }
            boolean isAnother = now != null
                    && raft.leader()
                            .filter(leader -> !leader.id().equals(now.leader.id()))
                            .isPresent();
            if (isAnother) {
                next(now);
            }
        }

        private void answered(Attempt by, @Nullable ConfirmReadIndexResponse answer, @Nullable Throwable failure) {
            Confirmed confirmed = answer == null ? null : by.confirmed(answer);
            synchronized (this) {
                if (!isCurrent(by)) {
                    return;
                }
                lastFailure = described(failure);
            }
            if (confirmed != null) {
                outcome.complete(confirmed);
            } else if (!outcome.isDone()) {
                Timers.Pending unused = timers.after(options.retryPause(), () -> next(by));
            }
        }

        private void unanswered(Attempt by) {
            synchronized (this) {
                if (!isCurrent(by)) {
                    return;
                }
                lastFailure = "no answer within " + options.attemptMax().toMillis() + " ms";
            }
            next(by);
        }
    }

    /** One question to one leader. */
    private final class Attempt {
        private final Round round;
        private final Member leader;
        private final HistoryId history;
        private final long id = ids.incrementAndGet();

        /** Of this very attempt: the question goes out after it. */
        private final Moment begun = ticker.now();

        Attempt(Round round, Member leader, HistoryId history) {
            this.round = round;
            this.leader = leader;
            this.history = history;
        }

        void begin() {
            ConfirmReadIndexRequest.Builder question = ConfirmReadIndexRequest.newBuilder()
                    .setClusterId(identity.clusterId())
                    .setHistoryId(history.text())
                    .setNodeId(identity.nodeId())
                    .setAttemptId(id);
            terms.unasked(leader.id()).ifPresent(question::setConfirmedTerm);
            Timers.Pending timeout = timers.after(options.attemptMax(), () -> round.unanswered(this));
            CompletableFuture<ConfirmReadIndexResponse> unused = peers.confirmReadIndex(
                            leader, question.build(), options.attemptMax())
                    .whenComplete((answer, failure) -> {
                        timeout.cancel();
                        round.answered(this, answer, failure);
                    });
            round.cancelWhenOver(timeout);
        }

        /** Null: it is no answer to this question. */
        @Nullable Confirmed confirmed(ConfirmReadIndexResponse answer) {
            boolean isComplete = answer.getAttemptId() == id
                    && answer.getLeaderId().equals(leader.id())
                    && answer.hasRaftIndex()
                    && answer.getRaftIndex() >= 0;
            return isComplete ? new Confirmed(begun, answer.getTerm(), answer.getRaftIndex()) : null;
        }
    }

    private static String described(@Nullable Throwable failure) {
        if (failure == null) {
            return "its answer was to another question";
        }
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return ErrorStatus.from(cause).map(ErrorStatus::toString).orElseGet(() -> String.valueOf(cause));
    }
}
