// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.InsecureChannelCredentials;
import io.tidemark.api.HistoryId;
import io.tidemark.node.birth.Birth;
import io.tidemark.node.birth.BirthOptions;
import io.tidemark.node.birth.Born;
import io.tidemark.node.birth.GrpcBirthTransport;
import io.tidemark.node.offline.NewNode;
import io.tidemark.node.offline.OfflineListener;
import io.tidemark.node.offline.Recovery;
import io.tidemark.node.offline.RestoreFromBackup;
import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.proto.v1.FirstMember;
import io.tidemark.server.process.StartException;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.state.Backup;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OfflineTest {

    private static final Duration ELECTION_MIN = Duration.ofMillis(600);
    private static final String NEW_CLUSTER = "test-2";

    @TempDir
    private Path root;

    private Path recovered() {
        return root.resolve("new");
    }

    private NewNode target(TestGroup group) throws IOException {
        return new NewNode(recovered().resolve("m1"), NEW_CLUSTER, group.newMember("m1"), StoreOptions.defaults());
    }

    @Test
    void shouldRecoverOneNodesCheckpointAndLogIntoAClusterOfOne() throws IOException {
        Map<String, String> before;
        long index;
        Path source;
        try (TestGroup group = TestGroup.of(root.resolve("old"), ELECTION_MIN, "n1", "n2", "n3")) {
            for (int i = 0; i < 130; i++) {
                group.put("k" + i % 40, "v" + i);
            }
            group.assertAllEqual();
            String follower = group.follower();
            index = TestGroup.store(group.node(follower)).appliedIndex();
            group.kill(follower);
            source = group.directory(follower);
        }
        before = contents(source);
        try (TestGroup group = new TestGroup(recovered(), ELECTION_MIN, NEW_CLUSTER)) {
            Recovery.Recovered recovered = Recovery.run(source, target(group), OfflineListener.NONE);
            group.belongTo(recovered.clusterId());
            assertThat(recovered.index()).isEqualTo(index);
            assertThat(recovered.oldHistory()).isEqualTo(TestGroup.HISTORY);
            assertThat(recovered.log().entries()).isPositive();
            assertThat(recovered.log().checkpointRaftIndex() + recovered.log().entries())
                    .isEqualTo(recovered.log().raftIndex());
            assertThat(recovered.describe()).contains("index " + index + " of history " + TestGroup.HISTORY);
            assertThat(contents(source)).isEqualTo(before);
            assertTakenByAStart(group, recovered.clusterId(), recovered.history());
            grow(group, recovered.history(), index);
            assertThat(TestGroup.get(TestGroup.store(group.node("m2")), "k9")).isEqualTo("v129");
        }
    }

    /** What it begins with must reach the second node by a checkpoint: no log has it. */
    private static void grow(TestGroup group, HistoryId history, long index) throws IOException {
        group.restart("m1");
        assertThat(group.awaitLeader()).isEqualTo("m1");
        Store first = TestGroup.store(group.node("m1"));
        assertThat(first.history()).isEqualTo(history).isNotEqualTo(TestGroup.HISTORY);
        assertThat(first.appliedIndex()).isEqualTo(index);
        group.newMember("m2");
        group.start("m2", new StartMode.Join());
        TestGroup.await(
                "the second node to be taken in",
                () -> group.node("m1")
                        .changeMembership(group.members("m1"), group.members("m1", "m2"))
                        .join()
                        .equals(new ChangeOutcome.Done()));
        group.put("after", "1");
        group.assertAllEqual();
        assertThat(TestGroup.store(group.node("m2")).history()).isEqualTo(history);
    }

    @Test
    void shouldNotRecoverTheRowsOfANodeThatWasOutvoted() throws IOException {
        try (TestGroup group = TestGroup.of(root.resolve("old"), ELECTION_MIN, "n1")) {
            group.put("k", "v");
            group.kill("n1");
            Path source = group.directory("n1");
            OutvotedMark mark = OutvotedMark.in(source);
            mark.write("its rows are wrong");

            assertThatThrownBy(() -> Recovery.run(source, target(group), OfflineListener.NONE))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("its rows are wrong")
                    .hasMessageContaining(mark.file().toString());
            assertThat(recovered()).doesNotExist();

            Files.delete(mark.file());
            assertThat(Recovery.run(source, target(group), OfflineListener.NONE).index())
                    .isPositive();
        }
    }

    @Test
    void shouldRestoreABackupIntoAClusterOfOne() throws IOException {
        Path backup = root.resolve("backup");
        DigestsAt digests;
        long index;
        try (TestGroup group = TestGroup.of(root.resolve("old"), ELECTION_MIN, "n1")) {
            for (int i = 0; i < 50; i++) {
                group.put("k" + i, "v" + i);
            }
            Store store = TestGroup.store(group.node("n1"));
            try (Backup.Source state = store.backup();
                    OutputStream out = Files.newOutputStream(backup)) {
                state.write(out, Backup.Place.START, (place, estimated) -> {});
            }
            digests = store.digests();
            index = store.appliedIndex();
            assertThatThrownBy(() -> Recovery.run(group.directory("n1"), target(group), OfflineListener.NONE))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("in use");
        }
        Disk.deleteTree(recovered());
        try (TestGroup group = new TestGroup(recovered(), ELECTION_MIN, NEW_CLUSTER)) {
            NewNode target = target(group);
            assertThatThrownBy(() -> RestoreFromBackup.run(backup, target, new OfflineListener() {
                        @Override
                        public void rows(long done, long estimated) {
                            throw new IllegalStateException("enough");
                        }
                    }))
                    .hasMessage("enough");
            assertThatThrownBy(() -> birth(group))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("broken off");
            assertThatThrownBy(() -> group.restart("m1"))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("did not come to its end");
            assertThatThrownBy(() -> group.start("m1", new StartMode.Join()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("did not come to its end");
            assertThatThrownBy(() -> RestoreFromBackup.run(backup, target, OfflineListener.NONE))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("not empty");
            Disk.deleteTree(target.directory());

            RestoreFromBackup.Restored restored = RestoreFromBackup.run(backup, target, OfflineListener.NONE);
            group.belongTo(restored.clusterId());
            assertThat(restored.index()).isEqualTo(index);
            assertTakenByAStart(group, restored.clusterId(), restored.history());
            group.restart("m1");
            String leader = group.awaitLeader();
            for (int shard = 0; shard < TestGroup.SHARDS; shard++) {
                assertThat(TestGroup.store(group.node(leader)).digests().shard(shard))
                        .isEqualTo(digests.shard(shard));
            }
            group.kill("m1");
            grow(group, restored.history(), index);
            assertThat(group.node("m1").membership().voters())
                    .isEqualTo(Set.of(group.member("m1"), group.member("m2")));
        }
    }

    @Test
    void shouldLeaveADirectoryThatNoStartAcceptsUntilItIsBorn() throws IOException {
        Path backup = root.resolve("backup");
        try (TestGroup group = TestGroup.of(root.resolve("old"), ELECTION_MIN, "n1");
                Backup.Source state = TestGroup.store(group.node("n1")).backup();
                OutputStream out = Files.newOutputStream(backup)) {
            state.write(out, Backup.Place.START, (place, estimated) -> {});
        }
        try (TestGroup group = new TestGroup(recovered(), ELECTION_MIN, NEW_CLUSTER)) {
            NewNode target = target(group);
            RestoreFromBackup.Restored first = RestoreFromBackup.run(backup, target, OfflineListener.NONE);
            // As if the process had ended just before its last act.
            Files.delete(target.directory().resolve("birth"));
            assertThatThrownBy(() -> birth(group))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("broken off");
            Disk.deleteTree(target.directory());

            RestoreFromBackup.Restored second = RestoreFromBackup.run(backup, target, OfflineListener.NONE);
            assertThat(second.clusterId()).isNotEqualTo(first.clusterId());
            assertThat(second.history()).isNotEqualTo(first.history());
        }
    }

    /** An ordinary start of a node sees one that was started before. */
    private void assertTakenByAStart(TestGroup group, String clusterId, HistoryId history) {
        Born born = birth(group);
        assertThat(born.start()).isEqualTo(Born.Start.RESTART);
        assertThat(born.clusterId()).isEqualTo(clusterId);
        assertThat(born.firstHistory()).isEqualTo(history);
        FirstMember member = born.cluster().getPlan().getMembers(0);
        assertThat(new Member(
                        member.getNodeId(),
                        member.getRaftAddress(),
                        member.getInternalAddress(),
                        member.getClientAddress()))
                .isEqualTo(group.member("m1"));
        assertThat(born.cluster().getPlan().getSettings().getShardCount()).isEqualTo(TestGroup.SHARDS);
    }

    /** With options that differ from what the cluster was born with, as they may after the first start. */
    private Born birth(TestGroup group) {
        BirthPlan options = BirthPlan.newBuilder()
                .setClusterName(NEW_CLUSTER)
                .addMembers(FirstMember.newBuilder()
                        .setNodeId("m1")
                        .setRaftAddress(group.member("m1").raftAddress()))
                .build();
        try (Birth birth = Birth.open(
                new BirthOptions(group.directory("m1"), "m1", options, false),
                new GrpcBirthTransport(InsecureChannelCredentials.create()),
                (delay, call) -> () -> {},
                () -> "another disk",
                Runnable::run)) {
            return birth.begin(() -> Consensus.wasStarted(group.directory("m1")))
                    .join();
        }
    }

    private static Map<String, String> contents(Path directory) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(
                        directory.relativize(file) + " " + Files.getLastModifiedTime(file),
                        Integer.toHexString(Arrays.hashCode(Files.readAllBytes(file))));
            }
        }
        return contents;
    }
}
