// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.node.consensus.ProposalOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.time.Moment;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DropStepCommand;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WritePathTest {

    private static final WriteLimits LIMITS = new WriteLimits(10, 4000, 5, 1500, 10_000, 8 << 20, 1);

    private final ManualTime time = new ManualTime();
    private final ScriptedLog log = new ScriptedLog();
    private WritePath path = path(LIMITS);
    private int ids;

    private WritePath path(WriteLimits limits) {
        return new WritePath(log, limits, time, Moment::wallNanos, () -> 1, Runnable::run);
    }

    @Test
    void anIdlePathProposesAtOnce() {
        submit(10);
        assertThat(log.proposed).containsExactly("r1");
        log.applyNext();
        submit(10);
        assertThat(log.proposed).containsExactly("r1", "r2");
    }

    @Test
    void entriesHaveTheTimeThatIsCredible() {
        path = new WritePath(log, LIMITS, time, now -> now.wallNanos() - 2_000_000_000, () -> 1, Runnable::run);
        time.pass(Duration.ofSeconds(3));

        submit(10);

        assertThat(log.all.get(0).entry().getLeaderTime().getSeconds()).isEqualTo(1);
    }

    @Test
    void entriesWithLittleInThemAreAnsweredWhereTheyWereApplied() {
        Deque<Runnable> elsewhere = new ArrayDeque<>();
        path = new WritePath(log, LIMITS, time, Moment::wallNanos, () -> 1, elsewhere::add);
        Submission little = new Submission(command("little", 10), Weight.ofWritten(4 << 10), Long.MAX_VALUE);
        Submission much = new Submission(command("much", 10), Weight.ofWritten((4 << 10) + 1), Long.MAX_VALUE);
        path.submit(little);
        log.applyNext();
        assertThat(little.outcome()).isDone();
        path.submit(much);
        log.applyNext();
        assertThat(much.outcome()).isNotDone();
        elsewhere.remove().run();
        assertThat(much.outcome()).isDone();
        assertThat(elsewhere).isEmpty();
    }

    @Test
    void commandsOfTheNodeItselfAreTakenForAsLongAsAnythingIsApplied() {
        Submission own = submission(10, 0);
        path.setStoreFull(new SubmitOutcome.StoreFull("nearly", 1, false));
        Submission refused = submission(10, 0);
        path.submit(refused);
        path.submitOwn(own);
        log.applyNext();
        assertThat(refused.outcome()).isCompletedWithValueMatching(SubmitOutcome.StoreFull.class::isInstance);
        assertThat(own.outcome()).isCompletedWithValueMatching(SubmitOutcome.Settled.class::isInstance);

        path.setStoreFull(new SubmitOutcome.StoreFull("full", 0, true));
        Submission waits = submission(10, 0);
        path.submitOwn(waits);
        assertThat(waits.outcome()).isCompletedWithValueMatching(SubmitOutcome.StoreFull.class::isInstance);
    }

    @Test
    void whatCameMeanwhileIsOneEntryStampedWhenItIsFormed() {
        submit(10);
        submit(10);
        submit(10);
        time.pass(Duration.ofSeconds(3));
        log.applyNext();
        ScriptedLog.Proposed second = log.all.get(1);
        assertThat(second.ids()).containsExactly("r2", "r3");
        assertThat(second.entry().getLeaderTime().getSeconds()).isEqualTo(3);
        assertThat(second.entry().getTransitionVersion()).isEqualTo(1);
        assertThat(second.encoded()).isEqualTo(second.entry().toByteString());
    }

    @Test
    void theNextEntryIsProposedBeforeCallersAreAnswered() {
        List<Integer> proposedWhenAnswered = new ArrayList<>();
        Submission first = submission(10, 0);
        CompletableFuture<Void> unused = first.outcome().thenRun(() -> proposedWhenAnswered.add(log.all.size()));
        path.submit(first);
        submit(10);
        log.applyNext();
        assertThat(proposedWhenAnswered).containsExactly(2);
    }

    @Test
    void anAnswerMaySubmit() {
        Submission first = submission(10, 0);
        CompletableFuture<Void> unused = first.outcome().thenRun(() -> submit(10));
        path.submit(first);
        log.applyNext();
        assertThat(log.proposed).hasSize(2);
        assertThat(log.underWay).hasSize(1);
    }

    @Test
    void beyondTheBoundsOfTheQueueWritesAreRefused() {
        List<Submission> all = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            all.add(submit(10));
        }
        assertThat(path.waitingCommands()).isEqualTo(10);
        assertThat(all.get(11).outcome()).isCompletedWithValue(new SubmitOutcome.Overloaded());

        path = path(LIMITS);
        log.underWay.clear();
        submit(10);
        submit(3000);
        assertThat(submit(3000).outcome()).isCompletedWithValue(new SubmitOutcome.Overloaded());
        assertThat(submit(500).outcome()).isNotDone();
    }

    @Test
    void anEntryIsBoundedInCountBytesAndWeight() {
        submit(10);
        for (int i = 0; i < 8; i++) {
            submit(10);
        }
        log.applyNext();
        assertThat(log.all.get(1).ids()).hasSize(5);
        log.applyNext();
        assertThat(log.all.get(2).ids()).hasSize(3);
        log.applyNext();

        submit(10);
        submit(700);
        submit(700);
        submit(700);
        log.applyNext();
        assertThat(log.all.get(4).ids()).hasSize(2);
        log.applyNext();
        log.applyNext();

        submit(10);
        for (int i = 0; i < 3; i++) {
            path.submit(new Submission(command(10), new Weight(6000, 0, 0, 0, 6000), Long.MAX_VALUE));
        }
        log.applyNext();
        assertThat(log.underWay.element().ids()).hasSize(1);
    }

    @Test
    void aCommandAboveTheBoundsOfAnEntryGoesAlone() {
        submit(10);
        submit(3000);
        submit(10);
        log.applyNext();
        assertThat(log.all.get(1).ids()).containsExactly("r2");
    }

    @Test
    void aPatchCountsWhatItsRowMayHaveGrownTo() {
        Weight patch = new Weight(100, 2, 50, 1000, 1_000_000);
        assertThat(patch.bound(1000, 5000)).isEqualTo(150);
        assertThat(patch.bound(1400, 5000)).isEqualTo(150 + 2 * 400);
        assertThat(patch.bound(90_000, 5000)).isEqualTo(150 + 2 * 5000);
        assertThat(new Weight(100, 2, 50, 1000, 3000).bound(90_000, 5000)).isEqualTo(3000);
    }

    @Test
    void aPatchBehindALargePutIsHeavy() {
        submit(10);
        long mark = path.settledBytes();
        path.submit(new Submission(command(10), Weight.ofWritten(5000), Long.MAX_VALUE));
        for (int i = 0; i < 3; i++) {
            path.submit(new Submission(command(10), new Weight(10, 1, 0, mark, 1_000_000), Long.MAX_VALUE));
        }
        log.applyNext();
        // 5,000 for the put, and as much for each patch of what may be that row.
        assertThat(log.underWay.element().ids()).hasSize(1);
        log.applyNext();
        assertThat(log.underWay.element().ids()).hasSize(1);
    }

    @Test
    void whatIsLateWhenItsEntryIsFormedIsDropped() {
        submit(10);
        Submission late = submission(10, time.now().monotonicNanos() + 100);
        path.submit(late);
        Submission inTime = submit(10);
        time.pass(Duration.ofNanos(100));
        log.applyNext();
        assertThat(late.outcome()).isCompletedWithValue(new SubmitOutcome.Dropped());
        assertThat(log.all.get(1).ids()).containsExactly("r3");
        log.applyNext();
        assertThat(inTime.outcome()).isCompleted();
    }

    @Test
    void onlyWhatWaitsCanBeWithdrawn() {
        Submission proposed = submit(10);
        Submission waiting = submit(10);
        path.withdraw(proposed);
        path.withdraw(waiting);
        path.withdraw(waiting);
        assertThat(proposed.outcome()).isNotDone();
        assertThat(waiting.outcome()).isCompletedWithValue(new SubmitOutcome.Dropped());
        log.applyNext();
        assertThat(log.proposed).containsExactly("r1");
        assertThat(path.waitingBytes()).isZero();
    }

    @Test
    void aLostLeaderAnswersWhatWaits() {
        Submission proposed = submit(10);
        Submission waiting = submit(10);
        path.leadershipLost();
        assertThat(waiting.outcome()).isCompletedWithValue(new SubmitOutcome.NotLeading());
        assertThat(proposed.outcome()).isNotDone();
        log.endNext(new ProposalOutcome.Unknown("lost"), false);
        assertThat(proposed.outcome()).isCompletedWithValue(new SubmitOutcome.Unknown("lost"));
    }

    @Test
    void aProposalThatNobodyTookTakesTheQueueWithIt() {
        Submission first = submit(10);
        Submission second = submit(10);
        log.endNext(new ProposalOutcome.NotLeader(null), false);
        assertThat(first.outcome()).isCompletedWithValue(new SubmitOutcome.NotLeading());
        assertThat(second.outcome()).isCompletedWithValue(new SubmitOutcome.NotLeading());
        log.refusing = true;
        assertThat(submit(10).outcome()).isCompletedWithValue(new SubmitOutcome.NotLeading());
        assertThat(path.entriesUnderWay()).isZero();
    }

    @Test
    void sweepsTakeOnePlaceInEachEntryAndWaitForNoQueue() {
        submit(10);
        for (int i = 0; i < 9; i++) {
            submit(10);
        }
        path.submitSweep(sweep());
        path.submitSweep(sweep());
        log.applyNext();
        assertThat(log.all.get(1).ids()).containsExactly("sweep", "r2", "r3", "r4", "r5");
        log.applyNext();
        assertThat(log.all.get(2).ids()).containsExactly("sweep", "r6", "r7", "r8", "r9");
        log.applyNext();
        assertThat(log.all.get(3).ids()).containsExactly("r10");
    }

    @Test
    void aBatchStaysTogether() {
        submit(10);
        List<Submission> batch = List.of(submission(10, 0), submission(10, 0), submission(10, 0));
        path.submit(batch);
        submit(10);
        log.applyNext();
        assertThat(log.all.get(1).ids()).containsExactly("r2", "r3", "r4", "r5");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyCallerHasOneTrueOutcomeWhateverHappens(int entriesUnderWay) {
        for (int seed = 0; seed < 100; seed++) {
            new RandomRun(seed, entriesUnderWay).run();
        }
    }

    /** Random submissions, completions, failures, losses; the invariants are checked after each step. */
    private static final class RandomRun {
        private final Random random;
        private final String where;
        private final WriteLimits limits;
        private final ManualTime time = new ManualTime();
        private final ScriptedLog log = new ScriptedLog();
        private final WritePath path;
        private final Map<String, Submission> submitted = new LinkedHashMap<>();
        private final Map<String, Integer> answers = new LinkedHashMap<>();

        RandomRun(int seed, int entriesUnderWay) {
            this.random = new Random(seed);
            this.where = "seed " + seed + ", " + entriesUnderWay + " entries under way";
            this.limits = new WriteLimits(8, 3000, 4, 1200, 5000, 8 << 20, entriesUnderWay);
            this.path = new WritePath(log, limits, time, Moment::wallNanos, () -> 1, Runnable::run);
        }

        void run() {
            for (int i = 0; i < 200; i++) {
                step();
                check();
            }
            log.refusing = false;
            while (!log.underWay.isEmpty()) {
                log.applyNext();
            }
            checkEnd();
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3, 4 -> submit();
                case 5, 6 -> ifUnderWay(log::applyNext);
                case 7 -> ifUnderWay(() -> log.endNext(new ProposalOutcome.Unknown("?"), random.nextBoolean()));
                case 8 ->
                    ifUnderWay(() -> log.endNext(
                            random.nextBoolean()
                                    ? new ProposalOutcome.NotLeader(null)
                                    : new ProposalOutcome.Overloaded(),
                            false));
                case 9 -> {
                    if (random.nextInt(4) == 0) {
                        path.leadershipLost();
                    }
                    log.refusing = random.nextInt(4) == 0;
                }
                case 10 -> time.pass(Duration.ofNanos(random.nextInt(50)));
                default ->
                    submitted.values().stream()
                            .skip(random.nextInt(submitted.size() + 1))
                            .findFirst()
                            .ifPresent(path::withdraw);
            }
        }

        private void submit() {
            List<Submission> batch = new ArrayList<>();
            for (int i = random.nextInt(3); i >= 0; i--) {
                String id = "r" + (submitted.size() + 1);
                long deadline =
                        random.nextInt(3) == 0 ? time.now().monotonicNanos() + random.nextInt(100) : Long.MAX_VALUE;
                int size = random.nextInt(5) == 0 ? 900 : 20;
                Submission next = new Submission(command(id, size), Weight.ofWritten(random.nextInt(3000)), deadline);
                CompletableFuture<Void> unused = next.outcome().thenRun(() -> {
                    answers.merge(id, 1, Integer::sum);
                    if (random.nextInt(10) == 0) {
                        // Callers go on at once.
                        submit();
                    }
                });
                submitted.put(id, next);
                batch.add(next);
            }
            path.submit(batch);
        }

        private void ifUnderWay(Runnable then) {
            if (!log.underWay.isEmpty()) {
                then.run();
            }
        }

        private void check() {
            assertThat(log.underWay.size()).as(where).isLessThanOrEqualTo(limits.entriesUnderWay());
            assertThat(path.entriesUnderWay()).as(where).isEqualTo(log.underWay.size());
            assertThat(path.waitingCommands()).as(where).isLessThanOrEqualTo(limits.queueCommands());
            assertThat(path.waitingBytes()).as(where).isLessThanOrEqualTo(limits.queueBytes());
            if (log.underWay.size() < limits.entriesUnderWay()) {
                assertThat(path.waitingCommands())
                        .as(where + ": waiting for nothing")
                        .isZero();
            }
        }

        private void checkEnd() {
            for (ScriptedLog.Proposed entry : log.all) {
                assertThat(entry.ids().size()).as(where).isLessThanOrEqualTo(limits.entryCommands());
                if (entry.ids().size() > 1) {
                    assertThat(entry.encoded().size()).as(where).isLessThanOrEqualTo(limits.entryBytes() + 32);
                }
            }
            assertThat(log.proposed).as(where).doesNotHaveDuplicates();
            List<String> inOrder =
                    submitted.keySet().stream().filter(log.proposed::contains).toList();
            assertThat(log.proposed).as(where).isEqualTo(inOrder);
            submitted.forEach((id, submission) -> {
                assertThat(submission.outcome()).as(where + ", " + id).isCompleted();
                assertThat(answers).as(where).containsEntry(id, 1);
                SubmitOutcome outcome = submission.outcome().join();
                if (log.applied.contains(id)) {
                    assertThat(outcome)
                            .as(where + ", " + id + " was applied")
                            .isInstanceOfAny(SubmitOutcome.Settled.class, SubmitOutcome.Unknown.class);
                } else {
                    assertThat(outcome)
                            .as(where + ", " + id + " was not applied")
                            .isNotInstanceOf(SubmitOutcome.Settled.class);
                }
                if (!log.proposed.contains(id)) {
                    assertThat(outcome).as(where).isNotInstanceOf(SubmitOutcome.Unknown.class);
                }
            });
        }
    }

    private Submission submit(int valueBytes) {
        Submission submission = submission(valueBytes, 0);
        path.submit(submission);
        return submission;
    }

    private Submission submission(int valueBytes, long deadlineNanos) {
        ByteString command = command(valueBytes);
        return new Submission(
                command, Weight.ofWritten(command.size()), deadlineNanos == 0 ? Long.MAX_VALUE : deadlineNanos);
    }

    private ByteString command(int valueBytes) {
        ids++;
        return command("r" + ids, valueBytes);
    }

    private static ByteString command(String id, int valueBytes) {
        PutMutation put = PutMutation.newBuilder()
                .setKey("k")
                .setValue(Value.newBuilder().setBytes(ByteString.copyFrom(new byte[valueBytes])))
                .build();
        return Command.newBuilder()
                .setWrite(WriteCommand.newBuilder()
                        .setIdentity(RequestIdentity.newBuilder().setRequestId(id))
                        .setCommit(CommitRequest.newBuilder()
                                .addMutations(
                                        Mutation.newBuilder().setTable("t").setPut(put))))
                .build()
                .toByteString();
    }

    private static Submission sweep() {
        ByteString command = Command.newBuilder()
                .setDropStep(DropStepCommand.newBuilder().setTable("t").setLimit(1))
                .build()
                .toByteString();
        return new Submission(command, Weight.ofWritten(command.size()), Long.MAX_VALUE);
    }
}
