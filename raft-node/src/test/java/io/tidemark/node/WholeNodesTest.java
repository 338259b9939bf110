// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Context;
import io.tidemark.proto.v1.BackupRequest;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.CreateCheckpointRequest;
import io.tidemark.proto.v1.CreateCheckpointResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.RaiseHorizonRequest;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.VerifyDepth;
import io.tidemark.proto.v1.VerifyDigestsRequest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.store.copy.BackupReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes that nothing happens to: what a user and an operator ask of any of them. */
@Timeout(120)
class WholeNodesTest {

    private static final List<String> IDS = List.of("n1", "n2", "n3");

    @TempDir
    private static Path directory;

    private static TestCluster cluster;

    @BeforeAll
    static void start() {
        cluster = TestCluster.of(directory, "n1", "n2", "n3");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void shouldTellTheStatusOfAnyNodeAtAnyNode() {
        String leader = cluster.leader();
        for (String asked : IDS) {
            for (String named : IDS) {
                GetStatusResponse status = cluster.maintenance(asked)
                        .getStatus(
                                GetStatusRequest.newBuilder().setServerId(named).build());
                assertThat(status.getServerId()).isEqualTo(named);
                assertThat(status.getHeader().getServedBy()).isEqualTo(named);
                assertThat(status.getNode().getLeaderId()).isEqualTo(leader);
                assertThat(status.getNotReadyList()).isEmpty();
            }
        }
        assertThatThrownBy(() -> cluster.maintenance("n1")
                        .getStatus(
                                GetStatusRequest.newBuilder().setServerId("n9").build()))
                .hasMessageContaining("n9")
                .satisfies(e -> assertThat(TestCluster.reason(e)).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND));
    }

    @Test
    void shouldHaveOneTopology() {
        TestCluster.await(
                "all have one topology",
                () -> hard("n1").equals(hard("n2")) && hard("n2").equals(hard("n3")));

        Topology topology = hard("n1");
        assertThat(topology.getNodesList()).hasSize(3).allSatisfy(node -> {
            assertThat(node.getMembership()).isEqualTo(NodeMembership.NODE_MEMBERSHIP_VOTER);
            assertThat(node.getClientAddress())
                    .isEqualTo(cluster.addressesOf(node.getNodeId()).getClientAddress());
        });
        assertThat(topology.getVersion().getTerm()).isPositive();
    }

    /** Without what is as old as it says. */
    private static Topology hard(String id) {
        Topology.Builder topology = cluster.topology(id).toBuilder();
        topology.getNodesBuilderList()
                .forEach(node -> node.clearLastHeard()
                        .clearAppliedIndex()
                        .clearHorizon()
                        .clearRole()
                        .clearTerm());
        return topology.build();
    }

    @Test
    void shouldWriteAndReadAtAnyNode() {
        for (String writer : IDS) {
            String key = "written-at-" + writer;
            PutResponse put = cluster.put(writer, key, "1");
            for (String reader : IDS) {
                assertThat(cluster.get(reader, key).getRow().getValue().getText())
                        .isEqualTo("1");
                assertThat(cluster.keyValue(reader)
                                .scan(ScanRequest.newBuilder()
                                        .setTable(TestCluster.TABLE)
                                        .setPrefix(key)
                                        .build())
                                .getRowsList())
                        .hasSize(1);
            }
            for (String watcher : IDS) {
                Iterator<WatchResponse> answers = cluster.keyValue(watcher)
                        .watch(WatchRequest.newBuilder()
                                .setTable(TestCluster.TABLE)
                                .setFromIndex(put.getIndex())
                                .setHistoryId(put.getHeader().getHistoryId())
                                .build());
                List<WatchEvent> events = new ArrayList<>();
                while (events.isEmpty()) {
                    events.addAll(answers.next().getEventsList());
                }
                assertThat(events.get(0).getIndex()).isEqualTo(put.getIndex());
                assertThat(events.get(0).getRow().getKey()).isEqualTo(key);
            }
        }
    }

    @Test
    void shouldMakeACheckpointOfTheNodeThatIsNamed() {
        for (String named : IDS) {
            long index = cluster.put("n1", "before-checkpoint", named).getIndex();
            cluster.awaitApplied(named, index);
            CreateCheckpointResponse made = cluster.maintenance("n2")
                    .createCheckpoint(CreateCheckpointRequest.newBuilder()
                            .setServerId(named)
                            .build());
            assertThat(made.getHeader().getServedBy()).isEqualTo(named);
            assertThat(made.getCheckpointIndex()).isGreaterThanOrEqualTo(index);
            assertThat(cluster.status(named).getCheckpointIndex()).isGreaterThanOrEqualTo(index);
        }
    }

