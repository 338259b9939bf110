// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.RowName;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.CreateTableCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.RandomEntries;
import io.tidemark.store.transition.Transition;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BackupTest {

    private static final HistoryId OLD = new HistoryId("0123456789abcdef");
    private static final HistoryId NEW = new HistoryId("fedcba9876543210");
    private static final int CHUNK_BYTES = 60;
    private static final Backup.Listener NOBODY = (place, estimated) -> {};

    private final History history = new History(7);
    private final Engine engine = new SimulatedDisk().open(StoreModelTest.SMALL.engine());
    private final Store store =
            Store.create(engine, StoreBirth.ofNewHistory(OLD, RandomEntries.SETTINGS), StoreModelTest.SMALL);

    @BeforeEach
    void writeSome() {
        grow(200);
    }

    private void grow(int entries) {
        for (int i = 0; i < entries; i++) {
            history.grow();
            store.apply(history.entry(history.entryCount() - 1), ByteString.EMPTY);
        }
    }

    private byte[] backup() throws IOException {
        try (Backup.Source source = store.backup()) {
            return backup(source, Backup.Place.START);
        }
    }

    private static byte[] backup(Backup.Source source, Backup.Place from) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        source.write(out, from, CHUNK_BYTES, NOBODY);
        return out.toByteArray();
    }

    private static Store restore(byte[] backup) throws IOException {
        Engine engine = new SimulatedDisk().open(StoreModelTest.SMALL.engine());
        return Backup.restore(new ByteArrayInputStream(backup), engine, NEW, StoreModelTest.SMALL, NOBODY);
    }

    @Test
    void shouldRestoreTheStateOfItsIndexUnderANewHistory() throws IOException {
        byte[] backup;
        long index;
        try (Backup.Source source = store.backup()) {
            index = source.index();
            grow(60);
            store.checkpoint().join();
            SimulatedDisk.compact(engine);
            backup = backup(source, Backup.Place.START);
        }
        assertThat(store.appliedIndex()).isGreaterThan(index);

        Store restored = restore(backup);
        assertThat(restored.history()).isEqualTo(NEW);
        assertThat(restored.appliedIndex()).isEqualTo(index);
        assertThat(restored.horizon()).isEqualTo(index);
        assertThat(restored.shards()).isEqualTo(StateAssertions.ALL);
        StateAssertions.assertReads(restored, history, index, new Random(1));
        assertThat(restored.check(rows -> {}).isSound()).isTrue();
        assertThat(restored.counters().liveRows())
                .isEqualTo(history.at(index).rows().size());
        restored.close();
    }

    /** The window of request ids does not travel, so a retry from before must not be taken for a first attempt. */
    @Test
    void shouldRefuseRetriesFromBeforeTheBackup() throws IOException {
        Store restored = restore(backup());
        assertThat(restored.counters().windowFloor()).isEqualTo(restored.appliedIndex());
        Entry retry = createTable("retry", restored.appliedIndex() - 1);
        Outcome outcome =
                restored.apply(retry, ByteString.EMPTY).results().get(0).outcome();
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Outcome.Refused.class,
                        refused -> assertThat(refused.refusal().reason())
                                .isEqualTo(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED));
        restored.close();
    }

    private static Entry createTable(String requestId, long firstSentIndex) {
        return Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .addCommands(Command.newBuilder()
                        .setCreateTable(CreateTableCommand.newBuilder()
                                .setIdentity(RequestIdentity.newBuilder()
                                        .setRequestId(requestId)
                                        .setFirstSentIndex(firstSentIndex))
                                .setRequest(CreateTableRequest.newBuilder().setTable("fresh"))))
                .build();
    }

    @Test
    void shouldGoOnAfterARestore() throws IOException {
        Store restored = restore(backup());
        restored.apply(createTable("create", restored.appliedIndex()), ByteString.EMPTY);
        long before = restored.appliedIndex();
        for (int i = 1; i <= 30; i++) {
            Outcome outcome = restored.apply(put(restored, "k" + i % 7, i), ByteString.EMPTY)
                    .results()
                    .get(0)
                    .outcome();
            assertThat(outcome).isInstanceOf(Outcome.Committed.class);
            assertThat(restored.appliedIndex()).isEqualTo(before + i);
        }
        try (StoreView view = restored.view()) {
            assertThat(view.get(new RowName("fresh", "k2")))
                    .isNotNull()
                    .satisfies(row -> assertThat(row.value().toStringUtf8()).isEqualTo("30"));
        }
        assertThat(restored.check(rows -> {}).isSound()).isTrue();
        restored.close();
    }

    private static Entry put(Store store, String key, int value) {
        PutMutation put = PutMutation.newBuilder()
                .setKey(key)
                .setValue(Value.newBuilder()
                        .setBytes(ByteString.copyFromUtf8(Integer.toString(value)))
                        .setContentType("text/plain"))
                .build();
        return Entry.newBuilder()
                .setTransitionVersion(Transition.VERSION_FIRST)
                .addCommands(Command.newBuilder()
                        .setWrite(WriteCommand.newBuilder()
                                .setIdentity(RequestIdentity.newBuilder()
                                        .setRequestId("put-" + value)
                                        .setFirstSentIndex(store.appliedIndex()))
                                .setCommit(CommitRequest.newBuilder()
                                        .addMutations(Mutation.newBuilder()
                                                .setTable("fresh")
                                                .setPut(put)))))
                .build();
    }

    @Test
    void shouldNotTakeADamagedBackup() throws IOException {
        byte[] backup = backup();
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            byte[] damaged = backup.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> restore(damaged).close()).isInstanceOf(DamagedCopyException.class);
        }
        for (int i = 0; i < 100; i++) {
            byte[] cut = Arrays.copyOf(backup, random.nextInt(backup.length));
            assertThatThrownBy(() -> restore(cut).close()).isInstanceOf(DamagedCopyException.class);
        }
    }

    @Test
    void shouldGoOnWhereItBrokeOff() throws IOException {
        try (Backup.Source source = store.backup()) {
            List<Backup.Place> places = new ArrayList<>();
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            List<Integer> sizes = new ArrayList<>();
            source.write(whole, Backup.Place.START, CHUNK_BYTES, (place, estimated) -> {
                places.add(place);
                sizes.add(whole.size());
            });
            assertThat(places).hasSizeGreaterThan(3);
            for (int i = 0; i < places.size(); i++) {
                ByteArrayOutputStream resumed = new ByteArrayOutputStream();
                resumed.write(whole.toByteArray(), 0, sizes.get(i));
                resumed.write(backup(source, places.get(i)));
                assertThat(resumed.toByteArray()).isEqualTo(whole.toByteArray());
            }
        }
    }
}
