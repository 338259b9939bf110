// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.TermVerdict;
import io.tidemark.server.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

class LeaderRoundsTest {

    static final HistoryId HISTORY = new HistoryId("0123456789abcdef");
    private static final ConfirmOptions OPTIONS = ConfirmOptions.defaults();

    private final ManualTime time = new ManualTime();
    private final FakeRaft raft = new FakeRaft();
    private final FakePeers peers = new FakePeers();
    private final LeaderRounds rounds = new LeaderRounds(
            identity("n1"), raft, peers, time, time, OPTIONS, new ClockComparison(OPTIONS.clockOffMax(), off -> {}));

    static Identity identity(String nodeId) {
        return new Identity(() -> "c", nodeId, () -> Optional.of(HISTORY));
    }

    static ErrorStatus failureOf(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        try {
            future.join();
            throw new AssertionError("no failure");
        } catch (CompletionException e) {
            return ErrorStatus.from(Objects.requireNonNull(e.getCause())).orElseThrow();
        }
    }

    private static void assertNoLeader(CompletableFuture<?> future, String reason) {
        ErrorStatus error = failureOf(future);
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        assertThat(error.message()).contains(reason);
    }

    @Test
    void aMajorityWithTheLeaderItselfConfirmsTheCommitIndex() {
        time.pass(Duration.ofMillis(3));
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        assertThat(peers.asked()).containsExactly("n2", "n3");
        assertThat(confirmed).isNotDone();
        Confirmed expected = new Confirmed(time.now(), 5, 100);
        time.pass(Duration.ofMillis(1));
        // Commits of meanwhile are not covered by this round.
        raft.commitIndex = 200;
        peers.to("n3").confirm();
        assertThat(confirmed).isCompletedWithValue(expected);
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void aLeaderThatHasNotAppliedItsFirstEntryConfirmsNothing() {
        raft.hasAppliedFirstEntry = false;
        assertNoLeader(rounds.confirm(), "has not applied the first entry of its term");
        assertThat(peers.terms).isEmpty();
    }

    @Test
    void whoDoesNotLeadConfirmsNothing() {
        raft.following("n2");
        assertNoLeader(rounds.confirm(), "does not lead");
        assertThat(peers.terms).isEmpty();
    }

    @Test
    void aSingleNodeConfirmsByItself() {
        raft.membership = FakeRaft.stable(3, "n1");
        assertThat(rounds.confirm()).isCompletedWithValue(new Confirmed(time.now(), 5, 100));
        assertThat(peers.terms).isEmpty();
    }

    @Test
    void whoAsksDuringARoundIsServedByTheNextOne() {
        CompletableFuture<Confirmed> first = rounds.confirm();
        raft.commitIndex = 150;
        CompletableFuture<Confirmed> second = rounds.confirm();
        assertThat(peers.terms).hasSize(2);
        peers.to("n2").confirm();
        assertThat(first.join().raftIndex()).isEqualTo(100);
        assertThat(second).isNotDone();
        assertThat(peers.terms).hasSize(4);
        peers.to("n2").confirm();
        assertThat(second.join().raftIndex()).isEqualTo(150);
    }

    @Test
    void theWordOfOneWhoAsksAndTheLeadersOwnAreAMajorityOfThree() {
        raft.commitIndex = 120;
        CompletableFuture<Confirmed> confirmed = rounds.confirmFor("n2", OptionalLong.of(5));
        assertThat(confirmed).isCompletedWithValue(new Confirmed(time.now(), 5, 120));
        assertThat(peers.terms).isEmpty();
    }

    @Test
    void whoAsksWithoutAWordOrOfAnotherTermIsServedByARound() {
        for (OptionalLong term : List.of(OptionalLong.empty(), OptionalLong.of(4), OptionalLong.of(6))) {
            CompletableFuture<Confirmed> confirmed = rounds.confirmFor("n2", term);
            assertThat(confirmed).isNotDone();
            peers.to("n3").confirm();
            assertThat(confirmed.join().raftIndex()).isEqualTo(100);
        }
        assertThat(peers.terms).hasSize(6);
    }

    @Test
    void aWordCountsForAVoterOnce() {
        assertThat(rounds.confirmFor("n4", OptionalLong.of(5))).isNotDone();
        assertThat(rounds.confirmFor("n1", OptionalLong.of(5))).isNotDone();
    }

    @Test
    void twoWordsAreNoMajorityOfFiveNorOfBothSetsOfAChange() {
        raft.membership = FakeRaft.stable(10, "n1", "n2", "n3", "n4", "n5");
        assertThat(rounds.confirmFor("n2", OptionalLong.of(5))).isNotDone();
        raft.membership = new Membership(11, FakeRaft.members("n1", "n2", "n3"), FakeRaft.members("n1", "n3", "n4"));
        assertThat(rounds.confirmFor("n2", OptionalLong.of(5))).isNotDone();
        assertThat(rounds.confirmFor("n3", OptionalLong.of(5))).isDone();
    }

    @Test
    void noWordMakesUpForALeaderThatIsNotReadyOrNoLeader() {
        raft.hasAppliedFirstEntry = false;
        assertNoLeader(rounds.confirmFor("n2", OptionalLong.of(5)), "has not applied the first entry of its term");
        raft.following("n2");
        assertNoLeader(rounds.confirmFor("n3", OptionalLong.of(5)), "does not lead");
    }

    @Test
    void aThousandReadersCostTwoRounds() {
        List<CompletableFuture<Confirmed>> all = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            all.add(rounds.confirm());
        }
        peers.to("n2").confirm();
        peers.to("n2").confirm();
        assertThat(all).allMatch(CompletableFuture::isDone);
        assertThat(peers.terms).hasSize(4);
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void whatOneWhoAsksDoesToItsFutureIsItsOwnMatter() {
        CompletableFuture<Confirmed> one = rounds.confirm();
        CompletableFuture<Confirmed> other = rounds.confirm();
        CompletableFuture<Confirmed> another = rounds.confirm();
        one.cancel(false);
        other.cancel(false);
        peers.to("n2").confirm();
        peers.to("n2").confirm();
        assertThat(another).isCompleted();
    }

    @Test
    void aLateAnswerOfAnOlderRoundDoesNotCount() {
        CompletableFuture<Confirmed> first = rounds.confirm();
        FakePeers.TermQuestion late = peers.to("n3");
        CompletableFuture<Confirmed> second = rounds.confirm();
        peers.to("n2").confirm();
        assertThat(first).isCompleted();
        late.confirm();
        assertThat(second).isNotDone();
        // Not even if it comes as the answer to the new question.
        peers.to("n3").answer().complete(late.confirmation().build());
        assertThat(second).isNotDone();
    }

    @Test
    void anAnswerOfAnotherHistoryOrNodeOrWithoutAVerdictDoesNotCount() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        FakePeers.TermQuestion question = peers.to("n2");
        question.answer()
                .complete(
                        question.confirmation().setHistoryId("fedcba9876543210").build());
        time.pass(OPTIONS.retryPause());
        // A node that joined under the address of n2.
        peers.to("n2")
                .answer()
                .complete(peers.to("n2").confirmation().setNodeId("n3").build());
        time.pass(OPTIONS.retryPause());
        peers.to("n2")
                .answer()
                .complete(peers.to("n2")
                        .confirmation()
                        .setVerdict(TermVerdict.TERM_VERDICT_REFUSED)
                        .build());
        time.pass(OPTIONS.retryPause());
        peers.to("n2")
                .answer()
                .complete(peers.to("n2").confirmation().clearVerdict().build());
        time.pass(OPTIONS.retryPause());
        peers.to("n2")
                .answer()
                .complete(peers.to("n2").confirmation().setVerdictValue(77).build());
        time.pass(OPTIONS.retryPause());
        peers.to("n2")
                .answer()
                .complete(peers.to("n2").confirmation().setTerm(4).build());
        assertThat(confirmed).isNotDone();
        time.pass(OPTIONS.retryPause());
        peers.to("n2").confirm();
        assertThat(confirmed).isCompleted();
    }

