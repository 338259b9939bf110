// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.proto.v1.AddNodeResponse;
import io.tidemark.proto.v1.Existence;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.Value;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.history.Checks;
import io.tidemark.verify.history.Digests;
import io.tidemark.verify.history.History;
import io.tidemark.verify.history.Recorder;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node with an empty disk joins a cluster that no longer has the beginning of its log. */
@Tag("faults")
class JoinIT {

    private static final Duration TIMEOUT = Duration.ofMinutes(2);

    private static final int LARGE = 500_000;
    private static final int LARGE_WRITES = 10;

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldJoinFromACheckpointWhileWritesGoOn() throws Exception {
        long seed = Rounds.seed("join");
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                        servers,
                        3,
                        "--raft.checkpoint-entries=100",
                        "--raft.kept-entries=0",
                        "--raft.segment-bytes=1MiB",
                        "--raft.election-min=3s",
                        "--raft.election-max=6s");
                Recorder recorder = new Recorder(new Recorder.Plan(
                        cluster.endpoints(),
                        List.of("t"),
                        4,
                        100,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(60),
                        seed))) {
            recorder.start();
            fillLog(cluster);
            awaitPurged(cluster, recorder);
            NodeUnderTest joining = cluster.startJoining("n4");

            add(cluster, joining);
            long joined = recorder.acknowledgedSoFar();
            while (recorder.acknowledgedSoFar() < joined + 50) {
                ClusterUnderTest.sleep(20);
            }
            History history = recorder.finish();

            assertThat(Checks.of(history)).as("logs: " + servers.directory()).isEmpty();
            Map<String, String> digests = Digests.ofAll(
                    cluster.nodes().stream().map(cluster::channel).toList(), history.throughIndex(), TIMEOUT);
            assertThat(digests).hasSize(4);
            assertThat(new HashSet<>(digests.values()))
                    .as("logs: " + servers.directory())
                    .hasSize(1);
            assertThat(holdsFirstEntry(joining.server()))
                    .as("n4 has the first Raft entry: it was not given a checkpoint")
                    .isFalse();
            Rounds.say("join", "n4 joined while " + history.operations().size() + " operations were done");
        }
    }

    /** Some segments of the log, by writes that are refused: they leave no commit in the history that is recorded. */
    private static void fillLog(ClusterUnderTest cluster) {
        PutRequest refused = PutRequest.newBuilder()
                .setTable("t")
                .setKey("nobody")
                .setValue(Value.newBuilder().setText("x".repeat(LARGE)))
                .setCondition(RowCondition.newBuilder().setExistence(Existence.EXISTENCE_PRESENT))
                .build();
        KeyValueGrpc.KeyValueBlockingStub stub = KeyValueGrpc.newBlockingStub(
                cluster.channel(cluster.awaitLeader(TIMEOUT).node()));
        for (int i = 0; i < LARGE_WRITES; i++) {
            assertThatThrownBy(() -> stub.withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                            .put(refused))
                    .hasMessageContaining("ABORTED");
        }
    }

    private static void add(ClusterUnderTest cluster, NodeUnderTest joining) {
        NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
        Iterator<AddNodeResponse> progress = MaintenanceGrpc.newBlockingStub(cluster.channel(leader))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .addNode(AddNodeRequest.newBuilder()
                        .setNodeId(joining.id())
                        .setRaftAddress("127.0.0.1:" + joining.raftPort())
                        .setInternalAddress("127.0.0.1:" + joining.internalPort())
                        .setClientAddress(joining.endpoint())
                        .build());
        AddNodeResponse last = AddNodeResponse.getDefaultInstance();
        while (progress.hasNext()) {
            last = progress.next();
        }
        assertThat(last.getNode().getNodeId()).isEqualTo(joining.id());
    }

    private void awaitPurged(ClusterUnderTest cluster, Recorder recorder) {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (cluster.nodes().stream().anyMatch(node -> holdsFirstEntry(node.server()))) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("the logs still have their first entry after " + TIMEOUT + " and "
                        + recorder.acknowledgedSoFar() + " writes: " + servers.directory());
            }
            ClusterUnderTest.sleep(100);
        }
    }

    /** Ratis names the files of its log {@code log_<first>-<last>} and {@code log_inprogress_<first>}. */
    private static boolean holdsFirstEntry(ServerUnderTest server) {
        try (Stream<Path> files = Files.walk(server.dataDir())) {
            return files.map(file -> file.getFileName().toString())
                    .anyMatch(name -> name.startsWith("log_0-") || name.equals("log_inprogress_0"));
        } catch (UncheckedIOException | IOException e) {
            // A file went away while the directory was read.
            return true;
        }
    }
}
