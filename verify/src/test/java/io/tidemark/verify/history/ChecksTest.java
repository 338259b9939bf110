// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.verify.history.Action.Increment;
import io.tidemark.verify.history.Action.Put;
import io.tidemark.verify.history.Action.PutIf;
import io.tidemark.verify.history.Action.Read;
import io.tidemark.verify.history.Outcome.Failed;
import io.tidemark.verify.history.Outcome.Found;
import io.tidemark.verify.history.Outcome.Refused;
import io.tidemark.verify.history.Outcome.Seen;
import io.tidemark.verify.history.Outcome.Unknown;
import io.tidemark.verify.history.Outcome.Written;
import io.tidemark.verify.history.Violation.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A history without a fault, and each violation planted in it. */
class ChecksTest {

    private final List<Operation> operations = new ArrayList<>();
    private final List<Change> changes = new ArrayList<>();
    private final Map<String, Found> rows = new HashMap<>();
    private final Map<String, String> digests = new HashMap<>(Map.of("n1", "d", "n2", "d"));
    private long through;

    /** Commit 1 makes the table; then two puts, a conditional put, an increment, and reads. */
    ChecksTest() {
        operation(1, new Put("a", "v1"), 0, 10, new Written(2, 1));
        operation(2, new PutIf("a", "v2", 1), 20, 30, new Written(3, 2));
        operation(3, new PutIf("a", "v3", 1), 20, 30, new Refused(3));
        operation(4, new Increment("c", "v4"), 31, 50, new Written(4, 1));
        operation(5, new Read("a"), 40, 45, new Seen(3, Optional.of(new Found("v2", 2, 3))));
        operation(6, new Put("b", "v6"), 60, 70, new Unknown("the answer was lost"));
        operation(7, new Put("b", "v7"), 60, 70, new Unknown("never arrived"));
        operation(8, new Put("b", "v8"), 60, 70, new Failed("OVERLOADED"));
        operation(9, new Read("b"), 80, 90, new Seen(4, Optional.empty()));
        operation(10, new Increment("c", "v10"), 95, 99, new Written(6, 2));
        change(2, "a", "v1", 1);
        change(3, "a", "v2", 2);
        change(4, "c", "1", 1);
        change(4, "c-by", "v4", 1);
        change(5, "b", "v6", 1);
        change(6, "c", "2", 2);
        change(6, "c-by", "v10", 2);
    }

    @Test
    void shouldFindNothingInAFaultlessHistory() {
        assertThat(check()).isEmpty();
    }

    @Test
    void shouldFindALostWrite() {
        changes.removeIf(change -> change.value().equals("v1"));

        assertThat(check()).extracting(Violation::promise).contains(Promise.NOTHING_LOST);
    }

