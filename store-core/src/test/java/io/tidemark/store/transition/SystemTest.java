// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.transition;

import static io.tidemark.store.transition.TestStore.delete;
import static io.tidemark.store.transition.TestStore.put;
import static io.tidemark.store.transition.TestStore.reason;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Duration;
import com.google.protobuf.FieldMask;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.ShardingRule;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.TableSettings;
import io.tidemark.proto.v1.TableState;
import io.tidemark.proto.v1.TombstoneCause;
import io.tidemark.proto.v1.UpdateTableRequest;
import io.tidemark.store.LogTime;
import io.tidemark.store.proto.v1.ChangeSettingsCommand;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DropStepCommand;
import io.tidemark.store.proto.v1.DropTableCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RaiseHorizonCommand;
import io.tidemark.store.proto.v1.RaiseVersionCommand;
import io.tidemark.store.proto.v1.UpdateTableCommand;
import io.tidemark.store.validate.SettingsRules;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SystemTest {

    private final TestStore store = new TestStore();

    @Test
    void shouldCreateATableOnceAndRefuseOtherSettings() {
        TableSettings ttl = settings(10);
        assertThat(store.run(store.createTable("u", ttl)).outcome())
                .isInstanceOfSatisfying(
                        Outcome.TableSettled.class,
                        settled -> assertThat(settled.index()).isEqualTo(2));
        assertThat(store.run(store.createTable("u", ttl)).outcome())
                .isInstanceOfSatisfying(
                        Outcome.TableSettled.class,
                        settled -> assertThat(settled.index()).isNull());
        assertThat(reason(store.run(store.createTable("u", settings(11))).outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_TABLE_EXISTS);
        assertThat(store.state.counters().tables()).isEqualTo(2);
    }

    @Test
    void shouldRefuseSettingsThatMeanNothing() {
        assertThat(reason(store.run(store.createTable("u", settings(0))).outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        TableSettings prefix = TableSettings.newBuilder()
                .setShardingRule(ShardingRule.newBuilder()
                        .setKeyPrefix(ShardingRule.KeyPrefix.newBuilder().setDelimiter("/")))
                .build();
        assertThat(reason(store.run(store.createTable("u", prefix)).outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_UNSUPPORTED);
    }

    @Test
    void shouldUpdateOnlyWhatTheMaskNames() {
        store.run(update(settings(7), "default_ttl"));
        assertThat(requireNonNull(store.state.table("t")).getSettings()).isEqualTo(settings(7));
        store.commit(put("a", "1"));
        assertThat(requireNonNull(store.row("a")).expireTime()).isEqualTo(new LogTime(1_007, 0));

        store.run(update(TableSettings.getDefaultInstance(), "default_ttl"));
        assertThat(requireNonNull(store.state.table("t")).getSettings()).isEqualTo(TableSettings.getDefaultInstance());
        assertThat(reason(store.run(update(settings(7))).outcome())).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(reason(store.run(update(settings(7), "sharding_rule")).outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldDropATableAndItsRowsInSteps() {
        store.commit(put("a", "1"), put("b", "1"), put("c", "1"));
        store.run(store.dropTable("t"));

        assertThat(requireNonNull(store.state.table("t")).getState()).isEqualTo(TableState.TABLE_STATE_DROPPING);
        assertThat(reason(store.commit(put("d", "1")))).isEqualTo(ErrorReason.ERROR_REASON_TABLE_DROPPING);
        CommandResult first = store.run(dropStep(2));
        assertThat(first.outcome()).isEqualTo(new Outcome.Swept(4, 2, true));
        assertThat(((RowEffect.Tombstone)
                                requireNonNull(first.commit()).rowEffects().get(0))
                        .cause())
                .isEqualTo(TombstoneCause.TOMBSTONE_CAUSE_TABLE_DROPPED);
        assertThat(store.run(dropStep(2)).outcome()).isEqualTo(new Outcome.Swept(5, 1, false));
        assertThat(store.run(dropStep(2)).outcome()).isEqualTo(new Outcome.Nothing());
        assertThat(store.state.tables).isEmpty();
        assertThat(store.state.counters().liveBytes()).isZero();
        assertThat(reason(store.commit(put("d", "1")))).isEqualTo(ErrorReason.ERROR_REASON_TABLE_NOT_FOUND);
    }

    @Test
    void shouldSayAtWhichIndexOfWhichHistoryATableWasNotAsItShouldBe() {
        store.commit(put("a", "1"));
        store.run(store.dropTable("t"));
        Outcome.Refused refused = (Outcome.Refused) store.commit(put("b", "1"));

        assertThat(refused.refusal().status(new HistoryId("0123456789abcdef")).metadata())
                .isEqualTo(Map.of("table", "t", "evaluated_index", "3", "history_id", "0123456789abcdef"));
        assertThat(refused.refusal().message()).endsWith(", as of index 3");
    }

    @Test
    void shouldRefuseToChangeATableThatWasChangedMeanwhile() {
        UpdateTableCommand.Builder update = update(settings(7), "default_ttl").getUpdateTable().toBuilder();
        update.getRequestBuilder().setIfModifiedIndex(1);
        store.run(update(settings(8), "default_ttl"));

        assertThat(reason(store.run(Command.newBuilder().setUpdateTable(update).build())
                        .outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_TABLE_CHANGED);
    }

    @Test
    void shouldChangeAndDropATableThatIsAsItWasSeen() {
        UpdateTableCommand.Builder update = update(settings(7), "default_ttl").getUpdateTable().toBuilder();
        update.getRequestBuilder().setIfModifiedIndex(1);
        assertThat(store.run(Command.newBuilder().setUpdateTable(update).build())
                        .outcome())
                .isInstanceOfSatisfying(
                        Outcome.TableSettled.class,
                        settled ->
                                assertThat(settled.table().getModifiedIndex()).isEqualTo(2));

        Outcome.Refused refused = (Outcome.Refused) store.run(dropIf(1)).outcome();
        assertThat(refused.refusal().reason()).isEqualTo(ErrorReason.ERROR_REASON_TABLE_CHANGED);
        assertThat(refused.refusal().status(new HistoryId("0123456789abcdef")).metadata())
                .containsEntry("asked", "1")
                .containsEntry("actual", "2");
        assertThat(requireNonNull(store.state.table("t")).getState()).isEqualTo(TableState.TABLE_STATE_ACTIVE);
        assertThat(store.lastIndex()).isEqualTo(2);

        assertThat(store.run(dropIf(2)).outcome()).isInstanceOf(Outcome.TableSettled.class);
        assertThat(requireNonNull(store.state.table("t")).getState()).isEqualTo(TableState.TABLE_STATE_DROPPING);
    }

    @Test
    void shouldRefuseToChangeATableByTheIndexOfAnotherLife() {
        store.run(store.dropTable("t"), dropStep(1), store.createTable("t", TableSettings.getDefaultInstance()));

        assertThat(reason(store.run(dropIf(1)).outcome())).isEqualTo(ErrorReason.ERROR_REASON_TABLE_CHANGED);
        // Presence counts: no table was ever changed at index 0.
        assertThat(reason(store.run(dropIf(0)).outcome())).isEqualTo(ErrorReason.ERROR_REASON_TABLE_CHANGED);
    }

    @Test
    void shouldMakeTablesByTheirFirstWriteWhereAllowed() {
        TestStore auto = new TestStore(
                SettingsRules.defaults().toBuilder().setAutoCreateTables(true).build());
        auto.run(auto.dropTable("t"), dropStep(1));
        assertThat(auto.state.tables).isEmpty();

        auto.commit(delete("a"));
        assertThat(auto.state.tables).isEmpty();
        auto.commit(put("a", "1"));
        assertThat(auto.state.tables).containsOnlyKeys("t");
    }

    @Test
    void shouldLimitTables() {
        TestStore one = new TestStore(
                SettingsRules.defaults().toBuilder().setMaxTables(1).build());

        assertThat(reason(one.run(one.createTable("u", TableSettings.getDefaultInstance()))
                        .outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
    }

    @Test
    void shouldKeepTheShardCountOfBirth() {
        StoreSettings other =
                SettingsRules.defaults().toBuilder().setShardCount(16).build();
        Command change = Command.newBuilder()
                .setChangeSettings(ChangeSettingsCommand.newBuilder().setSettings(other))
                .build();

        assertThat(reason(store.run(change).outcome())).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        InMemoryState unborn = new InMemoryState(SettingsRules.defaults());
        Outcome first = new Transition()
                .apply(unborn, store.entry(change))
                .results()
                .get(0)
                .outcome();
        assertThat(reason(first)).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldStopAtWhatItDoesNotKnow() {
        Entry entry = store.entry(store.write(put("a", "1")));
        UnknownFieldSet unknown = UnknownFieldSet.newBuilder()
                .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        Entry.Builder deep = entry.toBuilder();
        deep.getCommandsBuilder(0)
                .getWriteBuilder()
                .getCommitBuilder()
                .getMutationsBuilder(0)
                .getPutBuilder()
                .setUnknownFields(unknown);
        Command raise = raise(2);
        for (Entry strange : new Entry[] {
            entry.toBuilder().setTransitionVersion(0).build(),
            entry.toBuilder().setTransitionVersion(2).build(),
            entry.toBuilder().addCommands(Command.getDefaultInstance()).build(),
            entry.toBuilder().setUnknownFields(unknown).build(),
            entry.toBuilder()
                    .setCommands(0, entry.getCommands(0).toBuilder().setUnknownFields(unknown))
                    .build(),
            deep.build(),
            entry.toBuilder().addCommands(raise).build()
        }) {
            assertThatThrownBy(() -> store.transition.apply(store.state, strange))
                    .isInstanceOf(UnknownEntryException.class);
        }
    }

    @Test
    void shouldRaiseTheVersionOnceAndOnlyThenTakeEntriesOfIt() {
        TestStore newer = new TestStore(SettingsRules.defaults(), new Transition(2));
        Entry second = newer.entry().toBuilder().setTransitionVersion(2).build();
        assertThatThrownBy(() -> newer.transition.apply(newer.state, second)).isInstanceOf(UnknownEntryException.class);

        assertThat(newer.run(raise(2)).outcome()).isEqualTo(new Outcome.SystemChanged(2));
        assertThat(newer.transition.apply(newer.state, second).results()).isEmpty();
        assertThat(reason(newer.run(raise(2)).outcome())).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void shouldNeverLetLogTimeFall() {
        store.seconds = 5;
        store.commit(put("a", "1"));
        assertThat(requireNonNull(store.row("a")).modifiedTime()).isEqualTo(new LogTime(1_000, 0));
        Entry nonsense = store.entry().toBuilder()
                .setLeaderTime(Timestamp.newBuilder().setSeconds(Long.MAX_VALUE))
                .build();
        assertThat(store.transition.apply(store.state, nonsense).counters().logTime())
                .isEqualTo(new LogTime(1_000, 0));
    }

    @Test
    void shouldRaiseTheHorizonByTime() {
        store.commit(put("a", "1"));
        store.seconds += 299;
        store.commit(put("a", "2"));
        assertThat(store.state.counters().horizon()).isZero();
        store.seconds += 10;
        store.commit(put("a", "3"));

        // Index 2 is the newest that is at least 300 s old: its state held until index 3.
        assertThat(store.state.counters().horizon()).isEqualTo(2);
    }

    @Test
    void shouldCutTheHorizonByBytes() {
        TestStore small = new TestStore(
                SettingsRules.defaults().toBuilder().setHistoryBytes(1_000).build());
        for (int i = 0; i < 40; i++) {
            small.commit(put("a", "x".repeat(100)));
            Counters counters = small.state.counters();
            long history = counters.supersededBytes()
                    - small.state.mark(counters.horizon()).supersededBytes();
            assertThat(history).isLessThanOrEqualTo(1_000);
        }
        assertThat(small.state.counters().horizon()).isBetween(32L, 38L);
    }

    @Test
    void shouldRaiseTheHorizonWhenToldTo() {
        store.commit(put("a", "1"));
        store.commit(put("a", "2"));
        long last = store.state.counters().lastIndex();

        assertThat(reason(store.run(raiseHorizon(last + 1)).outcome()))
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(store.run(raiseHorizon(last)).outcome()).isEqualTo(new Outcome.SystemChanged(last + 1));
        assertThat(store.state.counters().horizon()).isEqualTo(last);
        assertThat(store.run(raiseHorizon(1)).outcome()).isEqualTo(new Outcome.Nothing());
    }

    @Test
    void shouldTellOfOneHorizonWhenTimeRaisesItFurtherThanTold() {
        store.commit(put("a", "1"));
        store.commit(put("a", "2"));
        store.seconds += 600;
        List<SystemChange> changes =
                requireNonNull(store.run(raiseHorizon(1)).commit()).systemChanges();

        assertThat(changes)
                .containsExactly(
                        new SystemChange.HorizonRaised(store.state.counters().horizon()));
        assertThat(store.state.counters().horizon()).isGreaterThan(1);
    }

    private static Command raiseHorizon(long horizon) {
        return Command.newBuilder()
                .setRaiseHorizon(RaiseHorizonCommand.newBuilder().setHorizon(horizon))
                .build();
    }

    private static TableSettings settings(int ttlSeconds) {
        return TableSettings.newBuilder()
                .setDefaultTtl(Duration.newBuilder().setSeconds(ttlSeconds))
                .build();
    }

    private Command update(TableSettings settings, String... mask) {
        return Command.newBuilder()
                .setUpdateTable(UpdateTableCommand.newBuilder()
                        .setIdentity(store.identity())
                        .setRequest(UpdateTableRequest.newBuilder()
                                .setTable("t")
                                .setSettings(settings)
                                .setUpdateMask(FieldMask.newBuilder().addAllPaths(List.of(mask)))))
                .build();
    }

    private Command dropIf(long modifiedIndex) {
        DropTableCommand.Builder drop = store.dropTable("t").getDropTable().toBuilder();
        drop.getRequestBuilder().setIfModifiedIndex(modifiedIndex);
        return Command.newBuilder().setDropTable(drop).build();
    }

    private static Command dropStep(int limit) {
        return Command.newBuilder()
                .setDropStep(DropStepCommand.newBuilder().setTable("t").setLimit(limit))
                .build();
    }

    private static Command raise(int version) {
        return Command.newBuilder()
                .setRaiseVersion(RaiseVersionCommand.newBuilder().setTransitionVersion(version))
                .build();
    }
}
