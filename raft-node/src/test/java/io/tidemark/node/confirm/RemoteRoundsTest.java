// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ErrorStatus;
import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RemoteRoundsTest {

    private static final ConfirmOptions OPTIONS = ConfirmOptions.defaults();

    private final ManualTime time = new ManualTime();
    private final FakeRaft raft = new FakeRaft().following("n1");
    private final FakePeers peers = new FakePeers();
    private final Identity identity = LeaderRoundsTest.identity("n2");
    private final LeaderRounds here = new LeaderRounds(
            identity, raft, peers, time, time, OPTIONS, new ClockComparison(OPTIONS.clockOffMax(), off -> {}));
    private final RemoteRounds rounds =
            new RemoteRounds(identity, raft, peers, here, new TermAnswers(identity, raft, time), time, time, OPTIONS);

    private FakePeers.IndexQuestion last() {
        return peers.indexes.get(peers.indexes.size() - 1);
    }

    private static void assertNoLeader(CompletableFuture<?> future, String reason) {
        ErrorStatus error = LeaderRoundsTest.failureOf(future);
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        assertThat(error.message()).contains(reason);
    }

    @Test
    void theLeadersIndexIsDatedByTheQuestion() {
        Moment asked = time.now();
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        assertThat(last().to().id()).isEqualTo("n1");
        assertThat(last().request().getNodeId()).isEqualTo("n2");
        time.pass(Duration.ofMillis(5));
        last().confirm(90);
        assertThat(confirmed).isCompletedWithValue(new Confirmed(asked, 5, 90));
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void theQuestionSaysWhatTheAskerWouldAnswerItself() {
        CompletableFuture<Confirmed> unused = rounds.confirm();
        assertThat(last().request().getConfirmedTerm()).isEqualTo(5);
        raft.term = 6;
        last().answer().completeExceptionally(new IllegalStateException("connection reset"));
        time.pass(OPTIONS.retryPause());
        assertThat(last().request().getConfirmedTerm()).isEqualTo(6);
        raft.membership = FakeRaft.stable(11, "n1", "n3");
        last().answer().completeExceptionally(new IllegalStateException("connection reset"));
        time.pass(OPTIONS.retryPause());
        assertThat(last().request().hasConfirmedTerm()).isFalse();
    }

    @Test
    void aThousandReadersAskTwice() {
        List<CompletableFuture<Confirmed>> all = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            all.add(rounds.confirm());
        }
        assertThat(peers.indexes).hasSize(1);
        last().confirm(90);
        assertThat(all.get(0).join().raftIndex()).isEqualTo(90);
        assertThat(all.get(1)).isNotDone();
        last().confirm(91);
        assertThat(all).allMatch(CompletableFuture::isDone);
        assertThat(all.get(999).join().raftIndex()).isEqualTo(91);
        assertThat(peers.indexes).hasSize(2);
    }

    @Test
    void withoutALeaderItFailsAtOnce() {
        raft.leader = null;
        assertNoLeader(rounds.confirm(), "no leader is known");
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void anAnswerToAnotherAttemptOrFromAnotherOrWithoutAnIndexProvesNothing() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        last().answer().complete(last().confirmation(90).setAttemptId(77).build());
        time.pass(OPTIONS.retryPause());
        last().answer().complete(last().confirmation(90).setLeaderId("n3").build());
        time.pass(OPTIONS.retryPause());
        last().answer().complete(last().confirmation(90).clearRaftIndex().build());
        time.pass(OPTIONS.retryPause());
        last().answer().complete(last().confirmation(-1).build());
        assertThat(confirmed).isNotDone();
        time.pass(OPTIONS.retryPause());
        Moment asked = time.now();
        last().confirm(90);
        assertThat(confirmed).isCompletedWithValue(new Confirmed(asked, 5, 90));
    }

    @Test
    void aLateAnswerToAnEarlierAttemptIsPassedOver() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        FakePeers.IndexQuestion first = last();
        time.pass(OPTIONS.attemptMax());
        assertThat(peers.indexes).hasSize(2);
        assertThat(last().request().getAttemptId()).isNotEqualTo(first.request().getAttemptId());
        first.confirm(80);
        assertThat(confirmed).isNotDone();
        last().confirm(90);
        assertThat(confirmed.join().raftIndex()).isEqualTo(90);
        assertThat(confirmed.join().begun().monotonicNanos())
                .isEqualTo(1 + OPTIONS.attemptMax().toNanos());
    }

    @Test
    void itFollowsWhenTheLeadMoves() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        FakePeers.IndexQuestion old = last();
        raft.leader = null;
        rounds.leaderChanged();
        assertThat(peers.indexes).hasSize(1);
        raft.leader = "n3";
        rounds.leaderChanged();
        assertThat(last().to().id()).isEqualTo("n3");
        old.confirm(50);
        assertThat(confirmed).isNotDone();
        last().confirm(120);
        assertThat(confirmed.join().raftIndex()).isEqualTo(120);
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void whenTheLeadComesHereItConfirmsItself() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        last().answer().completeExceptionally(new IllegalStateException("connection reset"));
        raft.role = Role.LEADER;
        raft.hasAppliedFirstEntry = true;
        time.pass(OPTIONS.retryPause());
        peers.to("n3").confirm();
        assertThat(confirmed.join().raftIndex()).isEqualTo(100);
    }

    @Test
    void aLeaderThatCannotConfirmIsAskedAgainUntilTheTimeIsOver() {
        CompletableFuture<Confirmed> confirmed = rounds.confirm();
        while (!confirmed.isDone()) {
            last().answer().completeExceptionally(NoLeader.because(LeaderRoundsTest.identity("n1"), "testing"));
            time.pass(OPTIONS.retryPause());
        }
        assertNoLeader(confirmed, "leader n1 did not confirm within 2000 ms");
        assertNoLeader(confirmed, "testing");
        assertThat(time.now().monotonicNanos())
                .isLessThanOrEqualTo(1 + OPTIONS.remoteMax().toNanos());
        assertThat(peers.indexes.size()).isLessThanOrEqualTo(101);
    }
}
