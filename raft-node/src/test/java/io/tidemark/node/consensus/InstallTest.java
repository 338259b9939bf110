// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static io.tidemark.node.consensus.TestGroup.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.store.RowName;
import io.tidemark.store.engine.EngineClosedException;
import io.tidemark.store.state.PinnedStore;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.ratis.server.protocol.TermIndex;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallTest {

    private static final int KEYS = 60;

    @TempDir
    private Path root;

    @Test
    void shouldNotCutReadersOffWhenTheStoreIsReplaced() throws IOException, InterruptedException {
        try (TestGroup group = TestGroup.of(root)) {
            fill(group, "old");
            String follower = group.follower();
            group.assertAllEqual();
            group.stop(follower);
            purge(group, follower);

            AtomicBoolean done = new AtomicBoolean();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            AtomicReference<Consensus> reading = new AtomicReference<>();
            Thread reader = new Thread(() -> read(reading, done, failure));
            reader.start();
            group.holdFirstViews();
            reading.set(group.restart(follower));
            group.assertAllEqual();
            TestGroup.Told told = group.told(follower);
            // The new store is there before it is told of.
            TestGroup.await("the new store to be told of", () -> told.events.size() >= 3);
            assertThat(told.events).containsSubsequence("store", "withdrawn", "store");
            done.set(true);
            reader.join();
            assertThat(failure.get()).isNull();

            StoreView held = Objects.requireNonNull(told.held);
            for (int key = 0; key < KEYS; key++) {
                assertThat(get(held, key)).isEqualTo("old" + "x".repeat(300));
            }
            held.close();
            Store first = Objects.requireNonNull(told.firstStore);
            assertThatThrownBy(first::view).isInstanceOf(EngineClosedException.class);
        }
    }

    private static void read(
            AtomicReference<@Nullable Consensus> reading,
            AtomicBoolean done,
            AtomicReference<@Nullable Throwable> failure) {
        while (!done.get() && failure.get() == null) {
            Consensus node = reading.get();
            try {
                if (node != null) {
                    node.store().ifPresent(InstallTest::readAll);
                }
            } catch (EngineClosedException replaced) {
                // To be asked again, of the store that there is then.
            } catch (RuntimeException | AssertionError e) {
                failure.set(e);
            }
        }
    }

    private static void readAll(Store store) {
        try (StoreView view = store.view()) {
            for (int key = 0; key < KEYS; key++) {
                assertThat(get(view, key)).isNotNull();
            }
        }
    }

    private static @Nullable String get(StoreView view, int key) {
        var row = view.get(new RowName(TestGroup.TABLE, "k" + key));
        return row == null ? null : row.value().toStringUtf8();
    }

    private static void fill(TestGroup group, String value) {
        for (int key = 0; key < KEYS; key++) {
            group.put("k" + key, value + "x".repeat(300));
        }
    }

    /** Nobody falls so far behind that the log is dropped before it, and a checkpoint takes its store's place. */
    private static void fillTogether(TestGroup group, String value) {
        for (int key = 0; key < KEYS; key++) {
            group.put("k" + key, value + "x".repeat(300));
            if (key % 10 == 9) {
                group.assertAllEqual();
            }
        }
        group.assertAllEqual();
    }

    private static void purge(TestGroup group, String follower) {
        long behind = group.node(group.awaitLeader()).commitIndex();
        for (int i = 0; i < 4; i++) {
            fill(group, "new" + i);
        }
        await("the log to be purged behind " + follower, () -> {
            group.put("purge", "p".repeat(300));
            return group.node(group.awaitLeader()).firstLogIndex() > behind + 1;
        });
    }

    /** The moment after the old store was moved away, before the received one is in its place. */
    @Test
    void shouldFinishAnInstallationThatACrashEndedInTheMiddle() throws IOException {
        try (TestGroup group = TestGroup.of(root)) {
            fill(group, "old");
            group.assertAllEqual();
            String follower = group.follower();
            group.kill(follower);
            fill(group, "new");
            Consensus leader = group.node(group.awaitLeader());
            TestGroup.store(leader).checkpoint().join();
            Path directory = group.directory(follower);
            Path received =
                    Objects.requireNonNull(receive(group, leader, follower).getParent());
            OutvotedMark.in(directory).write("of the old store");
            Files.move(NodeLayout.store(directory), NodeLayout.oldStore(directory));
            Files.createDirectories(NodeLayout.newStore(directory));
            Files.writeString(NodeLayout.newStore(directory).resolve("half"), "a file of which half was written");

            group.restart(follower);
            assertThat(Files.exists(NodeLayout.oldStore(directory))).isFalse();
            assertThat(Files.exists(NodeLayout.newStore(directory))).isFalse();
            assertThat(Disk.children(received)).isEmpty();
            assertThat(OutvotedMark.in(directory).read()).isEmpty();
            group.put("after", "1");
            group.assertAllEqual();
        }
    }

    /** It goes on keeping the log and making checkpoints, none of which names it, and is still marked then. */
    @Test
    void shouldKeepTheMarkOfAStoreForAsLongAsTheStore() throws IOException {
        try (TestGroup group = TestGroup.of(root)) {
            fill(group, "old");
            group.assertAllEqual();
            String follower = group.follower();
            group.kill(follower);
            OutvotedMark mark = OutvotedMark.in(group.directory(follower));
            mark.write("wrong");

            Consensus restarted = group.restart(follower);
            group.assertAllEqual();
            fillTogether(group, "new");
            TestGroup.store(restarted).checkpoint().join();
            try (PinnedStore pinned = TestGroup.store(restarted).pinCheckpoint()) {
                Path copy = root.resolve("copy");
                pinned.files().linkTo(copy);
                assertThat(copy).isDirectoryNotContaining("glob:**outvoted");
            }
            group.stop(follower);
            group.restart(follower);
            assertThat(mark.read()).contains("wrong");
        }
    }

    /** The leader sends another one if this node needs it. */
    @Test
    void shouldDoWithoutADamagedCheckpointWhereTheLogGoesOnFromTheStore() throws IOException {
        try (TestGroup group = TestGroup.of(root)) {
            fill(group, "old");
            group.assertAllEqual();
            String follower = group.follower();
            group.kill(follower);
            fill(group, "new");
            Consensus leader = group.node(group.awaitLeader());
            TestGroup.store(leader).checkpoint().join();
            Path received = receive(group, leader, follower);
            damage(received);

            group.restart(follower);
            assertThat(Disk.children(Objects.requireNonNull(received.getParent())))
                    .isEmpty();
            group.put("after", "1");
            group.assertAllEqual();
        }
    }

    /** What the log holds was acknowledged, and what it follows is only in the checkpoint. */
    @Test
    void shouldKeepADamagedCheckpointThatTheLogGoesOnFrom() throws IOException {
        try (TestGroup group = TestGroup.of(root)) {
            fill(group, "old");
            group.assertAllEqual();
            String follower = group.follower();
            group.kill(follower);
            fill(group, "new");
            Consensus leader = group.node(group.awaitLeader());
            TestGroup.store(leader).checkpoint().join();
            Path received = receive(group, leader, follower);
            damage(received);
            Path directory = group.directory(follower);
            Path log = NodeLayout.log(directory, new NodeIdentity(TestGroup.CLUSTER, follower).group());
            for (var segment : LogFiles.in(log)) {
                Files.delete(segment.getPath());
            }
            Files.writeString(log.resolve("log_inprogress_1000000"), "RaftLog1 and entries");

            assertThatThrownBy(() -> group.restart(follower))
                    .hasStackTraceContaining("is damaged, and the log goes on");
            assertThat(received).exists();
            assertThat(log.resolve("log_inprogress_1000000")).exists();
        }
    }

    private static Path receive(TestGroup group, Consensus leader, String follower) throws IOException {
        Path received =
                NodeLayout.received(group.directory(follower), new NodeIdentity(TestGroup.CLUSTER, follower).group());
        try (PinnedStore pinned = TestGroup.store(leader).pinCheckpoint()) {
            TermIndex at = Objects.requireNonNull(
                    RaftPosition.decode(pinned.checkpoint().position()));
            Path checkpoint = received.resolve(CheckpointName.of(at));
            pinned.files().linkTo(checkpoint);
            return checkpoint;
        }
    }

    /** Of every file, half of its bytes; the leader's are linked, so in a copy. */
    private static void damage(Path checkpoint) throws IOException {
        for (Path file : Disk.children(checkpoint)) {
            byte[] bytes = Files.readAllBytes(file);
            Files.delete(file);
            for (int i = 0; i < bytes.length; i += 2) {
                bytes[i] ^= 1;
            }
            Files.write(file, bytes);
        }
    }
}
