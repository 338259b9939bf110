// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.RowName;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.RowSize;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.validate.SettingsRules;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the settings allow at most, a store must be able to apply: an entry that nobody can apply stops every node. */
class LimitsTest {

    private static final StoreOptions OPTIONS = StoreOptions.defaults();
    private static final StoreSettings HIGHEST = SettingsRules.defaults().toBuilder()
            .setShardCount(16)
            .setAutoCreateTables(true)
            .setMaxValueBytes(SettingsRules.VALUE_BYTES_MAX)
            .setMaxCommitBytes(SettingsRules.COMMIT_BYTES_MAX)
            .setMaxCommitRows(SettingsRules.COMMIT_ROWS_MAX)
            .setMaxCommitConditions(SettingsRules.COMMIT_CONDITIONS_MAX)
            .setMaxTables(SettingsRules.TABLES_MAX)
            .build();

    private final SimulatedDisk disk = new SimulatedDisk();
    private final Store store = Store.create(disk.open(OPTIONS.engine()), birth(HIGHEST), OPTIONS);
    private int requests;

    @AfterEach
    void close() {
        store.close();
    }

    private static StoreBirth birth(StoreSettings settings) {
        return StoreBirth.ofNewHistory(new HistoryId("0123456789abcdef"), settings);
    }

    @Test
    void shouldApplyTheLargestValueThereIs() {
        RowName name = new RowName("t", "k".repeat(1024));
        int room = (int) (SettingsRules.COMMIT_BYTES_MAX - RowSize.ofTombstone(name) - "x".length());
        ByteString value = ByteString.copyFrom(new byte[room]);

        assertThat(apply(CommitRequest.newBuilder().addMutations(put(name, value))))
                .isInstanceOf(Outcome.Committed.class);
        store.checkpoint().join();
        try (StoreView view = store.view()) {
            assertThat(requireNonNull(view.get(name)).value()).isEqualTo(value);
        }
        assertThat(apply(
                        CommitRequest.newBuilder().addMutations(put(name, value.concat(ByteString.copyFromUtf8("x"))))))
                .isInstanceOf(Outcome.Refused.class);
    }

    /** Each row in a table of its own, which the commit makes, so that its record is as large as one can be. */
    @Test
    void shouldApplyTheCommitWithTheLargestRecordThereIs() {
        CommitRequest.Builder commit = CommitRequest.newBuilder();
        long effects = 0;
        int tables = 0;
        int mutations = 0;
        while (true) {
            RowName name = new RowName(String.format("t%063d", tables++), "k".repeat(30));
            long effect = RowSize.ofTombstone(name) + "x".length();
            if (effects + effect <= SettingsRules.COMMIT_BYTES_MAX && mutations < SettingsRules.COMMIT_ROWS_MAX) {
                commit.addMutations(put(name, ByteString.EMPTY));
                effects += effect;
                mutations++;
            } else {
                break;
            }
        }
        assertThat(mutations).isEqualTo(SettingsRules.COMMIT_ROWS_MAX);

        assertThat(apply(commit)).isInstanceOf(Outcome.Committed.class);
        assertThat(store.feed().read(0, Long.MAX_VALUE).commits().get(0).rows()).hasSize(mutations);
    }

    /** A table stays though its row does not. */
    @Test
    void shouldApplyACommitThatMakesTablesOnly() {
        CommitRequest.Builder commit = CommitRequest.newBuilder();
        for (int i = 0; i < SettingsRules.COMMIT_ROWS_MAX / 2; i++) {
            RowName name = new RowName(String.format("t%063d", i), "k");
            commit.addMutations(put(name, ByteString.EMPTY));
            commit.addMutations(Mutation.newBuilder()
                    .setTable(name.table())
                    .setDelete(DeleteMutation.newBuilder().setKey("k")));
        }
        assertThat(apply(commit)).isInstanceOf(Outcome.Committed.class);
        assertThat(store.counters().tables()).isEqualTo(SettingsRules.COMMIT_ROWS_MAX / 2);
    }

    @Test
    void shouldNotBeBornWithSettingsBeyondTheBounds() {
        for (StoreSettings beyond : List.of(
                HIGHEST.toBuilder().setShardCount(3).build(),
                HIGHEST.toBuilder()
                        .setMaxValueBytes(SettingsRules.VALUE_BYTES_MAX + 1)
                        .build(),
                HIGHEST.toBuilder()
                        .setMaxCommitBytes(SettingsRules.COMMIT_BYTES_MAX + 1)
                        .build(),
                HIGHEST.toBuilder()
                        .setMaxCommitRows(SettingsRules.COMMIT_ROWS_MAX + 1)
                        .build(),
                HIGHEST.toBuilder()
                        .setMaxCommitConditions(SettingsRules.COMMIT_CONDITIONS_MAX + 1)
                        .build(),
                HIGHEST.toBuilder().setMaxTables(SettingsRules.TABLES_MAX + 1).build())) {
            assertThatThrownBy(() -> birth(beyond))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("settings.");
        }
    }

    private Outcome apply(CommitRequest.Builder commit) {
        Entry entry = Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .setLeaderTime(Timestamp.newBuilder().setSeconds(1_000))
                .addCommands(Command.newBuilder()
                        .setWrite(WriteCommand.newBuilder()
                                .setIdentity(RequestIdentity.newBuilder()
                                        .setRequestId("r" + requests++)
                                        .setFirstSentIndex(store.appliedIndex()))
                                .setCommit(commit)))
                .build();
        return store.apply(entry, ByteString.EMPTY).results().get(0).outcome();
    }

    private static Mutation put(RowName name, ByteString value) {
        return Mutation.newBuilder()
                .setTable(name.table())
                .setPut(PutMutation.newBuilder()
                        .setKey(name.key())
                        .setValue(Value.newBuilder().setBytes(value).setContentType("x")))
                .build();
    }
}