    @Test
    void aNodeCountsOnce() {
        raft.membership = FakeRaft.stable(10, "n1", "n2", "n3", "n4", "n5");
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        peers.to("n2").confirm();
        peers.to("n4")
                .answer()
                .complete(peers.to("n4").confirmation().setNodeId("n2").build());
        assertThat(confirmed).isNotDone();
    }

    @Test
    void aHigherTermFailsTheRoundAtOnce() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        peers.to("n2")
                .answer()
                .complete(peers.to("n2")
                        .confirmation()
                        .setTerm(6)
                        .setVerdict(TermVerdict.TERM_VERDICT_REFUSED)
                        .build());
        assertNoLeader(confirmed, "node n2 is in term 6");
        peers.to("n3").confirm();
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void whoLostTheLeadMeanwhileConfirmsNothing() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        raft.following("n2");
        peers.to("n2").confirm();
        assertNoLeader(confirmed, "lost the lead");
    }

    @Test
    void whoLeadsAnotherTermMeanwhileConfirmsNothing() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        raft.term = 7;
        peers.to("n2").confirm();
        assertNoLeader(confirmed, "lost the lead");
    }

    @Test
    void withoutAMajorityTheRoundTimesOutAndTheNextOneBegins() {
        CompletableFuture<Confirmed> first = rounds.confirm();
        CompletableFuture<Confirmed> second = rounds.confirm();
        time.pass(OPTIONS.roundMax());
        assertNoLeader(first, "within 800 ms");
        assertThat(second).isNotDone();
        peers.to("n3").confirm();
        assertThat(second).isCompleted();
    }

    @Test
    void whoCouldNotBeReachedIsAskedAgainInTheSameRound() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        peers.to("n2").answer().completeExceptionally(new IllegalStateException("connection reset"));
        peers.to("n3").answer().completeExceptionally(new IllegalStateException("connection reset"));
        assertThat(confirmed).isNotDone();
        time.pass(OPTIONS.retryPause());
        assertThat(peers.terms).hasSize(4);
        peers.to("n2").confirm();
        assertThat(confirmed).isCompleted();
        time.pass(OPTIONS.roundMax());
        assertThat(peers.terms).hasSize(4);
    }

    /** The answers came before the pause, another leader has committed since, and the node has not heard of it. */
    @Test
    void aPausedLeaderIsServedOnlyByRoundsThatBeganBefore() {
        CompletableFuture<Confirmed> before = rounds.confirm();
        Confirmed expected = new Confirmed(time.now(), 5, 100);
        time.pass(Duration.ofMillis(100));
        CompletableFuture<Confirmed> after = rounds.confirm();
        // What was asked before the pause is answered as of then, and says so.
        peers.to("n2").confirm();
        assertThat(before).isCompletedWithValue(expected);
        peers.to("n3")
                .answer()
                .complete(peers.to("n3").confirmation().setTerm(6).build());
        assertNoLeader(after, "node n3 is in term 6");
    }

    @Test
    void aPausedLeaderWhoseTimeIsOverWakesToAFailure() {
        CompletableFuture<Confirmed> before = rounds.confirm();
        time.pass(Duration.ofMinutes(5));
        assertNoLeader(before, "within 800 ms");
        peers.to("n2").confirm();
        assertThat(before).isCompletedExceptionally();
    }

    // Configurations.

    @Test
    void aRemovedLeaderDoesNotCountItself() {
        raft.membership = FakeRaft.stable(20, "n2", "n3", "n4");
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        peers.to("n2").confirm();
        assertThat(confirmed).isNotDone();
        peers.to("n4").confirm();
        assertThat(confirmed).isCompleted();
    }

    @Test
    void aRemovedNodeIsNotAsked() {
        raft.membership = FakeRaft.stable(20, "n1", "n2");
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        assertThat(peers.asked()).containsExactly("n2");
        peers.to("n2").confirm();
        assertThat(confirmed).isCompleted();
    }

    @Test
    void aChangeUnderWayNeedsBothMajorities() {
        raft.membership = new Membership(20, FakeRaft.members("n1", "n4", "n5"), FakeRaft.members("n1", "n2", "n3"));
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        assertThat(peers.asked()).containsExactly("n2", "n3", "n4", "n5");
        peers.to("n4").confirm();
        peers.to("n5").confirm();
        assertThat(confirmed).isNotDone();
        peers.to("n3").confirm();
        assertThat(confirmed).isCompleted();
    }

    @Test
    void aChangeUnderWayNeedsTheNewMajorityToo() {
        raft.membership = new Membership(20, FakeRaft.members("n1", "n4", "n5"), FakeRaft.members("n1", "n2", "n3"));
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        peers.to("n2").confirm();
        peers.to("n3").confirm();
        assertThat(confirmed).isNotDone();
        peers.to("n5").confirm();
        assertThat(confirmed).isCompleted();
    }

    @Test
    void aRoundIsCountedAgainInTheConfigurationThatCameMeanwhile() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        raft.membership = new Membership(20, FakeRaft.members("n1", "n2", "n4"), FakeRaft.members("n1", "n2", "n3"));
        peers.to("n3").confirm();
        assertThat(confirmed).isNotDone();
        // Asked anew, all of them.
        assertThat(peers.asked()).containsExactly("n2", "n2", "n3", "n3", "n4");
        peers.to("n4").confirm();
        assertThat(confirmed).isNotDone();
        raft.membership = FakeRaft.stable(21, "n1", "n2", "n4");
        raft.commitIndex = 130;
        peers.to("n3").confirm();
        assertThat(confirmed).isNotDone();
        peers.to("n3").confirm();
        assertThat(confirmed).isNotDone();
        peers.to("n2").confirm();
        assertThat(confirmed.join().raftIndex()).isEqualTo(130);
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void theSameNodesInALaterConfigurationAreAnotherConfiguration() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        raft.membership = FakeRaft.stable(30, "n1", "n2", "n3");
        peers.to("n2").confirm();
        assertThat(confirmed).isNotDone();
        peers.to("n2").confirm();
        assertThat(confirmed).isCompleted();
    }

    @Test
    void thePartsOfAJointChangeAreCountedOneByOne() {
        Set<String> confirmations = Set.of("n2", "n4");
        Membership[] phases = {
            FakeRaft.stable(1, "n1", "n2", "n3"),
            new Membership(2, FakeRaft.members("n2", "n3", "n4"), FakeRaft.members("n1", "n2", "n3")),
            FakeRaft.stable(3, "n2", "n3", "n4")
        };
        for (Membership phase : phases) {
            raft.membership = phase;
            CompletableFuture<Confirmed> confirmed = rounds.confirm();
            confirmations.forEach(id -> {
                if (Ballot.others(phase, "n1").contains(FakeRaft.member(id))) {
                    peers.to(id).confirm();
                }
            });
            assertThat(confirmed).as(phase.toString()).isCompleted();
        }
    }

    @Test
    void aNodeThatBeginsToFollowDuringAnswersIsNoLeader() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        raft.role = Role.FOLLOWER;
        peers.to("n2").answer().completeExceptionally(new IllegalStateException("connection reset"));
        assertNoLeader(confirmed, "lost the lead");
    }
}
