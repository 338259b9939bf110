// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static io.tidemark.store.transition.TestStore.condition;
import static io.tidemark.store.transition.TestStore.delete;
import static io.tidemark.store.transition.TestStore.deleteRange;
import static io.tidemark.store.transition.TestStore.increment;
import static io.tidemark.store.transition.TestStore.patch;
import static io.tidemark.store.transition.TestStore.put;
import static io.tidemark.store.transition.TestStore.reason;
import static io.tidemark.store.transition.TestStore.value;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.Expiry;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.RangeRemainder;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.store.LogTime;
import io.tidemark.store.RefusedException;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.TestVectors;
import io.tidemark.store.proto.v1.ChangeSettingsCommand;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DropStepCommand;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.ExpireCommand;
import io.tidemark.store.validate.SettingsRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WriteTest {

    private final TestStore store = new TestStore();

    static List<Map<String, Object>> increments() {
        return TestVectors.list("increment.json", "vectors");
    }

    @ParameterizedTest
    @MethodSource("increments")
    void shouldIncrementText(Map<String, Object> vector) {
        ByteString value = ByteString.copyFromUtf8(TestVectors.text(vector, "value"));
        long delta = Long.parseLong(TestVectors.text(vector, "delta"));
        String actual;
        try {
            actual = Increment.add(value, delta).toStringUtf8();
        } catch (RefusedException e) {
            actual = e.refusal().reason().name().substring("ERROR_REASON_".length());
        }
        String member = vector.containsKey("result") ? "result" : "error";
        assertThat(actual).isEqualTo(TestVectors.text(vector, member));
    }

    @Test
    void shouldCountVersionsWithinALifeAndNumberCommitsWithoutGaps() {
        store.commit(put("a", "1"));
        store.commit(put("a", "2"));
        StoredRow second = requireNonNull(store.row("a"));
        assertThat(second.version()).isEqualTo(2);
        assertThat(second.createdIndex()).isEqualTo(2);
        assertThat(second.modifiedIndex()).isEqualTo(3);
        assertThat(second.modifiedTime()).isEqualTo(new LogTime(1000, 0));

        store.commit(delete("a"));
        store.commit(put("a", "3"));
        StoredRow reborn = requireNonNull(store.row("a"));
        assertThat(reborn.version()).isEqualTo(1);
        assertThat(reborn.createdIndex()).isEqualTo(5);
    }

    @Test
    void shouldCommitADeleteOfNothing() {
        Outcome.Committed committed = (Outcome.Committed) store.commit(delete("absent"));

        assertThat(committed.index()).isEqualTo(2);
        assertThat(committed.results().get(0).deletedRows()).isZero();
    }

    @Test
    void shouldGiveOneEffectPerRowInTheOrderOfTheLastChanges() {
        store.commit(put("b", "0"));

        Commit commit = requireNonNull(store.run(store.write(
                        put("a", "1"), put("b", "2"), put("a", "3"), put("gone", "4"), delete("gone"), delete("b")))
                .commit());

        RowName a = new RowName("t", "a");
        RowName b = new RowName("t", "b");
        assertThat(commit.rowEffects())
                .containsExactly(
                        new RowEffect.Put(a, ShardHash.shardOf("t", "a", 1024), 0, requireNonNull(store.row("a"))),
                        new RowEffect.Tombstone(
                                b, ShardHash.shardOf("t", "b", 1024), 1, TombstoneCause.TOMBSTONE_CAUSE_DELETE));
        assertThat(requireNonNull(store.row("a")).version()).isEqualTo(2);
        assertThat(commit.bytes().liveRowsDelta()).isZero();
    }

    @Test
    void shouldBeginANewLifeWhenARowIsDeletedAndPutInOneCommit() {
        store.commit(put("a", "1"));
        store.commit(delete("a"), put("a", "2"));

        assertThat(requireNonNull(store.row("a")).version()).isEqualTo(1);
        assertThat(requireNonNull(store.row("a")).createdIndex()).isEqualTo(3);
    }

    @Test
    void shouldLetLaterMutationsSeeEarlierOnes() {
        store.commit(
                put("n", "1"), increment("n", 4, 0), put("j", "{}"), patch("j", "{\"a\":1}"), patch("j", "{\"b\":2}"));

        assertThat(store.text("n")).isEqualTo("5");
        assertThat(store.text("j")).isEqualTo("{\"a\":1,\"b\":2}");
    }

    @Test
    void shouldLeaveNothingOfACommitThatFails() {
        Outcome outcome = store.commit(put("a", "1"), put("n", "x"), increment("n", 1, 0));

        assertThat(reason(outcome)).isEqualTo(ErrorReason.ERROR_REASON_NOT_A_NUMBER);
        assertThat(store.row("a")).isNull();
        assertThat(store.lastIndex()).isEqualTo(1);
    }

    @Test
    void shouldMakeAbsentRowsByPatchAndIncrement() {
        store.commit(patch("j", "{\"a\":{\"b\":null}}"), increment("n", 5, 10));

        assertThat(store.text("j")).isEqualTo("{\"a\":{}}");
        assertThat(store.text("n")).isEqualTo("15");
        assertThat(requireNonNull(store.row("n")).contentType()).isEqualTo("application/json");
    }

    @Test
    void shouldRefuseWhatCannotBePatchedOrIncremented() {
        store.commit(put("a", "no json"));

        assertThat(reason(store.commit(patch("a", "{}")))).isEqualTo(ErrorReason.ERROR_REASON_NOT_JSON);
        assertThat(reason(store.commit(patch("b", "{")))).isEqualTo(ErrorReason.ERROR_REASON_NOT_JSON);
        assertThat(reason(store.commit(increment("c", 1, Long.MAX_VALUE))))
                .isEqualTo(ErrorReason.ERROR_REASON_INCREMENT_OVERFLOW);
    }

    @Test
    void shouldReportEveryConditionThatFails() {
        store.commit(put("a", "1"));
        CommitRequest.Builder commit = CommitRequest.newBuilder()
                .addConditions(condition("a", RowCondition.newBuilder().setExistence(Existence.EXISTENCE_PRESENT)))
                .addConditions(condition("a", RowCondition.newBuilder().setExistence(Existence.EXISTENCE_ABSENT)))
                .addConditions(condition("a", RowCondition.newBuilder().setModifiedIndex(2)))
                .addConditions(condition("a", RowCondition.newBuilder().setModifiedIndex(1)))
                .addConditions(condition("a", RowCondition.newBuilder().setVersion(2)))
                .addConditions(condition("a", RowCondition.newBuilder().setValue(value("1"))))
                .addConditions(condition("a", RowCondition.newBuilder().setValue(value("2"))))
                .addConditions(condition("b", RowCondition.newBuilder().setVersion(1)))
                .addMutations(put("a", "2"));

        Outcome outcome =
                store.run(TestStore.write(TestStore.identity("c", 1), commit)).outcome();

        assertThat(((Outcome.ConditionsFailed) outcome).failed().stream().map(Outcome.FailedRow::condition))
                .containsExactly(1, 3, 4, 6, 7);
        assertThat(store.text("a")).isEqualTo("1");
        assertThat(store.lastIndex()).isEqualTo(2);
    }

    @Test
    void shouldCheckConditionsAgainstTheStateBeforeTheCommit() {
        CommitRequest.Builder commit = CommitRequest.newBuilder()
                .addConditions(condition("a", RowCondition.newBuilder().setExistence(Existence.EXISTENCE_ABSENT)))
                .addMutations(put("a", "1"));
        Outcome second = store.run(
                        TestStore.write(TestStore.identity("x", 1), commit),
                        TestStore.write(TestStore.identity("y", 1), commit))
                .outcome();

        assertThat(store.text("a")).isEqualTo("1");
        assertThat(second).isInstanceOf(Outcome.ConditionsFailed.class);
    }

    @Test
    void shouldDeleteTheFirstRowsOfARangeAndSayWhetherMoreAreLeft() {
        store.commit(put("a", "1"), put("b1", "1"), put("b2", "1"), put("b3", "1"), put("c", "1"));

        Outcome.Committed first = (Outcome.Committed)
                store.commit(deleteRange(KeyRange.newBuilder().setPrefix("b"), 2));
        assertThat(first.results().get(0))
                .isEqualTo(new MutationOutcome("", null, null, false, 2, RangeRemainder.RANGE_REMAINDER_MORE));
        Outcome.Committed second = (Outcome.Committed) store.commit(
                put("b0", "1"), deleteRange(KeyRange.newBuilder().setStart("b").setEnd("c"), 0));
        assertThat(second.results().get(1))
                .isEqualTo(new MutationOutcome("", null, null, false, 2, RangeRemainder.RANGE_REMAINDER_EMPTY));
        assertThat(store.state.rows.keySet()).extracting(RowName::key).containsExactly("a", "c");
    }

    @Test
    void shouldStopADeleteRangeAtTheLimitsOfACommit() {
        TestStore small = new TestStore(
                SettingsRules.defaults().toBuilder().setMaxCommitRows(3).build());
        for (String key : List.of("a", "b", "c", "d")) {
            small.commit(put(key, "1"));
        }

        Outcome.Committed committed =
                (Outcome.Committed) small.commit(put("z", "1"), deleteRange(KeyRange.newBuilder(), 0));
        assertThat(committed.results().get(1).remainder()).isEqualTo(RangeRemainder.RANGE_REMAINDER_MORE);
        assertThat(committed.results().get(1).deletedRows()).isEqualTo(2);
        assertThat(reason(small.commit(
                        put("x", "1"),
                        put("y", "1"),
                        deleteRange(KeyRange.newBuilder().setPrefix("x"), 0))))
                .isNull();
    }

    @Test
    void shouldRefuseWhatIsTooLarge() {
        TestStore small = new TestStore(SettingsRules.defaults().toBuilder()
                .setMaxValueBytes(10)
                .setMaxCommitRows(2)
                .setMaxCommitBytes(200)
                .setMaxCommitConditions(0)
                .build());

        assertThat(reason(small.commit(put("a", "12345678901")))).isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
        assertThat(reason(small.commit(put("a", "1"), put("b", "1"), put("c", "1"))))
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
        assertThat(reason(small.commit(put("a".repeat(60), "1"), put("b".repeat(60), "1"))))
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
        assertThat(reason(small.commit(patch("j", "{\"a\":1}"), patch("j", "{\"b\":1}"))))
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
        CommitRequest.Builder conditional = CommitRequest.newBuilder()
                .addConditions(condition("a", RowCondition.newBuilder().setVersion(1)))
                .addMutations(put("a", "1"));
        assertThat(reason(small.run(TestStore.write(small.identity(), conditional))
                        .outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
        assertThat(small.lastIndex()).isEqualTo(1);
    }

    @Test
    void shouldRefuseADeleteRangeThatHasNoRoomLeft() {
        TestStore rows = new TestStore(
                SettingsRules.defaults().toBuilder().setMaxCommitRows(2).build());
        rows.commit(put("p1", "1"), put("p2", "1"));
        rows.commit(put("q", "1"));
        Outcome noRow = rows.commit(
                deleteRange(KeyRange.newBuilder().setPrefix("p"), 0),
                deleteRange(KeyRange.newBuilder().setPrefix("q"), 0));
        assertTooLarge(noRow, "rows of a commit", "3", "2");
        assertThat(rows.lastIndex()).isEqualTo(3);
        assertThat(rows.text("p1")).isEqualTo("1");
        assertThat(rows.text("q")).isEqualTo("1");

        TestStore bytes = new TestStore(
                SettingsRules.defaults().toBuilder().setMaxCommitBytes(200).build());
        bytes.commit(put("k".repeat(100), "1"));
        Outcome noByte = bytes.commit(
                put("x".repeat(60), "1"), deleteRange(KeyRange.newBuilder().setPrefix("k"), 0));
        assertTooLarge(noByte, "effect bytes of a commit", "301", "200");
        assertThat(bytes.lastIndex()).isEqualTo(2);
    }

    /** 20 rows of 3,000 bytes: more than 16 times the commit bytes, which is what a commit may replace or remove. */
    private static TestStore ofLargeRows() {
        TestStore large = new TestStore(
                SettingsRules.defaults().toBuilder().setMaxCommitBytes(3_100).build());
        for (int i = 10; i < 30; i++) {
            Expiry.Builder soon =
                    Expiry.newBuilder().setTtl(Duration.newBuilder().setSeconds(1));
            large.commit(put("k" + i, "x".repeat(3_000), soon));
        }
        large.seconds += 2;
        return large;
    }

    private static final long REMOVABLE =
            16L * 3_100 / (64 + "t".length() + "k10".length() + "text/plain".length() + 3_000);

    @Test
    void shouldStopADeleteRangeAtTheBytesThatACommitMayRemove() {
        TestStore large = ofLargeRows();

        assertThat(((Outcome.Committed) large.commit(deleteRange(KeyRange.newBuilder(), 0))).results())
                .containsExactly(
                        new MutationOutcome("", null, null, false, REMOVABLE, RangeRemainder.RANGE_REMAINDER_MORE));
        assertThat(((Outcome.Committed) large.commit(deleteRange(KeyRange.newBuilder(), 0))).results())
                .containsExactly(new MutationOutcome(
                        "", null, null, false, 20 - REMOVABLE, RangeRemainder.RANGE_REMAINDER_EMPTY));
        assertThat(large.state.counters().liveBytes()).isZero();
    }

    @Test
    void shouldStopADropStepAtTheBytesThatACommitMayRemove() {
        TestStore large = ofLargeRows();
        large.run(large.dropTable("t"));
        Command step = Command.newBuilder()
                .setDropStep(DropStepCommand.newBuilder().setTable("t").setLimit(100))
                .build();

        assertThat(large.run(step).outcome()).isEqualTo(new Outcome.Swept(23, REMOVABLE, true));
        assertThat(large.run(step).outcome()).isEqualTo(new Outcome.Swept(24, 20 - REMOVABLE, false));
    }

    @Test
    void shouldStopAnExpiryAtTheBytesThatACommitMayRemove() {
        TestStore large = ofLargeRows();
        ExpireCommand.Builder expire = ExpireCommand.newBuilder();
        large.state.rows.forEach((name, row) -> expire.addRows(
                DueRow.newBuilder().setTable("t").setKey(name.key()).setModifiedIndex(row.modifiedIndex())));
        Command command = Command.newBuilder().setExpire(expire).build();

        assertThat(large.run(command).outcome()).isEqualTo(new Outcome.Swept(22, REMOVABLE, true));
        assertThat(large.run(command).outcome()).isEqualTo(new Outcome.Swept(23, 20 - REMOVABLE, false));
    }

    @Test
    void shouldRefuseACommitThatReplacesOrRemovesTooMuch() {
        TestStore large = ofLargeRows();
        long row = 64L + "t".length() + "k10".length() + "text/plain".length() + 3_000;
        List<Mutation> removed = new ArrayList<>();
        List<Mutation> replaced = new ArrayList<>();
        for (int i = 10; i < 11 + REMOVABLE; i++) {
            removed.add(delete("k" + i));
            replaced.add(
                    i % 2 == 0
                            ? delete("k" + i)
                            : deleteRange(KeyRange.newBuilder().setPrefix("k" + i), 0));
        }

        String what = "bytes of the rows that a commit replaces or removes";
        assertTooLarge(
                large.commit(removed.toArray(Mutation[]::new)),
                what,
                Long.toString(row * (REMOVABLE + 1)),
                Integer.toString(16 * 3_100));
        assertTooLarge(
                large.commit(replaced.toArray(Mutation[]::new)),
                what,
                Long.toString(row * (REMOVABLE + 1)),
                Integer.toString(16 * 3_100));
        assertThat(large.state.rows).hasSize(20);
        removed.remove(0);
        assertThat(large.commit(removed.toArray(Mutation[]::new))).isInstanceOf(Outcome.Committed.class);
    }

    /** Or settings that were lowered would keep it for ever. */
    @Test
    void shouldAlwaysRemoveOneRow() {
        TestStore large = ofLargeRows();
        StoreSettings.Builder lowered = large.state.settings().toBuilder().setMaxCommitBytes(68);
        large.run(Command.newBuilder()
                .setChangeSettings(ChangeSettingsCommand.newBuilder().setSettings(lowered))
                .build());

        // The tombstone of a key of three characters fits, and 16 times its bytes are less than one row.
        assertThat(large.commit(delete("k10"))).isInstanceOf(Outcome.Committed.class);
        assertThat(((Outcome.Committed) large.commit(deleteRange(KeyRange.newBuilder(), 0)))
                        .results()
                        .get(0)
                        .deletedRows())
                .isEqualTo(1);
    }

    @Test
    void shouldLeaveOutValuesThatAnEntryHasNoRoomToAnswer() {
        TestStore large = ofLargeRows();
        CommitRequest.Builder commit = CommitRequest.newBuilder().addMutations(put("a", "1"));
        for (int i = 10; i < 30; i++) {
            commit.addConditions(condition("k" + i, RowCondition.newBuilder().setVersion(9)));
        }
        Outcome.ConditionsFailed failed = (Outcome.ConditionsFailed)
                large.run(TestStore.write(large.identity(), commit)).outcome();

        assertThat(failed.failed()).hasSize(20);
        for (int i = 0; i < 20; i++) {
            Outcome.FailedRow row = failed.failed().get(i);
            StoredRow stored = requireNonNull(large.row("k" + (10 + i)));
            assertThat(row.valueOmitted()).isEqualTo(i >= 16);
            assertThat(requireNonNull(row.row()).version()).isEqualTo(stored.version());
            assertThat(row.row().value()).isEqualTo(i >= 16 ? ByteString.EMPTY : stored.value());
        }

        Command[] deletes = new Command[20];
        for (int i = 0; i < 20; i++) {
            deletes[i] = large.write(delete("k" + (10 + i)));
        }
        MutationOutcome last =
                ((Outcome.Committed) large.run(deletes).outcome()).results().get(0);
        assertThat(last.previousValueOmitted()).isTrue();
        assertThat(requireNonNull(last.previousRow()).version()).isEqualTo(1);
    }

    private static void assertTooLarge(Outcome outcome, String what, String size, String limit) {
        assertThat(reason(outcome)).isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
        assertThat(((Outcome.Refused) outcome)
                        .refusal()
                        .status(new HistoryId("0123456789abcdef"))
                        .metadata())
                .containsEntry("what", what)
                .containsEntry("size", size)
                .containsEntry("limit", limit);
    }

    @Test
    void shouldAnswerMalformedCommandsWithErrors() {
        Mutation badTable = put("a", "1").toBuilder().setTable("No").build();
        Mutation notNormal = put("a", "1").toBuilder().build();
        notNormal = notNormal.toBuilder()
                .setPut(notNormal.getPut().toBuilder()
                        .setValue(io.tidemark.proto.v1.Value.newBuilder().setText("x")))
                .build();
        for (Mutation malformed : List.of(
                Mutation.getDefaultInstance(),
                Mutation.newBuilder().setTable("t").build(),
                badTable,
                notNormal,
                put("", "1"),
                put("k".repeat(1025), "1"),
                put("a", "1", Expiry.newBuilder()),
                put("a", "1", Expiry.newBuilder().setTtl(Duration.newBuilder().setSeconds(-1))),
                put(
                        "a",
                        "1",
                        Expiry.newBuilder().setExpireTime(Timestamp.newBuilder().setNanos(-1))),
                deleteRange(KeyRange.newBuilder().setPrefix("a").setEnd("b"), 0))) {
            assertThat(reason(store.commit(malformed)))
                    .as("%s", malformed)
                    .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        }
        assertThat(reason(store.commit())).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldExpireOnlyWhatIsUnchangedAndDue() {
        Expiry.Builder ttl = Expiry.newBuilder().setTtl(Duration.newBuilder().setSeconds(10));
        store.commit(put("due", "1", ttl), put("changed", "1", ttl), put("forever", "1"));
        store.commit(put("changed", "2", ttl));
        Command expire = Command.newBuilder()
                .setExpire(ExpireCommand.newBuilder()
                        .addRows(due("due", 2))
                        .addRows(due("changed", 2))
                        .addRows(due("forever", 2))
                        .addRows(due("absent", 2)))
                .build();

        store.seconds += 9;
        assertThat(store.run(expire).outcome()).isEqualTo(new Outcome.Nothing());
        store.seconds += 1;
        CommandResult result = store.run(expire);

        assertThat(result.outcome()).isEqualTo(new Outcome.Swept(4, 1, false));
        assertThat(requireNonNull(result.commit()).rowEffects().get(0))
                .isInstanceOfSatisfying(
                        RowEffect.Tombstone.class,
                        tombstone -> assertThat(tombstone.cause()).isEqualTo(TombstoneCause.TOMBSTONE_CAUSE_EXPIRE));
        assertThat(store.state.rows.keySet()).extracting(RowName::key).containsExactly("changed", "forever");
    }

    @Test
    void shouldKeepExpiryInPatchesAndDropItInPuts() {
        Expiry.Builder at =
                Expiry.newBuilder().setExpireTime(Timestamp.newBuilder().setSeconds(5));
        store.commit(put("n", "1", at));
        store.commit(increment("n", 1, 0));
        assertThat(requireNonNull(store.row("n")).expireTime()).isEqualTo(new LogTime(5, 0));
        store.commit(put("n", "1"));
        assertThat(requireNonNull(store.row("n")).expireTime()).isNull();
    }

    private static DueRow.Builder due(String key, long modifiedIndex) {
        return DueRow.newBuilder().setTable("t").setKey(key).setModifiedIndex(modifiedIndex);
    }
}
