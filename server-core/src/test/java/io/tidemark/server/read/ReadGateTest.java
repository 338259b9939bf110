// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.Unmet;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.freshness.Proofs;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.time.Moment;
import io.tidemark.store.LogTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadGateTest {

    private static final Duration WAIT = Duration.ofSeconds(1);

    /** Proves when the test says so. */
    private static final class ManualFreshness implements Freshness {
        final Proofs proofs = new Proofs();
        final List<CompletableFuture<Proof>> asked = new ArrayList<>();
        Runnable beforeProofs = () -> {};

        @Override
        public Proofs proofs() {
            beforeProofs.run();
            return proofs;
        }

        @Override
        public CompletableFuture<Proof> prove() {
            CompletableFuture<Proof> proof = new CompletableFuture<>();
            asked.add(proof);
            return proof;
        }

        @Override
        public Behind behind() {
            return Behind.BEHIND_NETWORK;
        }

        void prove(Proof proof) {
            proofs.add(proof);
            List<CompletableFuture<Proof>> answered = List.copyOf(asked);
            asked.clear();
            answered.forEach(waiting -> waiting.complete(proof));
        }
    }

    private final ManualTime time = new ManualTime();
    private final ManualFreshness freshness = new ManualFreshness();
    private StoreRig rig;
    private ReadGate gate;

    @BeforeEach
    void open(@TempDir Path directory) {
        rig = new StoreRig(directory);
        IndexWaiters waiters = new IndexWaiters(rig.store()::appliedIndex, Runnable::run);
        rig.store().addListener(waiters::advanced);
        ReadErrors errors = new ReadErrors(rig.store(), freshness, time, "s1", () -> 0);
        gate = new ReadGate(
                rig.store(),
                freshness,
                waiters,
                time,
                time,
                errors,
                new LocalTimes(rig.store(), waiters),
                new ReadCounts());
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private CompletableFuture<Admission> ask(ReadAsk.Base base, long floor, boolean serveUnmet) {
        return gate.admit(new ReadAsk(base, floor, WAIT, serveUnmet));
    }

    private CompletableFuture<Admission> ask(ReadAsk.Base base) {
        return ask(base, 0, false);
    }

    private static ReadAsk.Recent eventual() {
        return new ReadAsk.Recent(null, null);
    }

    private static ReadAsk.Recent within(long millis, long lag) {
        return new ReadAsk.Recent(Duration.ofMillis(millis), lag);
    }

    private static ErrorStatus error(CompletableFuture<Admission> read) {
        try {
            read.join().close();
            throw new AssertionError("the read was admitted");
        } catch (CompletionException e) {
            return ErrorStatus.from(requireNonNull(e.getCause())).orElseThrow();
        }
    }

    private static long indexOf(CompletableFuture<Admission> read) {
        assertThat(read).isCompleted();
        try (Admission admission = read.join()) {
            return admission.view().index();
        }
    }

    private static @Nullable Duration stalenessOf(CompletableFuture<Admission> read) {
        try (Admission admission = read.join()) {
            return admission.staleness().orElse(null);
        }
    }

    private Proof proofNow(long index) {
        return new Proof(time.now(), index);
    }

    @Test
    void shouldServeEventualReadsAtOnceAndSayThatNothingIsKnown() {
        rig.put("a", "1");
        assertThat(indexOf(ask(eventual()))).isEqualTo(1);
        assertThat(stalenessOf(ask(eventual()))).isNull();
    }

    @Test
    void shouldTellTheTimeSinceTheProofWasBegun() {
        rig.put("a", "1");
        freshness.prove(proofNow(1));
        time.pass(Duration.ofMillis(300));
        assertThat(stalenessOf(ask(eventual()))).isBetween(Duration.ofMillis(300), Duration.ofMillis(301));
    }

    /** Reading took so long, or the process stood still meanwhile, that what was met when it was let in is so no more. */
    @Test
    void shouldFindThatTheBoundHasPassedWhenAllIsRead() {
        rig.put("a", "1");
        freshness.prove(proofNow(1));
        try (Admission admission = ask(within(500, 0)).join();
                Admission serve = ask(within(500, 0), 0, true).join()) {
            time.pass(Duration.ofMillis(400));
            assertThat(admission.tooLate()).isEmpty();
            assertThat(admission.unmet()).isEmpty();

            time.pass(Duration.ofMillis(200));
            ErrorStatus late =
                    ErrorStatus.from(admission.tooLate().orElseThrow()).orElseThrow();
            assertThat(late.reason()).isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
            Unmet unmet = late.detail(TooStale.class).orElseThrow().getUnmet();
            assertThat(ProtoTimes.duration(unmet.getAskedStaleness())).isEqualTo(Duration.ofMillis(500));
            assertThat(ProtoTimes.duration(unmet.getActualStaleness())).isGreaterThan(Duration.ofMillis(600));
            assertThat(serve.tooLate()).isEmpty();
            assertThat(serve.unmet()).contains(unmet);
        }
    }

    /** What lags may be proven by an index ahead of it, and it is that proof which grows old. */
    @Test
    void shouldFindThatTheBoundOfALagHasPassed() {
        rig.put("a", "1");
        freshness.prove(proofNow(3));
        try (Admission admission = ask(within(500, 2)).join()) {
            time.pass(Duration.ofMillis(400));
            assertThat(admission.tooLate()).isEmpty();

            time.pass(Duration.ofMillis(200));
            assertThat(admission.tooLate()).isPresent();
        }
    }

    /** A commit comes while the proof is chosen: what is proven of it does not hold for a view that was there before. */
    @Test
    void shouldChooseTheProofBeforeTheView() {
        rig.put("a", "1");
        freshness.beforeProofs = () -> {
            rig.put("a", "2");
            freshness.proofs.add(proofNow(rig.store().appliedIndex()));
        };
        try (Admission admission = ask(eventual()).join()) {
            assertThat(admission.provenIndex().orElse(0))
                    .isLessThanOrEqualTo(admission.view().index());
        }
    }

    @Test
    void shouldProveNothingThatTheViewLacksWhileOthersCommit() {
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 5_000; i++) {
                rig.put("a", "1");
                freshness.proofs.add(new Proof(new Moment(i, i), rig.store().appliedIndex()));
            }
        });
        while (!writing.isDone()) {
            try (Admission admission = ask(eventual()).join()) {
                assertThat(admission.provenIndex().orElse(0))
                        .isLessThanOrEqualTo(admission.view().index());
            }
        }
        writing.join();
    }

    /** The proof is of an index that is not here: of what is here it says nothing. */
    @Test
    void shouldNotUseAProofThatTheStateDoesNotCover() {
        rig.put("a", "1");
        freshness.prove(proofNow(2));
        assertThat(stalenessOf(ask(eventual()))).isNull();
        assertThat(ask(within(10_000, 0))).isNotCompleted();
    }

    @Test
    void shouldWaitForTheFloor() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(eventual(), 3, false);
        rig.put("a", "2");
        assertThat(read).isNotCompleted();
        rig.put("a", "3");
        assertThat(indexOf(read)).isEqualTo(3);
        assertThat(time.pendingCalls()).isZero();
    }

    @Test
    void shouldSayWhichFloorWasNotReached() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(eventual(), 3, false);
        time.pass(WAIT);
        ErrorStatus error = error(read);
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
        TooStale detail = error.detail(TooStale.class).orElseThrow();
        assertThat(detail.getUnmet().getAskedIndex()).isEqualTo(3);
        assertThat(detail.getUnmet().getActualIndex()).isEqualTo(1);
        assertThat(detail.getUnmet().getBehind()).isEqualTo(Behind.BEHIND_APPLY);
    }

    @Test
    void shouldServeALinearizableReadOnlyByAProofThatBeganAfterItCame() {
        rig.put("a", "1");
        freshness.prove(proofNow(1));
        CompletableFuture<Admission> read = ask(new ReadAsk.Linearizable());
        assertThat(read).isNotCompleted();
        freshness.prove(proofNow(2));
        assertThat(read).as("the confirmed index is not applied yet").isNotCompleted();
        rig.put("a", "2");
        assertThat(indexOf(read)).isEqualTo(2);
    }

    @Test
    void shouldServeABoundedReadByAProofWithinItsBound() {
        rig.put("a", "1");
        freshness.prove(proofNow(1));
        time.pass(Duration.ofMillis(90));
        assertThat(indexOf(ask(within(100, 0)))).isEqualTo(1);
        time.pass(Duration.ofMillis(20));
        CompletableFuture<Admission> read = ask(within(100, 0));
        assertThat(read).isNotCompleted();
        freshness.prove(proofNow(1));
        assertThat(indexOf(read)).isEqualTo(1);
    }

    /** So that nothing is kept for it for as long as no proof comes. */
    @Test
    void shouldLeaveTheProofWhenItTimesOut() {
        rig.put("a", "1");
        CompletableFuture<Admission> linearizable = ask(new ReadAsk.Linearizable());
        CompletableFuture<Admission> bounded = ask(within(100, 0));
        List<CompletableFuture<Proof>> proofs = List.copyOf(freshness.asked);
        time.pass(WAIT);
        assertThat(linearizable).isCompletedExceptionally();
        assertThat(bounded).isCompletedExceptionally();
        assertThat(proofs).hasSize(2).allMatch(CompletableFuture::isCancelled);
        assertThat(time.pendingCalls()).isZero();
    }

    /** No lag is too much, also where the sum with an index would be. */
    @Test
    void shouldServeABoundedReadThatAllowsAnyLag() {
        rig.put("a", "1");
        freshness.prove(proofNow(50));
        assertThat(indexOf(ask(within(100, Long.MAX_VALUE)))).isEqualTo(1);
    }

    /** Rounds one after the other would keep others from theirs, and help nobody. */
    @Test
    void shouldPauseBetweenProofsThatDoNotMeetTheBound() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(within(1, 0));
        Proof tooOld = proofNow(1);
        time.pass(Duration.ofMillis(5));
        freshness.prove(tooOld);
        assertThat(freshness.asked).as("begun at once").isEmpty();
        time.pass(Duration.ofMillis(20));
        assertThat(freshness.asked).as("begun after a pause").hasSize(1);
        freshness.prove(proofNow(1));
        assertThat(indexOf(read)).isEqualTo(1);
    }

    @Test
    void shouldProveAgainWhenAProofComesTooLate() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(within(100, 0));
        Proof slow = proofNow(1);
        time.pass(Duration.ofMillis(150));
        freshness.prove(slow);
        assertThat(read).isNotCompleted();
        time.pass(Duration.ofMillis(20));
        freshness.prove(proofNow(1));
        assertThat(indexOf(read)).isEqualTo(1);
    }

    @Test
    void shouldAllowALagBehindAConfirmedIndex() {
        rig.put("a", "1");
        freshness.prove(proofNow(4));
        assertThat(ask(within(100, 2))).isNotCompleted();
        assertThat(indexOf(ask(within(100, 3)))).isEqualTo(1);
        assertThat(stalenessOf(ask(within(100, 3))))
                .as("of the state itself nothing is proven")
                .isNull();
    }

    @Test
    void shouldTryAgainWhenAProofFails() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(within(100, 0));
        freshness.asked.remove(0).completeExceptionally(new IllegalStateException("no leader"));
        time.pass(Duration.ofMillis(50));
        freshness.prove(proofNow(1));
        assertThat(indexOf(read)).isEqualTo(1);
    }

    @Test
    void shouldRefuseWhatItCannotProve() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(within(100, 0));
        time.pass(WAIT);
        TooStale detail = error(read).detail(TooStale.class).orElseThrow();
        assertThat(detail.getServedBy()).isEqualTo("s1");
        assertThat(detail.getUnmet().getBehind()).isEqualTo(Behind.BEHIND_NETWORK);
        assertThat(detail.getUnmet().hasActualStaleness()).isFalse();
        assertThat(detail.getUnmet().getAskedStaleness())
                .isEqualTo(com.google.protobuf.Duration.newBuilder()
                        .setNanos(100_000_000)
                        .build());
    }

    @Test
    void shouldServeWhatIsHereAndSaySoWhereThatWasAsked() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(new ReadAsk.Linearizable(), 5, true);
        time.pass(WAIT);
        try (Admission admission = read.join()) {
            assertThat(admission.view().index()).isEqualTo(1);
            assertThat(admission.unmet()).isPresent();
        }
    }

    @Test
    void shouldReadOlderStatesAndStateTheProofThatHoldsForThem() {
        rig.put("a", "1");
        freshness.prove(proofNow(1));
        time.pass(Duration.ofSeconds(1));
        rig.put("a", "2");
        freshness.prove(proofNow(2));
        assertThat(indexOf(ask(new ReadAsk.AsOfIndex(1)))).isEqualTo(1);
        assertThat(stalenessOf(ask(new ReadAsk.AsOfIndex(1)))).isGreaterThan(Duration.ofSeconds(1));
        assertThat(stalenessOf(ask(new ReadAsk.AsOfIndex(0)))).isNull();
    }

    @Test
    void shouldWaitForAStateThatLiesAhead() {
        CompletableFuture<Admission> read = ask(new ReadAsk.AsOfIndex(2));
        rig.put("a", "1");
        rig.put("a", "2");
        rig.put("a", "3");
        assertThat(indexOf(read)).isEqualTo(2);
        CompletableFuture<Admission> tooFar = ask(new ReadAsk.AsOfIndex(9));
        time.pass(WAIT);
        assertThat(error(tooFar).reason()).isEqualTo(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED);
    }

    private static ReadAsk withoutWait(ReadAsk.Base base, long floor) {
        return new ReadAsk(base, floor, Duration.ZERO, WAIT, false);
    }

    @Test
    void shouldLetALinearizableReadThatMustNotWaitTakeItsRoundTrip() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = gate.admit(withoutWait(new ReadAsk.Linearizable(), 0));
        assertThat(read).isNotCompleted();
        freshness.prove(proofNow(1));
        assertThat(indexOf(read)).isEqualTo(1);
        CompletableFuture<Admission> behind = gate.admit(withoutWait(new ReadAsk.Linearizable(), 0));
        freshness.prove(proofNow(2));
        assertThat(error(behind).reason())
                .as("it must not wait until that is applied")
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
    }

    @Test
    void shouldNotWaitWhereThatWasAsked() {
        rig.put("a", "1");
        assertThat(error(gate.admit(withoutWait(eventual(), 2))).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
        assertThat(error(gate.admit(withoutWait(within(100, 0), 0))).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_STALE);
        assertThat(error(gate.admit(withoutWait(new ReadAsk.AsOfIndex(2), 0))).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED);
    }

    @Test
    void shouldStateTheStalenessOfALinearizableReadByItsOwnProof() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(new ReadAsk.Linearizable());
        Proof proof = proofNow(1);
        time.pass(Duration.ofMillis(5));
        freshness.asked.remove(0).complete(proof);
        assertThat(stalenessOf(read)).isBetween(Duration.ofMillis(5), Duration.ofMillis(6));
    }

    @Test
    void shouldTakeAStalenessOfZeroAsAProofThatBeginsAfterTheReadCame() {
        rig.put("a", "1");
        freshness.prove(proofNow(1));
        CompletableFuture<Admission> read = ask(within(0, 0));
        assertThat(read).isNotCompleted();
        freshness.prove(proofNow(1));
        assertThat(indexOf(read)).isEqualTo(1);
    }

    @Test
    void shouldWaitForALeaderAndSayThatThereIsNone() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(new ReadAsk.Linearizable());
        IllegalStateException noLeader = new IllegalStateException("no leader");
        freshness.asked.remove(0).completeExceptionally(noLeader);
        assertThat(read).isNotCompleted();
        time.pass(Duration.ofMillis(50));
        freshness.prove(proofNow(1));
        assertThat(indexOf(read)).isEqualTo(1);
        CompletableFuture<Admission> never = ask(new ReadAsk.Linearizable());
        freshness.asked.remove(0).completeExceptionally(noLeader);
        time.pass(WAIT);
        assertThat(never)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isEqualTo(noLeader);
        CompletableFuture<Admission> silent = ask(new ReadAsk.Linearizable());
        time.pass(WAIT);
        assertThat(error(silent).reason()).isEqualTo(ErrorReason.ERROR_REASON_NO_LEADER);
    }

    @Test
    void shouldSayHowFarBehindItIs() {
        rig.put("a", "1");
        CompletableFuture<Admission> read = ask(within(5_000, 2));
        freshness.prove(proofNow(9));
        time.pass(WAIT);
        Unmet unmet = error(read).detail(TooStale.class).orElseThrow().getUnmet();
        assertThat(unmet.getAskedLag()).isEqualTo(2);
        assertThat(unmet.getActualLag()).isEqualTo(8);
        assertThat(unmet.getBehind()).isEqualTo(Behind.BEHIND_APPLY);
    }

    /** Two of four commits came in a second. */
    @Test
    void shouldTellWhenTheFloorMayBeReached() {
        CompletableFuture<Admission> read = ask(eventual(), 4, false);
        rig.put("a", "1");
        rig.put("a", "2");
        time.pass(WAIT);
        com.google.protobuf.Duration expected =
                error(read).detail(TooStale.class).orElseThrow().getExpectedWait();
        assertThat(expected.getSeconds()).isEqualTo(1);
        assertThat(error(gate.admit(withoutWait(eventual(), 4)))
                        .detail(TooStale.class)
                        .orElseThrow()
                        .hasExpectedWait())
                .isFalse();
    }

    @Test
    void shouldWaitUntilATimeIsClosed() {
        rig.put("a", "1");
        LogTime first = new LogTime(rig.seconds(), 0);
        CompletableFuture<Admission> read = ask(new ReadAsk.AsOfTime(first));
        assertThat(read).isNotCompleted();
        rig.put("a", "2");
        assertThat(indexOf(read)).isEqualTo(1);
        assertThat(time.pendingCalls()).isZero();
        CompletableFuture<Admission> open = ask(new ReadAsk.AsOfTime(new LogTime(rig.seconds(), 0)));
        time.pass(WAIT);
        assertThat(error(open).reason()).isEqualTo(ErrorReason.ERROR_REASON_TIME_NOT_CLOSED);
        assertThat(error(ask(new ReadAsk.AsOfTime(first), 2, false)).reason())
                .as("the session has seen more than that time held")
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldRefuseWhatIsNoLongerKept() {
        rig.put("a", "1");
        rig.put("a", "2");
        rig.passSeconds(1_000);
        rig.put("a", "3");
        HorizonPassed detail =
                error(ask(new ReadAsk.AsOfIndex(1))).detail(HorizonPassed.class).orElseThrow();
        assertThat(detail.getAskedIndex()).isEqualTo(1);
        assertThat(detail.getServerHorizon()).isEqualTo(2);
        assertThat(error(ask(new ReadAsk.AsOfTime(new LogTime(1, 0)))).reason())
                .isEqualTo(ErrorReason.ERROR_REASON_HORIZON_PASSED);
    }

    /** A view that nobody closes keeps files for ever. */
    @Test
    void shouldCloseTheStateOfAReadThatWasCancelled() {
        CompletableFuture<Admission> read = ask(new ReadAsk.Linearizable());
        read.cancel(false);
        freshness.prove(proofNow(0));
        assertThat(time.pendingCalls()).isZero();
    }

    /** Before gRPC's own error, which says nothing. */
    @Test
    void shouldStopWaitingShortlyBeforeTheDeadline() {
        assertThat(ReadAsks.granted(Duration.ofSeconds(2), WAIT.multipliedBy(10)))
                .isEqualTo(Duration.ofMillis(1800));
        assertThat(ReadAsks.granted(Duration.ofMillis(100), WAIT)).isEqualTo(Duration.ofMillis(80));
        assertThat(ReadAsks.granted(Duration.ofMillis(10), WAIT)).isEqualTo(Duration.ofMillis(5));
        assertThat(ReadAsks.granted(null, WAIT)).isEqualTo(WAIT);
    }
}