    @Test
    void shouldBackUpAndGoOnThroughAnotherNode() throws IOException {
        // Large enough that there are places to go on from.
        for (int i = 0; i < 64; i++) {
            cluster.put("n1", "large-" + i, Integer.toString(i).repeat(30_000));
        }
        ByteArrayOutputStream broken = new ByteArrayOutputStream();
        String token;
        long index;
        Context.CancellableContext call = Context.current().withCancellation();
        Context outer = call.attach();
        try {
            Iterator<BackupResponse> answers = cluster.maintenance("n1")
                    .backup(BackupRequest.newBuilder().setServerId("n2").build());
            BackupResponse now = answers.next();
            assertThat(now.getHeader().getServedBy()).isEqualTo("n2");
            index = now.getHeader().getReadIndex();
            now.getData().writeTo(broken);
            while (now.getResumeToken().isEmpty()) {
                now = answers.next();
                now.getData().writeTo(broken);
            }
            token = now.getResumeToken();
        } finally {
            call.detachAndCancel(outer, null);
        }
        BackupRequest rest = BackupRequest.newBuilder().setResumeToken(token).build();
        Iterator<BackupResponse> answers = cluster.maintenance("n3").backup(rest);
        int further = 0;
        while (answers.hasNext()) {
            BackupResponse now = answers.next();
            if (now.hasHeader()) {
                assertThat(now.getHeader().getServedBy()).isEqualTo("n2");
                assertThat(now.getHeader().getReadIndex()).isEqualTo(index);
            }
            now.getData().writeTo(broken);
            further++;
        }
        assertThat(further).isPositive();
        BackupReader whole = new BackupReader(new ByteArrayInputStream(broken.toByteArray()));
        while (whole.next() != null) {
            // Each part has a checksum.
        }
        assertThat(whole.rowCount()).isGreaterThanOrEqualTo(64);

        assertThatThrownBy(() -> cluster.maintenance("n3")
                        .backup(rest.toBuilder().setServerId("n1").build())
                        .next())
                .hasMessageContaining("n1")
                .hasMessageContaining("n2")
                .satisfies(e -> assertThat(TestCluster.reason(e)).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD));
    }

    @Test
    void shouldCompareTheDigestsOfAll() {
        long index = cluster.put("n1", "compared", "1").getIndex();
        IDS.forEach(id -> TestCluster.await(
                id + " keeps digests of what was written",
                () -> digests("n1", id).getIndex() >= index));
        for (String asked : IDS) {
            for (VerifyDepth depth : List.of(VerifyDepth.VERIFY_DEPTH_KEPT, VerifyDepth.VERIFY_DEPTH_DISK)) {
                List<VerifyDigestsResponse> answers = new ArrayList<>();
                cluster.maintenance(asked)
                        .verifyDigests(VerifyDigestsRequest.newBuilder()
                                .setDepth(depth)
                                .build())
                        .forEachRemaining(answers::add);
                assertThat(answers)
                        .allSatisfy(now -> assertThat(now.getMismatchesList()).isEmpty());
                VerifyDigestsResponse last = answers.get(answers.size() - 1);
                assertThat(last.getIndex()).isGreaterThanOrEqualTo(index);
                assertThat(last.getServerIdsList()).containsExactlyInAnyOrderElementsOf(IDS);
            }
        }
    }

    private static GetDigestsResponse digests(String asked, String named) {
        GetDigestsResponse digests = cluster.maintenance(asked)
                .getDigests(GetDigestsRequest.newBuilder().setServerId(named).build());
        assertThat(digests.getHeader().getServedBy()).isEqualTo(named);
        return digests;
    }

    @Test
    void shouldRaiseTheHorizonEverywhere() {
        PutResponse put = cluster.put("n1", "below-horizon", "1");
        String follower = cluster.follower();
        RaiseHorizonRequest request = RaiseHorizonRequest.newBuilder()
                .setHorizon(put.getIndex())
                .setHistoryId(put.getHeader().getHistoryId())
                .build();
        assertThat(cluster.maintenance(follower).raiseHorizon(request).getHorizon())
                .isEqualTo(put.getIndex());
        IDS.forEach(id -> TestCluster.await(
                "the horizon is raised at " + id, () -> cluster.status(id).getHorizon() >= put.getIndex()));

        assertThat(cluster.maintenance(follower)
                        .raiseHorizon(request.toBuilder()
                                .setHorizon(put.getIndex() - 1)
                                .build())
                        .getHorizon())
                .isEqualTo(put.getIndex());
        assertThatThrownBy(() -> cluster.maintenance(follower)
                        .raiseHorizon(
                                request.toBuilder().setHistoryId("another").build()))
                .satisfies(e -> assertThat(TestCluster.reason(e)).isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED));
    }
}
