// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import static io.tidemark.store.state.StateAssertions.ALL;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.tidemark.api.HistoryId;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.BootstrapRow;
import io.tidemark.proto.v1.BootstrapRowList;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.DeleteMutation;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.RowImage;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.SystemEffect;
import io.tidemark.proto.v1.SystemEffects;
import io.tidemark.proto.v1.Value;
import io.tidemark.store.KeySpan;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.copy.DifferentCopyException;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.engine.CommitRows;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.SimulatedDisk;
import io.tidemark.store.engine.View;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.format.Keys;
import io.tidemark.store.format.Rows;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.ChangeSettingsCommand;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.CreateTableCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.transition.RandomEntries;
import io.tidemark.store.transition.SystemChange;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a replica's store takes over beside rows: at its birth, and from the feed. */
class FollowTest {

    private static final StoreOptions OPTIONS = StoreModelTest.SMALL;
    private static final StoreSettings CHANGED = RandomEntries.SETTINGS.toBuilder()
            .setMaxValueBytes(99)
            .setMaxTables(7)
            .build();

    private final SimulatedDisk disk = new SimulatedDisk();
    private final Store node = Store.create(
            new SimulatedDisk().open(OPTIONS.engine()),
            StoreBirth.ofNewHistory(new HistoryId("0123456789abcdef"), RandomEntries.SETTINGS),
            OPTIONS);
    private int requests;

    @AfterEach
    void close() {
        node.close();
    }

    @Test
    void shouldBeginWithAllThatTheWelcomeSays() {
        apply(createTable("t"), changeSettings(CHANGED));
        try (Store replica = create()) {
            assertThat(replica.history()).isEqualTo(node.history());
            assertThat(replica.shardCount()).isEqualTo(node.shardCount());
            assertThat(replica.appliedIndex()).isEqualTo(2);
            assertThat(replica.horizon()).isEqualTo(2);
            assertThat(replica.logTime()).isEqualTo(node.logTime());
            assertThat(replica.settings()).isEqualTo(CHANGED);
            assertThat(replica.transitionVersion()).isEqualTo(node.transitionVersion());
            assertThat(replica.shards()).isEqualTo(Shards.NONE);
            assertThat(replica.replicaBirth()).isEqualTo(node.replicaBirth());
        }
    }

