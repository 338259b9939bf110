// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.time.Moment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NodeFreshnessTest {

    private static final ConfirmOptions OPTIONS = ConfirmOptions.defaults();

    private final ManualTime time = new ManualTime();
    private final FakeRaft raft = new FakeRaft();
    private final FakePeers peers = new FakePeers();
    private final Identity identity = LeaderRoundsTest.identity("n1");
    private final LeaderRounds here = new LeaderRounds(
            identity, raft, peers, time, time, OPTIONS, new ClockComparison(OPTIONS.clockOffMax(), off -> {}));
    private final RemoteRounds elsewhere =
            new RemoteRounds(identity, raft, peers, here, new TermAnswers(identity, raft, time), time, time, OPTIONS);
    private final AppliedRaft applied = new AppliedRaft(Runnable::run);
    private volatile long index = 40;
    private final NodeFreshness freshness =
            new NodeFreshness(identity, raft, here, elsewhere, applied, () -> index, Runnable::run);

    private void apply(long raftIndex, long ourIndex) {
        index = ourIndex;
        applied.advanced(raftIndex);
    }

    private FakePeers.IndexQuestion last() {
        return peers.indexes.get(peers.indexes.size() - 1);
    }

    @Test
    void aLeaderProvesItsOwnIndex() {
        apply(100, 42);
        Moment asked = time.now();
        CompletableFuture<Proof> proof = freshness.prove();
        time.pass(Duration.ofMillis(2));
        peers.to("n2").confirm();
        assertThat(proof).isCompletedWithValue(new Proof(asked, 42));
        assertThat(freshness.proofs().newestFor(42)).isEqualTo(new Proof(asked, 42));
        assertThat(freshness.proofs().newestFor(41)).isNull();
    }

    @Test
    void whoJoinsALaterRoundGetsThatRoundsMoment() {
        apply(100, 42);
        CompletableFuture<Proof> first = freshness.prove();
        time.pass(Duration.ofMillis(2));
        CompletableFuture<Proof> second = freshness.prove();
        time.pass(Duration.ofMillis(2));
        Moment begins = time.now();
        peers.to("n2").confirm();
        assertThat(first).isCompleted();
        assertThat(second).isNotDone();
        peers.to("n2").confirm();
        assertThat(second.join().begun()).isEqualTo(begins);
    }

    @Test
    void aFollowerWhoseApplyStallsWaits() {
        raft.following("n2");
        apply(89, 39);
        CompletableFuture<Proof> proof = freshness.prove();
        assertThat(freshness.behind()).isEqualTo(Behind.BEHIND_STARTING);
        last().confirm(90);
        assertThat(proof).isNotDone();
        assertThat(freshness.behind()).isEqualTo(Behind.BEHIND_APPLY);
        assertThat(freshness.proofs().newestFor(Long.MAX_VALUE)).isNull();
        time.pass(Duration.ofMinutes(1));
        assertThat(proof).isNotDone();
        apply(90, 40);
        assertThat(proof).isCompletedWithValue(new Proof(new Moment(1, 1), 40));
        assertThat(freshness.behind()).isEqualTo(Behind.BEHIND_NETWORK);
    }

    @Test
    void aStalledApplyKeepsNoMoreThanTwoWaiting() {
        raft.following("n2");
        apply(89, 39);
        List<CompletableFuture<Proof>> all = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            time.pass(Duration.ofMillis(1));
            all.add(freshness.prove());
            last().confirm(90 + i);
        }
        apply(188, 138);
        assertThat(all.get(0)).isCompleted();
        assertThat(all.get(99)).isNotDone();
        apply(189, 139);
        assertThat(all).allMatch(CompletableFuture::isDone);
        // Those that were merged are served by the newest, which covers what each of them asked for.
        assertThat(all.get(1).join()).isEqualTo(all.get(99).join());
        assertThat(all.get(99).join().index()).isEqualTo(139);
        assertThat(all.get(99).join().begun().monotonicNanos()).isEqualTo(100 * 1_000_000 + 1);
    }

    /** Reads time out, and others come, for as long as a full disk lets nothing be applied. */
    @Test
    void aStalledApplyKeepsNothingForThoseWhoHaveLeft() {
        raft.following("n2");
        apply(89, 39);
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Proof> left = freshness.prove();
            last().confirm(90);
            left.cancel(false);
        }
        CompletableFuture<Proof> stays = freshness.prove();
        last().confirm(90);
        assertThat(freshness.waiting()).isEqualTo(1);
        apply(90, 40);
        assertThat(stays).isCompleted();
        assertThat(freshness.waiting()).isZero();
    }

    @Test
    void aMergedProofNeverAsksForLessThanAnyMember() {
        raft.following("n2");
        CompletableFuture<Proof> first = freshness.prove();
        last().confirm(90);
        CompletableFuture<Proof> higher = freshness.prove();
        last().confirm(120);
        // A new leader may know of fewer commits that it has not heard of yet than the old one did.
        CompletableFuture<Proof> lower = freshness.prove();
        last().confirm(110);
        apply(110, 60);
        assertThat(first).isCompleted();
        assertThat(higher).isNotDone();
        apply(120, 70);
        assertThat(higher).isCompleted();
        assertThat(lower).isCompleted();
    }

    @Test
    void manyWhoWaitCostOneRound() {
        raft.following("n2");
        apply(100, 42);
        List<CompletableFuture<Proof>> all = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            all.add(freshness.prove());
        }
        last().confirm(100);
        last().confirm(100);
        assertThat(all).allMatch(CompletableFuture::isDone);
        assertThat(peers.indexes).hasSize(2);
    }

    @Test
    void withoutALeaderTheNetworkIsWhatIsBehind() {
        raft.following("n2").leader = null;
        CompletableFuture<Proof> proof = freshness.prove();
        assertThat(LeaderRoundsTest.failureOf(proof).reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        assertThat(freshness.behind()).isEqualTo(Behind.BEHIND_NETWORK);
    }

    /** It is withdrawn a moment before this is told. */
    @Test
    void withoutAStoreNothingIsProven() {
        raft.following("n2");
        apply(90, 40);
        CompletableFuture<Proof> before = freshness.prove();
        last().confirm(90);
        CompletableFuture<Proof> waitingForApply = freshness.prove();
        last().confirm(95);
        CompletableFuture<Proof> behindIt = freshness.prove();
        last().confirm(96);

        apply(96, -1);
        assertThat(before).isCompleted();
        for (CompletableFuture<Proof> late : List.of(waitingForApply, behindIt)) {
            assertThat(LeaderRoundsTest.failureOf(late).reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        }
        assertThat(freshness.proofs().newestFor(Long.MAX_VALUE)).isEqualTo(before.join());
        assertThat(freshness.waiting()).isZero();

        apply(97, 47);
        CompletableFuture<Proof> anew = freshness.prove();
        last().confirm(97);
        assertThat(anew.join().index()).isEqualTo(47);
    }

    @Test
    void anotherStoreProvesNothingOfBefore() {
        raft.following("n2");
        apply(90, 40);
        CompletableFuture<Proof> proven = freshness.prove();
        last().confirm(90);
        assertThat(proven).isCompleted();
        CompletableFuture<Proof> waitingForApply = freshness.prove();
        last().confirm(95);
        CompletableFuture<Proof> underWay = freshness.prove();
        CompletableFuture<Proof> notBegun = freshness.prove();

        freshness.storeReplaced();
        assertThat(freshness.proofs().newestFor(Long.MAX_VALUE)).isNull();
        assertThat(freshness.behind()).isEqualTo(Behind.BEHIND_STARTING);
        apply(99, 45);
        last().confirm(99);
        last().confirm(99);
        for (CompletableFuture<Proof> old : List.of(waitingForApply, underWay, notBegun)) {
            assertThat(LeaderRoundsTest.failureOf(old).reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
        }
        assertThat(freshness.proofs().newestFor(Long.MAX_VALUE)).isNull();
        CompletableFuture<Proof> anew = freshness.prove();
        last().confirm(99);
        assertThat(anew.join().index()).isEqualTo(45);
    }
}
