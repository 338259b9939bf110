// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.history.Action.Put;
import io.tidemark.verify.history.Ask.AsOf;
import io.tidemark.verify.history.Ask.Eventual;
import io.tidemark.verify.history.Ask.Linearizable;
import io.tidemark.verify.history.Outcome.Found;
import io.tidemark.verify.history.Outcome.Unknown;
import io.tidemark.verify.history.Outcome.Written;
import io.tidemark.verify.history.Reading.Denied;
import io.tidemark.verify.history.Reading.Header;
import io.tidemark.verify.history.Reading.Told;
import io.tidemark.verify.history.Violation.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Readings without a fault, and each violation planted among them. Commits 2, 3 and 4 write row {@code t/a}; they are acknowledged
 * at 10, 20 and 30 s.
 */
class ReadingChecksTest {

    private static final int WRITER = 1;
    private static final int READER = 1_000;
    private static final String ROW = "t/a";
    private static final String HISTORY = "0123456789abcdef";

    private final List<Operation> operations = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private final List<Reading> reads = new ArrayList<>();
    private final List<Operation> ownWrites = new ArrayList<>();
    private final List<Interruption> interruptions = new ArrayList<>();
    private final Map<String, Found> rows = new HashMap<>();
    private List<Change> watched = List.of();
    private long watchedThrough;

    ReadingChecksTest() {
        for (int i = 1; i <= 3; i++) {
            commit(i + 1, "v" + i);
            operations.add(new Operation(
                    i, WRITER, new Put(ROW, "v" + i), seconds(10 * i - 1), seconds(10 * i), new Written(i + 1, i)));
        }
    }

    @Test
    void shouldFindNothingWhereEveryAskIsMet() {
        read(31, Ask.of(new Linearizable()), header(4).stale(1));
        read(31, Ask.of(new Eventual()), header(2));
        read(31, Ask.of(new Eventual()).atLeast(3, false), header(3));
        read(31, Ask.fresh(Duration.ofSeconds(5)), header(3).stale(2));
        read(31, Ask.near(1), header(3).stale(2));
        read(31, Ask.of(new AsOf(2)), header(2).applied(4));
        read(31, Ask.of(new Linearizable()).orServe(), header(2).unmet());
        answer(31, Ask.fresh(Duration.ofSeconds(1)), new Denied("ERROR_REASON_TOO_STALE"));
        answer(31, Ask.of(new Eventual()), new Denied("grpc UNAVAILABLE"));

        assertThat(check()).isEmpty();
    }

    @Test
    void shouldFindALinearizableReadThatMissesAnAcknowledgedWrite() {
        read(30.5, Ask.of(new Linearizable()), header(3).stale(0.6));

        assertThat(promises()).containsExactly(Promise.READS);
    }

    @Test
    void shouldFindALinearizableReadThatMissesWhatAnotherReadHasShown() {
        commit(5, "v4");
        operations.add(new Operation(
                9, WRITER, new Put(ROW, "v4"), seconds(39), seconds(50), new Unknown("the answer was lost")));
        read(40, Ask.of(new Eventual()), header(5));
        read(41, Ask.of(new Linearizable()), header(4).applied(5).stale(2));

        assertThat(promises()).containsExactly(Promise.READS);
    }