    @Test
    void shouldFindAWriteThatIsGoneInTheEnd() {
        rows.remove("b");

        assertThat(check())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).startsWith("NOTHING_LOST: row b is null"));
    }

    @Test
    void shouldFindAWriteThatCameBackInTheEnd() {
        rows.put("a", new Found("v1", 1, 2));

        assertThat(check()).extracting(Violation::promise).containsOnly(Promise.NOTHING_LOST);
    }

    @Test
    void shouldFindAPutThatWasAppliedTwice() {
        change(7, "a", "v1", 3);

        assertThat(check())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).contains("was applied twice"));
    }

    @Test
    void shouldFindAnIncrementThatWasAppliedTwice() {
        change(7, "c", "3", 3);
        change(7, "c-by", "v10", 3);

        assertThat(check()).extracting(Violation::promise).containsOnly(Promise.NOTHING_TWICE);
    }

    @Test
    void shouldFindAnIncrementThatAddedTwo() {
        replace(5, new Change(6, "c", "3", 2));

        assertThat(check()).extracting(Violation::promise).containsOnly(Promise.NOTHING_TWICE);
    }

    @Test
    void shouldFindHalfACommit() {
        changes.removeIf(change -> change.key().equals("c") && change.index() == 6);
        rows.put("c", new Found("1", 1, 4));

        assertThat(check()).extracting(Violation::what).anyMatch(what -> what.contains("both are one commit"));
    }

    @Test
    void shouldFindAWriteThatHadFailed() {
        change(7, "b", "v8", 2);

        assertThat(check())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).contains("wrote nothing, it was said"));
    }

    @Test
    void shouldFindAWriteThatNobodyAskedFor() {
        change(7, "b", "w", 2);

        assertThat(check()).extracting(Violation::promise).containsExactly(Promise.NOTHING_TWICE);
    }

    @Test
    void shouldFindAGap() {
        change(8, "b", "v7", 2);

        assertThat(check())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).contains("nothing of index 7"));
    }

    @Test
    void shouldFindAGapAtTheEnd() {
        through = 9;

        assertThat(check()).extracting(Violation::promise).containsOnly(Promise.GAPLESS);
    }

    @Test
    void shouldFindAWatchThatGoesBack() {
        changes.add(changes.remove(0));

        assertThat(check()).extracting(Violation::promise).contains(Promise.GAPLESS);
    }

    @Test
    void shouldFindAVersionThatIsSkipped() {
        replace(1, new Change(3, "a", "v2", 3));

        assertThat(check()).extracting(Violation::promise).contains(Promise.VERSIONS);
    }

    @Test
    void shouldFindAConditionalPutOverAnotherVersion() {
        operation(11, new PutIf("b", "v11", 0), 100, 110, new Written(7, 2));
        change(7, "b", "v11", 2);

        assertThat(check())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).contains("was written over version 1"));
    }

    @Test
    void shouldFindARefusalWithoutAReason() {
        operation(11, new PutIf("b", "v11", 1), 100, 110, new Refused(6));

        assertThat(check())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).contains("its condition held then"));
    }

    @Test
    void shouldFindWritesInTheWrongOrder() {
        operation(11, new Put("d", "v11"), 100, 110, new Written(8, 1));
        operation(12, new Put("e", "v12"), 111, 120, new Written(7, 1));
        change(7, "e", "v12", 1);
        change(8, "d", "v11", 1);

        assertThat(check()).extracting(Violation::promise).containsOnly(Promise.REAL_TIME);
    }

    @Test
    void shouldFindAnOpenWriteThatWasAppliedBeforeItWasSent() {
        operation(11, new Put("d", "v11"), 100, 110, new Written(8, 1));
        operation(12, new Put("e", "v12"), 111, 120, new Unknown("the answer was lost"));
        change(7, "e", "v12", 1);
        change(8, "d", "v11", 1);

        assertThat(check()).extracting(Violation::promise).containsOnly(Promise.REAL_TIME);
    }

    @Test
    void shouldAllowAnyOrderOfWhatOverlaps() {
        operation(11, new Put("d", "v11"), 100, 110, new Written(8, 1));
        operation(12, new Put("e", "v12"), 110, 120, new Written(7, 1));
        change(7, "e", "v12", 1);
        change(8, "d", "v11", 1);

        assertThat(check()).isEmpty();
    }

    @Test
    void shouldFindAStaleRead() {
        operation(11, new Read("a"), 31, 35, new Seen(2, Optional.of(new Found("v1", 1, 2))));

        assertThat(check())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).contains("older than what was known"));
    }

    @Test
    void shouldFindAReadThatIsOlderThanOneBefore() {
        operation(11, new Read("b"), 72, 73, new Seen(5, Optional.of(new Found("v6", 1, 5))));

        // The read of 80 to 90 is as of 4.
        assertThat(check()).extracting(Violation::promise).containsOnly(Promise.READS);
    }

    @Test
    void shouldFindAReadOfWhatIsNotThere() {
        operation(11, new Read("a"), 100, 110, new Seen(6, Optional.of(new Found("v1", 1, 2))));

        assertThat(check()).extracting(Violation::promise).containsOnly(Promise.READS);
    }

    @Test
    void shouldFindAReadOfTheFuture() {
        operation(11, new Read("a"), 91, 92, new Seen(6, Optional.of(new Found("v2", 2, 3))));

        assertThat(check())
                .singleElement()
                .satisfies(violation -> assertThat(violation.toString()).contains("ended before this began"));
    }

    @Test
    void shouldFindNodesThatDiffer() {
        digests.put("n3", "other");

        assertThat(check()).extracting(Violation::promise).containsExactly(Promise.SAME_EVERYWHERE);
    }

    @Test
    void shouldRefuseWritesThatItCannotTellApart() {
        operation(11, new Put("d", "v1"), 100, 110, new Failed("x"));

        assertThatThrownBy(this::check).hasMessageContaining("two operations write v1");
    }

    private void operation(long id, Action action, long start, long end, Outcome outcome) {
        operations.add(new Operation(id, (int) id, action, start, end, outcome));
    }

    private void change(long index, String key, String value, long version) {
        Change change = new Change(index, key, value, version);
        changes.add(change);
        rows.put(key, Timelines.found(change));
        through = index;
    }

    private void replace(int position, Change change) {
        changes.set(position, change);
        rows.put(change.key(), Timelines.found(change));
    }

    private List<Violation> check() {
        return Checks.of(new History(operations, changes, Set.of(1L), through, rows, digests));
    }
}