    @Test
    void shouldNotBeginWithoutAStart() {
        FeedWelcome welcome = welcome(node);
        for (FeedWelcome incomplete : List.of(
                welcome.toBuilder().clearStart().build(),
                welcome.toBuilder().setShardCount(8).build(),
                welcome.toBuilder().clearShardCount().clearStart().build())) {
            assertThatThrownBy(() -> StoreBirth.ofReplica(incomplete)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldTakeSettingsFromTheFeedAndKeepThem() {
        try (Store replica = create()) {
            apply(createTable("t"), changeSettings(CHANGED));
            follow(replica);
            assertThat(replica.settings()).isEqualTo(CHANGED);
            assertThat(replica.replicaBirth()).isEqualTo(node.replicaBirth());
            replica.checkpoint().join();
        }
        try (Store again = Store.open(disk.open(OPTIONS.engine()), OPTIONS)) {
            assertThat(again.settings()).isEqualTo(CHANGED);
        }
    }

    @Test
    void shouldTakeTheVersionFromTheFeedAndPassItOn() {
        try (Store replica = create()) {
            FeedCommit raised = commit(1, new SystemChange.VersionRaised(2));
            follow(replica, raised);
            assertThat(replica.transitionVersion()).isEqualTo(2);
            assertThat(sent(replica, 0)).containsExactly(raised);
            replica.checkpoint().join();
        }
        try (Store again = Store.open(disk.open(OPTIONS.engine()), OPTIONS)) {
            assertThat(again.transitionVersion()).isEqualTo(2);
            assertThat(again.replicaBirth().toFeedStart().getTransitionVersion())
                    .isEqualTo(2);
        }
    }

    @Test
    void shouldRefuseAnotherShardCount() {
        StoreSettings other = CHANGED.toBuilder().setShardCount(32).build();
        try (Store replica = create()) {
            assertThatThrownBy(() -> follow(replica, commit(1, new SystemChange.SettingsChanged(other))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("shard count 32");
            assertThat(replica.appliedIndex()).isZero();
            assertThat(replica.settings()).isEqualTo(RandomEntries.SETTINGS);
        }
    }

    @Test
    void shouldNotReadBelowTheIndexItBeganAt() {
        apply(createTable("t"), createTable("u"), changeSettings(CHANGED));
        try (Store replica = create()) {
            follow(replica, commit(4, new SystemChange.HorizonRaised(1)));
            assertThat(replica.horizon()).isEqualTo(3);
            assertThatThrownBy(() -> replica.viewAt(2)).isInstanceOf(BelowHorizonException.class);

            follow(replica, commit(5, new SystemChange.HorizonRaised(4)));
            assertThat(replica.horizon()).isEqualTo(4);
        }
    }

    @Test
    void shouldForgetWithAnAbandonedCopyWhatWasDeletedDuringIt() {
        int shard = ShardHash.shardOf("t", "a", StateAssertions.SHARD_COUNT);
        Shards other = Shards.of((shard + 1) % StateAssertions.SHARD_COUNT);
        apply(createTable("t"), put("a"));
        try (Store replica = create()) {
            replica.startCopy(Shards.of(shard).plus(other), 2);
            apply(delete("a"));
            follow(replica);
            replica.drop(other);
            assertThat(replica.copyUnderWay()).isEmpty();

            apply(put("a"));
            follow(replica);
            replica.startCopy(Shards.of(shard), 4);
            try (StoreView view = node.view();
                    RowChunks chunks = node.copy(view, Shards.of(shard), null, 1_000, 100)) {
                assertThat(replica.copyIn(requireNonNull(chunks.next()), 100)).isTrue();
                assertThat(chunks.next()).isNull();
                assertThat(replica.endCopy(1, 100)).isTrue();
            }
            try (StoreView view = replica.view()) {
                assertThat(requireNonNull(view.get(new RowName("t", "a"))).modifiedIndex())
                        .isEqualTo(4);
            }
        }
    }

    @Test
    void shouldForgetInStepsWhatWasDeletedDuringACopy() {
        apply(createTable("t"));
        for (int i = 100; i < 150; i++) {
            apply(put("k" + i));
        }
        try (Store replica = create();
                StoreView view = node.view()) {
            replica.startCopy(ALL, view.index());
            for (int i = 120; i < 150; i++) {
                apply(delete("k" + i));
            }
            for (int i = 100; i < 120; i++) {
                apply(put("z" + i));
                apply(delete("z" + i));
            }
            follow(replica);

            try (RowChunks chunks = node.copy(view, ALL, null, 1 << 20, 1_000)) {
                RowChunk chunk = requireNonNull(chunks.next());
                int steps = 1;
                while (!replica.copyIn(chunk, 7)) {
                    steps++;
                }
                assertThat(steps).isEqualTo(5);
            }
            assertThat(replica.endCopy(50, 7)).isFalse();
            assertThat(replica.endCopy(50, 7)).isFalse();
            assertThat(replica.endCopy(50, 7))
                    .as("those behind the copy's last row, and no others")
                    .isTrue();

            try (StoreView held = replica.view()) {
                StateAssertions.assertRows(held, rowsOf(node), ALL);
            }
            assertThat(replica.check(rows -> {}).isSound()).isTrue();
        }
    }

    @Test
    void shouldNotApplyEntriesUnlessItIsWhole() {
        try (Store replica = create()) {
            assertThat(replica.isWhole()).isFalse();
            assertThatThrownBy(() -> replica.apply(Entry.getDefaultInstance(), ByteString.EMPTY))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("holds 0 shards of 16");
            assertThatThrownBy(replica::backup).isInstanceOf(IllegalStateException.class);
        }
        assertThat(node.isWhole()).isTrue();
        node.startCopy(Shards.of(3), node.appliedIndex());
        assertThat(node.isWhole()).isFalse();
        assertThatThrownBy(() -> node.apply(Entry.getDefaultInstance(), ByteString.EMPTY))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a copy is under way");
    }

    @Test
    void shouldNotTakeARowOfAnotherShardThanItsOwn() {
        apply(createTable("t"), put("a"));
        int shard = ShardHash.shardOf("t", "a", StateAssertions.SHARD_COUNT);
        int other = (shard + 1) % StateAssertions.SHARD_COUNT;
        FeedCommit sent = sent(node, 1).get(0);
        FeedCommit.Builder moved = sent.toBuilder();
        moved.getShardsBuilder(0).setShard(other);
        try (Store replica = create(1)) {
            assertThatThrownBy(() -> follow(replica, moved.build()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("says shard " + other);
            assertThat(replica.appliedIndex()).isEqualTo(1);

            replica.startCopy(Shards.of(shard, other), 2);
            BootstrapRow row = BootstrapRow.newBuilder()
                    .setShard(other)
                    .setTable("t")
                    .setKey("a")
                    .setImage(RowImage.newBuilder().setVersion(1).setCreatedIndex(2))
                    .setModifiedIndex(2)
                    .build();
            assertThatThrownBy(() -> replica.copyIn(chunk(row), 100))
                    .isInstanceOf(DamagedCopyException.class)
                    .hasMessageContaining("says shard " + other);
            assertThatThrownBy(() -> replica.copyIn(
                            chunk(row.toBuilder().setShard((other + 1) % 16).build()), 100))
                    .isInstanceOf(DamagedCopyException.class);
            RowImage.Builder later = row.getImage().toBuilder().setCreatedIndex(3);
            assertThatThrownBy(() -> replica.copyIn(
                            chunk(row.toBuilder()
                                    .setShard(shard)
                                    .setImage(later)
                                    .setModifiedIndex(3)
                                    .build()),
                            100))
                    .isInstanceOf(DamagedCopyException.class);
            assertThat(replica.copyIn(chunk(row.toBuilder().setShard(shard).build()), 100))
                    .isTrue();
        }
    }

    @Test
    void shouldNotTakeRowsThatThereCannotBe() {
        BootstrapRow row = BootstrapRow.newBuilder()
                .setTable("t")
                .setKey("a")
                .setImage(RowImage.newBuilder().setVersion(1).setCreatedIndex(2))
                .setModifiedIndex(2)
                .build();
        assertThat(chunk(row).rowCount()).isEqualTo(1);
        Timestamp never = Timestamp.newBuilder().setNanos(-1).build();
        for (BootstrapRow strange : List.of(
                row.toBuilder().setTable("T").build(),
                row.toBuilder().setKey("").build(),
                row.toBuilder().setKey("k".repeat(1025)).build(),
                row.toBuilder().setModifiedTime(never).build(),
                row.toBuilder().setModifiedIndex(1).build(),
                row.toBuilder()
                        .setImage(row.getImage().toBuilder().setExpireTime(never))
                        .build(),
                row.toBuilder()
                        .setImage(row.getImage().toBuilder().setVersion(0))
                        .build(),
                row.toBuilder()
                        .setImage(row.getImage().toBuilder().setCreatedIndex(0))
                        .build())) {
            assertThatThrownBy(() -> chunk(strange)).isInstanceOf(DamagedCopyException.class);
        }
    }

    private static RowChunk chunk(BootstrapRow row) {
        ByteString rows = BootstrapRowList.newBuilder().addRows(row).build().toByteString();
        CRC32C crc = new CRC32C();
        crc.update(rows.toByteArray());
        return RowChunk.received(null, new RowName(row.getTable(), row.getKey()), rows, (int) crc.getValue());
    }

    /** Where a shard holds little of much, neither side passes all of it at once. */
    @Test
    void shouldCopyASparseShardInSteps() {
        apply(createTable("t"));
        for (int i = 100; i < 400; i++) {
            apply(put("k" + i));
        }
        Shards one = Shards.of(5);
        try (Store replica = create()) {
            replica.startCopy(ALL, replica.lowestCopyIndex());
            copy(replica, ALL, 1_000, 1_000);
            replica.drop(one);
            replica.startCopy(one, replica.lowestCopyIndex());
            List<Integer> rows = copy(replica, one, 20, 7);

            assertThat(rows).hasSize(15).contains(0);
            assertThat(replica.isWhole()).isTrue();
            assertThat(replica.counters().liveRows()).isEqualTo(300);
            try (StoreView view = replica.view()) {
                StateAssertions.assertRows(view, rowsOf(node), ALL);
            }
        }
    }

    private static NavigableMap<RowName, StoredRow> rowsOf(Store store) {
        NavigableMap<RowName, StoredRow> rows = new TreeMap<>();
        try (StoreView view = store.view()) {
            StateAssertions.rows(view, RowScan.Request.of(KeySpan.all("t")))
                    .forEach(row -> rows.put(row.name(), row.row()));
        }
        return rows;
    }

    /** Returns how many rows each chunk had. */
    private List<Integer> copy(Store replica, Shards shards, int sentMax, int takenMax) {
        List<Integer> rows = new ArrayList<>();
        long rowCount = 0;
        try (StoreView view = node.view();
                RowChunks chunks = node.copy(view, shards, null, 1 << 20, sentMax)) {
            for (RowChunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
                int steps = 1;
                while (!replica.copyIn(chunk, takenMax)) {
                    steps++;
                }
                assertThat(steps).isLessThanOrEqualTo(sentMax / takenMax + 1);
                rows.add(chunk.rowCount());
                rowCount += chunk.rowCount();
            }
        }
        assertThat(replica.endCopy(rowCount, takenMax)).isTrue();
        return rows;
    }

    @Test
    void shouldNotHoldACopyThatIsNotWhatItsSenderApplied() {
        apply(createTable("t"), put("a"), put("b"));
        Digest right = digestOf(node, ALL);
        Digest wrong = new Digest(right.high(), right.low() + 1, right.rowCount());
        try (Store replica = create()) {
            replica.startCopy(ALL, 3);
            try (StoreView view = node.view();
                    RowChunks chunks = node.copy(view, ALL, null, 1, 1)) {
                assertThat(replica.copyIn(requireNonNull(chunks.next()), 1)).isTrue();
            }
            replica.checkpoint().join();
        }
        // What came before a crash counts.
        try (Store replica = Store.open(disk.open(OPTIONS.engine()), OPTIONS)) {
            RowName passed = replica.copyUnderWay().orElseThrow().passed();
            try (StoreView view = node.view();
                    RowChunks chunks = node.copy(view, ALL, passed, 1 << 20, 100)) {
                assertThat(replica.copyIn(requireNonNull(chunks.next()), 100)).isTrue();
            }
            assertThatThrownBy(() -> replica.endCopy(wrong, 100)).isInstanceOf(DifferentCopyException.class);
            assertThat(replica.shards()).isEqualTo(Shards.NONE);

            assertThat(replica.endCopy(right, 100)).isTrue();
            assertThat(replica.shards()).isEqualTo(ALL);
        }
    }

    private static Digest digestOf(Store store, Shards shards) {
        DigestsAt digests = store.digests();
        return shards.stream().mapToObj(digests::shard).reduce(Digest.EMPTY, Digest::plus);
    }

    /**
     * What is counted with each write is not what lies here, and nobody knows since when. Taken over anew it must be as if nothing had
     * been, or it would differ for ever.
     */
    @Test
    void shouldForgetWithAShardItsWrongDigest() {
        apply(createTable("t"), put("a"));
        int shard = ShardHash.shardOf("t", "a", StateAssertions.SHARD_COUNT);
        try (Store replica = create()) {
            replica.startCopy(ALL, replica.lowestCopyIndex());
            copy(replica, ALL, 1_000, 1_000);
            replica.checkpoint().join();
        }
        putWrongly("a");
        try (Store replica = Store.open(disk.open(OPTIONS.engine()), OPTIONS)) {
            assertThat(replica.check(rows -> {}).differences()).containsOnlyKeys(shard);

            replica.drop(Shards.of(shard));
            assertThat(replica.dropping()).isEqualTo(Shards.of(shard));
            assertThat(replica.dropRows(1_000)).isFalse();
            assertThat(replica.dropping()).isEqualTo(Shards.NONE);
            assertThat(replica.digests().shard(shard)).isEqualTo(Digest.EMPTY);

            replica.startCopy(Shards.of(shard), replica.lowestCopyIndex());
            copy(replica, Shards.of(shard), 1_000, 1_000);
            assertThat(replica.check(rows -> {}).differences()).isEmpty();
            assertThat(replica.digests().shard(shard)).isEqualTo(node.digests().shard(shard));
        }
    }

    /** Another value lies on disk, and the digests are those of before. */
    private void putWrongly(String key) {
        RowName name = new RowName("t", key);
        try (Engine engine = disk.open(OPTIONS.engine())) {
            long sequence = engine.appliedIndex() + 1;
            byte[] stored;
            try (View view = engine.view()) {
                stored = requireNonNull(view.get(Spaces.ROWS, Keys.of(name))).value();
            }
            StoredRow right = Rows.decode(stored);
            StoredRow wrong = new StoredRow(
                    ByteString.copyFromUtf8("wrong"),
                    right.contentType(),
                    right.version(),
                    right.createdIndex(),
                    right.modifiedIndex(),
                    right.modifiedTime(),
                    right.expireTime());
            byte[] position = Progress.decode(sequence - 1, engine.position())
                    .withDigestsAt(sequence)
                    .encode();
            engine.apply(CommitRows.at(sequence, position)
                    .put(Spaces.ROWS, Keys.of(name), Rows.encode(Rows.shard(stored), wrong)));
            engine.checkpoint().join();
        }
    }

    @Test
    void shouldGoNoFurtherThanItUnderstands() {
        FeedCommit unknown = FeedCommit.newBuilder()
                .setIndex(1)
                .setLogTime(Timestamp.newBuilder().setSeconds(1_000))
                .setSystemEffects(SystemEffects.newBuilder()
                        .addEffects(SystemEffect.getDefaultInstance())
                        .build()
                        .toByteString())
                .build();

        assertThatThrownBy(() -> CommitEffects.of(unknown)).isInstanceOf(IllegalArgumentException.class);
    }

    /** What a node says to a subscriber that is empty. */
    static FeedWelcome welcome(Store node) {
        StoreBirth birth = node.replicaBirth();
        return FeedWelcome.newBuilder()
                .setHistoryId(birth.history().text())
                .setShardCount(birth.settings().getShardCount())
                .setAppliedIndex(birth.index())
                .setHorizon(node.horizon())
                .setStart(birth.toFeedStart())
                .build();
    }

    /** As if it had begun with an earlier index. */
    private Store create(long index) {
        StoreBirth now = node.replicaBirth();
        StoreBirth then = new StoreBirth(
                now.history(),
                now.settings(),
                Shards.NONE,
                index,
                now.logTime(),
                now.transitionVersion(),
                now.tables());
        return Store.create(disk.open(OPTIONS.engine()), then, OPTIONS);
    }

    private Store create() {
        return Store.create(disk.open(OPTIONS.engine()), StoreBirth.ofReplica(welcome(node)), OPTIONS);
    }

    private void apply(Command... commands) {
        Entry entry = Entry.newBuilder()
                .setTransitionVersion(1)
                .setLeaderTime(Timestamp.newBuilder().setSeconds(1_000))
                .addAllCommands(List.of(commands))
                .build();
        node.apply(entry, ByteString.EMPTY);
    }

    private Command createTable(String table) {
        return Command.newBuilder()
                .setCreateTable(CreateTableCommand.newBuilder()
                        .setIdentity(RequestIdentity.newBuilder().setRequestId("r" + requests++))
                        .setRequest(CreateTableRequest.newBuilder().setTable(table)))
                .build();
    }

    private Command put(String key) {
        Value value = Value.newBuilder()
                .setBytes(ByteString.copyFromUtf8("1"))
                .setContentType("text/plain")
                .build();
        return write(Mutation.newBuilder()
                .setPut(PutMutation.newBuilder().setKey(key).setValue(value)));
    }

    private Command delete(String key) {
        return write(Mutation.newBuilder().setDelete(DeleteMutation.newBuilder().setKey(key)));
    }

    private Command write(Mutation.Builder mutation) {
        return Command.newBuilder()
                .setWrite(WriteCommand.newBuilder()
                        .setIdentity(RequestIdentity.newBuilder()
                                .setRequestId("r" + requests++)
                                .setFirstSentIndex(node.appliedIndex()))
                        .setCommit(CommitRequest.newBuilder().addMutations(mutation.setTable("t"))))
                .build();
    }

    private static Command changeSettings(StoreSettings settings) {
        return Command.newBuilder()
                .setChangeSettings(ChangeSettingsCommand.newBuilder().setSettings(settings))
                .build();
    }

    private static FeedCommit commit(long index, SystemChange change) {
        FeedCommit commit =
                new CommitEffects(index, new LogTime(1_000, 0), List.of(), List.of(change)).forShards(Shards.NONE);
        return requireNonNull(commit);
    }

    private static List<FeedCommit> sent(Store store, long after) {
        List<FeedCommit> commits = new ArrayList<>();
        for (CommitEffects commit : store.feed().read(after, Long.MAX_VALUE).commits()) {
            FeedCommit sent = commit.forShards(StateAssertions.ALL);
            if (sent != null) {
                commits.add(sent);
            }
        }
        return commits;
    }

    private void follow(Store replica) {
        follow(replica, sent(node, replica.appliedIndex()).toArray(FeedCommit[]::new));
    }

    private static void follow(Store replica, FeedCommit... commits) {
        List<CommitEffects> effects = new ArrayList<>();
        for (FeedCommit commit : commits) {
            effects.add(CommitEffects.of(commit));
        }
        CommitEffects last = effects.get(effects.size() - 1);
        replica.follow(effects, last.index(), last.logTime(), ByteString.EMPTY);
    }
}
