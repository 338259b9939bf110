// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc.MaintenanceBlockingStub;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ServerMismatch;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.VerifyDepth;
import io.tidemark.proto.v1.VerifyDigestsRequest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.server.read.WrongRow;
import io.tidemark.store.RowName;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A row on a replica's disk becomes another one, as no checksum can tell. The cluster finds it, and the replica mends it. */
@Tag("faults")
class WrongRowIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int SHARD_COUNT = 1024;
    private static final int ROWS = 200;
    private static final String KEY = "k7";

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldFindAWrongRowByComparingAllTheTime() {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3, "--store.auto-create-tables=true")) {
            ServerUnderTest replica = filled(cluster);
            replica.stop();
            WrongRow.plant(replica.dataDir().resolve("store"), new RowName("t", KEY), "wrong");
            replica.start();

            replica.awaitLogLine(found(), TIMEOUT);
            mended(replica);
        }
    }

    @Test
    void shouldFindAWrongRowByLookingAtTheDiskAndByWritingItAgain() {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3, "--store.auto-create-tables=true")) {
            ServerUnderTest replica = filled(cluster);
            replica.stop();
            // The digests that it kept are right, so comparing them tells nothing.
            WrongRow.plantUnnoticed(replica.dataDir().resolve("store"), new RowName("t", KEY), "wrong");
            replica.start();
            replica.awaitReady(TIMEOUT);

            NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
            assertThat(verify(cluster, leader)).singleElement().satisfies(mismatch -> {
                assertThat(mismatch.getServerId()).isEqualTo("r1");
                assertThat(mismatch.getMismatch().getShard()).isEqualTo(shard());
                assertThat(mismatch.getMismatch().getBucketsList()).hasSize(1);
            });
            replica.awaitLogLine(found(), TIMEOUT);
            mended(replica);
            assertThat(verify(cluster, leader)).isEmpty();

            replica.stop();
            WrongRow.plantUnnoticed(replica.dataDir().resolve("store"), new RowName("t", KEY), "wrong again");
            long before = lines(replica, found());
            replica.start();
            replica.awaitReady(TIMEOUT);
            put(cluster, leader, KEY, "v7");
            ClusterUnderTest.await("the replica finds it", TIMEOUT, () -> lines(replica, found()) > before);
            mended(replica);
            assertThat(verify(cluster, leader)).isEmpty();
        }
    }

    @Test
    void shouldTakeANodeOutOfServiceWhoseRowsAreNotThoseOfTheOthers() {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3, "--store.auto-create-tables=true")) {
            NodeUnderTest wrong = cluster.awaitLeader(TIMEOUT).node();
            put(cluster, wrong, KEY, "v7");
            wrong.server().stop();
            WrongRow.plant(wrong.server().dataDir().resolve("store"), new RowName("t", KEY), "wrong");
            wrong.server().start();

            wrong.server()
                    .awaitLogLine(
                            Pattern.compile("the rows of node " + wrong.id()
                                    + " are not those of a majority .* in 1 shards \\(" + shard()
                                    + " in buckets \\[\\d+]\\)"),
                            TIMEOUT);
            assertThat(alarms(cluster, wrong)).singleElement().satisfies(alarm -> {
                assertThat(alarm.getKind()).isEqualTo(AlarmKind.ALARM_KIND_DIGEST_MISMATCH);
                assertThat(alarm.getSubjectMap()).containsEntry("node", wrong.id());
            });
            assertThatThrownBy(() -> eventual(cluster, wrong)).hasMessageContaining("serves nothing any more");

            // It still votes: with another one gone, what is written is acknowledged.
            NodeUnderTest leader =
                    cluster.awaitLeader(cluster.others(wrong), 0, TIMEOUT).node();
            cluster.others(wrong).stream()
                    .filter(node -> !node.equals(leader))
                    .forEach(node -> node.server().stop());
            put(cluster, leader, "another", "v");
            assertThat(eventual(cluster, leader).getRow().getValue().getText()).isEqualTo("v7");
        }
    }

    private static GetResponse eventual(ClusterUnderTest cluster, NodeUnderTest node) {
        return KeyValueGrpc.newBlockingStub(cluster.channel(node))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .get(GetRequest.newBuilder()
                        .setTable("t")
                        .setKey(KEY)
                        .setReadOptions(ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL))
                        .setValueForm(ValueForm.VALUE_FORM_TEXT)
                        .build());
    }

    private static List<Alarm> alarms(ClusterUnderTest cluster, NodeUnderTest node) {
        return MaintenanceGrpc.newBlockingStub(cluster.channel(node))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .getStatus(GetStatusRequest.getDefaultInstance())
                .getAlarmsList();
    }

    private ServerUnderTest filled(ClusterUnderTest cluster) {
        NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
        for (int i = 0; i < ROWS; i++) {
            put(cluster, leader, "k" + i, "v" + i);
        }
        ServerUnderTest replica = cluster.startReplica("r1");
        replica.awaitReady(TIMEOUT);
        mended(replica);
        return replica;
    }

    private static void put(ClusterUnderTest cluster, NodeUnderTest leader, String key, String value) {
        PutResponse unused = KeyValueGrpc.newBlockingStub(cluster.channel(leader))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .put(PutRequest.newBuilder()
                        .setTable("t")
                        .setKey(key)
                        .setValue(Value.newBuilder().setText(value))
                        .build());
    }

    /** From the moment it was found nobody is given it; soon the replica answers again, and nothing is left of the alarm. */
    private static void mended(ServerUnderTest replica) {
        replica.awaitReady(TIMEOUT);
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", replica.clientPort(), InsecureChannelCredentials.create())
                .build();
        try {
            KeyValueBlockingStub reads = KeyValueGrpc.newBlockingStub(channel);
            MaintenanceBlockingStub maintenance = MaintenanceGrpc.newBlockingStub(channel);
            ClusterUnderTest.await("the replica to answer, without an alarm", TIMEOUT, () -> {
                GetResponse answer = reads.withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                        .get(GetRequest.newBuilder()
                                .setTable("t")
                                .setKey(KEY)
                                .setReadOptions(ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL))
                                .setValueForm(ValueForm.VALUE_FORM_TEXT)
                                .build());
                assertThat(answer.getRow().getValue().getText()).isEqualTo("v7");
                return answer.getHeader().getServedBy().equals("r1")
                        && maintenance
                                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                                .getStatus(GetStatusRequest.getDefaultInstance())
                                .getAlarmsList()
                                .isEmpty();
            });
        } finally {
            channel.shutdownNow();
        }
    }

    /** What a check of all disks finds; all servers take part. */
    /** Looks at the disk of every server, once all of them can be asked: one that has just started is not in the topology at once. */
    static List<ServerMismatch> verify(ClusterUnderTest cluster, NodeUnderTest node) {
        List<ServerMismatch> mismatches = new ArrayList<>();
        ClusterUnderTest.await("all servers are compared", TIMEOUT, () -> {
            mismatches.clear();
            VerifyDigestsResponse last = verify(cluster, node, mismatches);
            return last.getServerIdsList().containsAll(List.of("n1", "n2", "n3", "r1"))
                    && last.getNotComparedList().isEmpty();
        });
        return mismatches;
    }

    private static VerifyDigestsResponse verify(
            ClusterUnderTest cluster, NodeUnderTest node, List<ServerMismatch> mismatches) {
        Iterator<VerifyDigestsResponse> answers = MaintenanceGrpc.newBlockingStub(cluster.channel(node))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .verifyDigests(VerifyDigestsRequest.newBuilder()
                        .setDepth(VerifyDepth.VERIFY_DEPTH_DISK)
                        .build());
        VerifyDigestsResponse last = VerifyDigestsResponse.getDefaultInstance();
        while (answers.hasNext()) {
            last = answers.next();
            mismatches.addAll(last.getMismatchesList());
        }
        return last;
    }

    private static int shard() {
        return ShardHash.shardOf("t", KEY, SHARD_COUNT);
    }

    private static Pattern found() {
        return Pattern.compile("shard " + shard()
                + " of replica r1 is not what the cluster applied, at index \\d+, in buckets \\[\\d+]");
    }

    private static long lines(ServerUnderTest server, Pattern pattern) {
        return server.logLines().stream()
                .filter(line -> pattern.matcher(line).find())
                .count();
    }
}