    @Test
    void shouldFindALinearizableReadOfUnknownStaleness() {
        read(31, Ask.of(new Linearizable()), header(4));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAReadBelowItsFloor() {
        read(31, Ask.of(new Eventual()).atLeast(3, false), header(2));

        assertThat(promises()).containsExactly(Promise.FLOORS);
    }

    @Test
    void shouldFindASessionThatGoesBackToBeforeItsOwnRead() {
        read(31, Ask.of(new Eventual()), header(3));
        read(32, Ask.of(new Eventual()).atLeast(1, true), header(2).applied(3));

        assertThat(promises()).containsExactly(Promise.FLOORS);
    }

    @Test
    void shouldFindASessionThatGoesBackToBeforeItsOwnWrite() {
        commit(5, "own");
        ownWrites.add(new Operation(9, READER, new Put(ROW, "own"), seconds(33), seconds(34), new Written(5, 4)));
        read(35, Ask.of(new Eventual()).atLeast(1, true), header(4));

        assertThat(promises()).containsExactly(Promise.FLOORS);
    }

    @Test
    void shouldAllowAReadWithoutASessionToGoBack() {
        read(31, Ask.of(new Eventual()), header(3));
        read(32, Ask.of(new Eventual()), header(2).applied(3));

        assertThat(check()).isEmpty();
    }

    @Test
    void shouldFindABoundedReadThatMissesWhatIsOlderThanItsBound() {
        // It was acknowledged at 30 s; the bound reaches back to 30.5 s.
        read(31, Ask.fresh(Duration.ofMillis(500)), header(3).stale(0.5));

        assertThat(promises()).containsExactly(Promise.BOUNDS, Promise.STATED_STALENESS);
    }

    @Test
    void shouldFindABoundedReadThatStatesMoreThanItsBound() {
        read(31, Ask.fresh(Duration.ofMillis(500)), header(4).stale(0.6));

        assertThat(promises()).containsExactly(Promise.BOUNDS);
    }

    @Test
    void shouldFindABoundedReadThatStatesNothing() {
        read(31, Ask.fresh(Duration.ofMillis(500)), header(4));

        assertThat(promises()).containsExactly(Promise.BOUNDS);
    }

    @Test
    void shouldFindAReadFurtherBehindThanItsLag() {
        // Within the second that a lag counts from by default.
        read(31.5, Ask.near(1), header(2).stale(20));

        assertThat(promises()).containsExactly(Promise.BOUNDS);
    }

    @Test
    void shouldFindAnAnswerThatStatesTooLittleWhateverItWasAskedFor() {
        read(31, Ask.of(new Eventual()), header(3).stale(0.9));

        assertThat(promises()).containsExactly(Promise.STATED_STALENESS);
    }

    @Test
    void shouldFindAnAnswerThatSaysThatItIsUnmetAndStatesTooLittle() {
        read(
                31,
                Ask.fresh(Duration.ofMillis(100)).orServe(),
                header(3).stale(0.9).unmet());

        assertThat(promises()).containsExactly(Promise.STATED_STALENESS);
    }

    @Test
    void shouldJudgeWhatWasSentToAPausedServerByWhenItWentOn() {
        // Sent before the write was acknowledged, but answered ten seconds after.
        interruptions.add(new Interruption("r1", false, seconds(25), seconds(40)));
        read(29, Ask.fresh(Duration.ofSeconds(5)), header(3).stale(5));

        assertThat(promises()).containsExactly(Promise.BOUNDS, Promise.STATED_STALENESS);
    }

    @Test
    void shouldJudgeWhatWasSentBeforeAPauseByWhenItWasSent() {
        interruptions.add(new Interruption("r1", false, seconds(29.5), seconds(40)));
        read(29, Ask.fresh(Duration.ofSeconds(5)), header(3).stale(5));

        assertThat(check()).isEmpty();
    }

    @Test
    void shouldFindAReadAsOfAnotherIndex() {
        read(31, Ask.of(new AsOf(2)), header(3).applied(4));

        assertThat(promises()).containsExactly(Promise.AS_OF);
    }

    @Test
    void shouldFindAnotherContentThanThatOfTheIndex() {
        Header header = header(3).applied(4).build();
        answer(31, Ask.of(new AsOf(3)), new Told(header, Map.of(ROW, Optional.of(new Found("v1", 1, 2)))));
        answer(31, Ask.of(new AsOf(3)), new Told(header, Map.of(ROW, Optional.empty())));
        answer(31, Ask.of(new AsOf(3)), new Told(header, Map.of()));

        assertThat(promises()).containsExactly(Promise.READS, Promise.READS, Promise.READS);
    }

    @Test
    void shouldFindARowThatWasNotThereYet() {
        answer(
                31,
                Ask.of(new AsOf(1)),
                new Told(header(1).applied(4).build(), Map.of(ROW, Optional.of(new Found("v1", 1, 2)))));

        assertThat(promises()).containsExactly(Promise.READS);
    }

    @Test
    void shouldFindAnAnswerOfTheFuture() {
        read(15, Ask.of(new Eventual()), header(3));

        assertThat(promises()).containsExactly(Promise.READS);
    }

    @Test
    void shouldFindAnAnswerOfAnotherHistory() {
        read(31, Ask.of(new Eventual()), header(3).history("fedcba9876543210"));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAnAnswerAheadOfItsServer() {
        read(31, Ask.of(new Eventual()), header(4).applied(3));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAServerThatHasAppliedWhatIsNotThere() {
        read(31, Ask.of(new Eventual()), header(4).applied(5));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAStalenessOfZero() {
        read(31, Ask.of(new Eventual()), header(4).stale(0));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAnAnswerOfNobody() {
        read(31, Ask.of(new Eventual()), header(4).by("", false));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAReplicaThatSaysThatItIsANode() {
        read(31, Ask.of(new Eventual()), header(4));
        read(32, Ask.of(new Eventual()), header(4).by("r1", false));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAnUnmetAnswerThatNobodyAllowed() {
        read(31, Ask.fresh(Duration.ofSeconds(50)), header(4).unmet());

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAServerWhoseAppliedIndexFalls() {
        read(31, Ask.of(new Eventual()), header(4));
        read(32, Ask.of(new Eventual()), header(3));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldAllowAKilledServerToComeBackWithLess() {
        read(31, Ask.of(new Eventual()), header(4));
        interruptions.add(new Interruption("r1", true, seconds(32), seconds(35)));
        read(36, Ask.of(new Eventual()), header(3));

        assertThat(check()).isEmpty();
    }

    @Test
    void shouldNotAllowAPausedServerToComeBackWithLess() {
        read(31, Ask.of(new Eventual()), header(4));
        interruptions.add(new Interruption("r1", false, seconds(32), seconds(35)));
        read(36, Ask.of(new Eventual()), header(3));

        assertThat(promises()).containsExactly(Promise.HEADERS);
    }

    @Test
    void shouldFindAnEventualReadThatIsRefusedForBeingStale() {
        answer(31, Ask.of(new Eventual()), new Denied("ERROR_REASON_TOO_STALE"));

        assertThat(promises()).containsExactly(Promise.SERVED);
    }

    @Test
    void shouldAllowAWatchToEndSooner() {
        watched = changes.subList(0, 2);
        watchedThrough = 3;

        assertThat(check()).isEmpty();
    }

    @Test
    void shouldFindAWatchThatLeavesSomethingOut() {
        watched = List.of(changes.get(0), changes.get(2));
        watchedThrough = 4;

        assertThat(promises()).containsExactly(Promise.WATCHES);
    }

    @Test
    void shouldFindAWatchThatTellsMore() {
        watched = List.of(changes.get(0), changes.get(1), new Change(3, "t/b", "v9", 1));
        watchedThrough = 3;

        assertThat(promises()).containsExactly(Promise.WATCHES);
    }

    private void commit(long index, String value) {
        Change change = new Change(index, ROW, value, index - 1);
        changes.add(change);
        rows.put(ROW, Timelines.found(change));
    }

    /** A read at r1 that takes a tenth of a second, with the rows that are right for its index. */
    private void read(double start, Ask ask, HeaderBuilder header) {
        Header built = header.build();
        Optional<Found> found = Optional.ofNullable(new Timelines(changes).asOf(ROW, built.readIndex()))
                .map(Timelines::found);
        answer(start, ask, new Told(built, Map.of(ROW, found)));
    }

    private void answer(double start, Ask ask, Reading.Answer answer) {
        reads.add(new Reading(
                100 + reads.size(), READER, "r1", ask, List.of(ROW), seconds(start), seconds(start + 0.1), answer));
    }

    private static long seconds(double seconds) {
        return Math.round(seconds * 1e9);
    }

    private static HeaderBuilder header(long index) {
        return new HeaderBuilder(index);
    }

    private static final class HeaderBuilder {
        private final long readIndex;
        private String history = HISTORY;
        private String servedBy = "r1";
        private boolean replica = true;
        private long appliedIndex;
        private Optional<Duration> staleness = Optional.empty();
        private boolean unmet;

        HeaderBuilder(long readIndex) {
            this.readIndex = readIndex;
            this.appliedIndex = readIndex;
        }

        HeaderBuilder applied(long index) {
            appliedIndex = index;
            return this;
        }

        HeaderBuilder stale(double seconds) {
            staleness = Optional.of(Duration.ofNanos(seconds(seconds)));
            return this;
        }

        HeaderBuilder history(String id) {
            history = id;
            return this;
        }

        HeaderBuilder by(String server, boolean isReplica) {
            servedBy = server;
            replica = isReplica;
            return this;
        }

        HeaderBuilder unmet() {
            unmet = true;
            return this;
        }

        Header build() {
            return new Header(history, servedBy, replica, appliedIndex, readIndex, staleness, unmet);
        }
    }

    private List<Promise> promises() {
        return check().stream().map(Violation::promise).toList();
    }

    private List<Violation> check() {
        long through = changes.get(changes.size() - 1).index();
        return Checks.of(new History(operations, changes, Set.of(1L), through, rows, Map.of())
                .with(new Readings(HISTORY, reads, ownWrites, interruptions, watched, watchedThrough)));
    }
}
