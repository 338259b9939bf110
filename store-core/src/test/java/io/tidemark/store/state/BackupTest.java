// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.BootstrapRow;
import io.tidemark.proto.v1.BootstrapRowList;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.RowName;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.proto.v1.BackupHeader;
import io.tidemark.store.proto.v1.BackupTrailer;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupTest {

    private static final HistoryId OLD = new HistoryId("0123456789abcdef");
    private static final HistoryId NEW = new HistoryId("fedcba9876543210");
    /** A few rows for each chunk. */
    private static final int CHUNK_BYTES = 300;

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
            engine.compact().join();
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

    /** Tokens of the old history would be taken for tokens of the new. */
    @Test
    void shouldNotRestoreUnderTheSameHistory() throws IOException {
        byte[] backup = backup();
        Engine empty = new SimulatedDisk().open(StoreModelTest.SMALL.engine());
        assertThatThrownBy(() ->
                        Backup.restore(new ByteArrayInputStream(backup), empty, OLD, StoreModelTest.SMALL, NOBODY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("the backup's own");
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

    /** Damage that no checksum of a frame shows. */
    @Test
    void shouldNotTakeFramesThatAreNotTheBackups() throws IOException {
        List<BackupFrames.Frame> frames = BackupFrames.of(backup());
        int last = frames.size() - 1;
        assertThat(last).isGreaterThan(3);
        restore(BackupFrames.toBytes(frames)).close();

        refuse(frames, "out of order", some -> Collections.swap(some, 1, 2));
        refuse(frames, "out of order", some -> some.add(2, some.get(1)));
        refuse(frames, "as its trailer says", some -> some.remove(1));
        refuse(frames, "header", some -> some.remove(0));
        refuse(frames, "type 1 among", some -> some.add(1, some.get(0)));
        refuse(frames, "ends early", some -> some.remove(last));
        refuse(frames, "behind its trailer", some -> some.add(some.get(1)));
        refuse(frames, "type 9", some -> some.add(1, new BackupFrames.Frame((byte) 9, ByteString.EMPTY)));
        refuse(frames, "without any", some -> some.add(1, new BackupFrames.Frame((byte) 2, ByteString.EMPTY)));

        byte[] longer = Arrays.copyOf(BackupFrames.toBytes(frames), BackupFrames.toBytes(frames).length + 1);
        assertThatThrownBy(() -> restore(longer)).isInstanceOf(DamagedCopyException.class);
    }

    @Test
    void shouldNotTakeRowsThatAreNotTheBackups() throws IOException {
        List<BackupFrames.Frame> frames = BackupFrames.of(backup());
        long index = store.appliedIndex();
        refuse(
                frames,
                "digest",
                some -> change(some, row -> row.getImageBuilder().setContentType("text/other")));
        refuse(frames, "at index " + (index + 1), some -> change(some, row -> row.setModifiedIndex(index + 1)));
        refuse(frames, "says shard", some -> change(some, row -> row.setShard((row.getShard() + 1) % 16)));
        refuse(frames, "there cannot be", some -> change(some, row -> row.setKey("")));
        refuse(frames, "that its header names", some -> header(some, BackupHeader.Builder::clearTables));
    }

    @Test
    void shouldNotTakeAHeaderThatNoStoreCanBeginWith() throws IOException {
        List<BackupFrames.Frame> frames = BackupFrames.of(backup());
        refuse(frames, "transition version 2", some -> header(some, header -> header.setTransitionVersion(2)));
        refuse(frames, "transition version 0", some -> header(some, header -> header.setTransitionVersion(0)));
        refuse(frames, "of index -1", some -> header(some, header -> header.setIndex(-1)));
        refuse(
                frames,
                "shard_count",
                some -> header(some, header -> header.getSettingsBuilder().setShardCount(3)));
        refuse(frames, "a table twice", some -> header(some, header -> header.addTables(header.getTables(0))));
        refuse(
                frames,
                "no store can begin",
                some -> header(some, header -> header.getLogTimeBuilder().setNanos(-1)));
    }

    @Test
    void shouldCompareDigestsByWhatTheySay() throws IOException {
        List<BackupFrames.Frame> frames = BackupFrames.of(backup());
        refuse(frames, "digests of 15 shards", some -> trailer(some, trailer -> trailer.removeDigests(0)));
        refuse(frames, "two digests", some -> trailer(some, trailer -> trailer.addDigests(trailer.getDigests(0))));
        refuse(
                frames,
                "digest",
                some -> trailer(some, trailer -> trailer.getDigestsBuilder(3).setRowCount(99)));

        List<BackupFrames.Frame> said = new ArrayList<>(frames);
        trailer(said, trailer -> {
            ShardDigest first = trailer.getDigests(0);
            trailer.removeDigests(0).addDigests(first.toBuilder().addBucketDigests(ByteString.copyFromUtf8("more")));
        });
        restore(BackupFrames.toBytes(said)).close();
    }

    private static void refuse(
            List<BackupFrames.Frame> frames, String message, Consumer<List<BackupFrames.Frame>> damage) {
        List<BackupFrames.Frame> damaged = new ArrayList<>(frames);
        damage.accept(damaged);
        assertThatThrownBy(() -> restore(BackupFrames.toBytes(damaged)).close())
                .isInstanceOf(DamagedCopyException.class)
                .hasMessageContaining(message);
    }

    private static void change(List<BackupFrames.Frame> frames, Consumer<BootstrapRow.Builder> change) {
        BackupFrames.change(frames, 1, BootstrapRowList.parser(), list -> {
            BootstrapRowList.Builder changed = list.toBuilder();
            change.accept(changed.getRowsBuilder(0));
            return changed.build();
        });
    }

    private static void header(List<BackupFrames.Frame> frames, Consumer<BackupHeader.Builder> change) {
        BackupFrames.change(frames, 0, BackupHeader.parser(), header -> {
            BackupHeader.Builder changed = header.toBuilder();
            change.accept(changed);
            return changed.build();
        });
    }

    private static void trailer(List<BackupFrames.Frame> frames, Consumer<BackupTrailer.Builder> change) {
        BackupFrames.change(frames, frames.size() - 1, BackupTrailer.parser(), trailer -> {
            BackupTrailer.Builder changed = trailer.toBuilder();
            change.accept(changed);
            return changed.build();
        });
    }

    @Test
    void shouldNotOpenWhatAKilledRestoreLeft() throws IOException {
        byte[] backup = backup();
        Random random = new Random(5);
        int chunks = BackupFrames.of(backup).size() - 2;
        for (int kill = 1; kill <= chunks; kill++) {
            int killed = kill;
            SimulatedDisk disk = new SimulatedDisk();
            Engine engine = disk.open(StoreModelTest.SMALL.engine());
            int[] reached = {0};
            assertThatThrownBy(() -> Backup.restore(
                            new ByteArrayInputStream(backup), engine, NEW, StoreModelTest.SMALL, (place, estimated) -> {
                                engine.checkpoint().join();
                                reached[0]++;
                                if (reached[0] == killed) {
                                    disk.loseUnsynced(random);
                                    throw new IllegalStateException("killed");
                                }
                            }))
                    .hasMessage("killed");
            Engine left = disk.open(StoreModelTest.SMALL.engine());
            assertThatThrownBy(() -> Store.open(left, StoreModelTest.SMALL))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("delete the directory and restore again");
            left.close();
        }
    }

    @Test
    void shouldOpenWhatARestoreLeft() throws IOException {
        SimulatedDisk disk = new SimulatedDisk();
        Store restored = Backup.restore(
                new ByteArrayInputStream(backup()),
                disk.open(StoreModelTest.SMALL.engine()),
                NEW,
                StoreModelTest.SMALL,
                NOBODY);
        restored.close();
        disk.loseUnsynced(new Random(5));
        try (Store again = Store.open(disk.open(StoreModelTest.SMALL.engine()), StoreModelTest.SMALL)) {
            assertThat(again.isWhole()).isTrue();
            assertThat(again.appliedIndex()).isEqualTo(store.appliedIndex());
            assertThat(again.digests().shard(3)).isEqualTo(store.digests().shard(3));
        }
    }

    @Test
    void shouldLetGoOfTheDirectoryWhenItFails(@TempDir Path directory) {
        for (int i = 0; i < 2; i++) {
            Engine engine = MapDbEngine.open(directory, StoreModelTest.SMALL.engine());
            assertThatThrownBy(() -> Backup.restore(
                            new ByteArrayInputStream(new byte[20]), engine, NEW, StoreModelTest.SMALL, NOBODY))
                    .isInstanceOf(DamagedCopyException.class);
            assertThatThrownBy(() -> Store.open(directory, StoreModelTest.SMALL))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("there is no store");
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
            assertThat(places).hasSizeGreaterThan(1);
            assertThat(places.get(0).rows()).isGreaterThan(1);
            for (int i = 0; i < places.size(); i++) {
                assertThat(places.get(i).bytes()).isEqualTo(sizes.get(i).longValue());
                ByteArrayOutputStream resumed = new ByteArrayOutputStream();
                resumed.write(whole.toByteArray(), 0, sizes.get(i));
                resumed.write(backup(source, places.get(i)));
                assertThat(resumed.toByteArray()).isEqualTo(whole.toByteArray());
            }
        }
    }
}
