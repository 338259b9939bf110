// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Duration;
import com.google.protobuf.util.Durations;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replica of three real nodes: what it says of how fresh it is holds, whoever of them is killed. */
@Tag("faults")
class ReplicaIT {

    private static final java.time.Duration TIMEOUT = java.time.Duration.ofSeconds(60);
    private static final Duration BOUND = Durations.fromMillis(500);
    private static final ReadOptions LINEARIZABLE =
            ReadOptions.newBuilder().setStrength(Strength.STRENGTH_LINEARIZABLE).build();
    private static final ReadOptions EVENTUAL =
            ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL).build();
    private static final ReadOptions BOUNDED =
            ReadOptions.newBuilder().setMaxStaleness(BOUND).build();

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldKeepItsWordWhoeverIsKilled() {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3, "--store.auto-create-tables=true")) {
            ServerUnderTest replica = cluster.startReplica("r1");
            replica.awaitReady(TIMEOUT);
            ManagedChannel channel = NettyChannelBuilder.forAddress(
                            "127.0.0.1", replica.clientPort(), InsecureChannelCredentials.create())
                    .build();
            try {
                KeyValueBlockingStub reads = KeyValueGrpc.newBlockingStub(channel);
                readEverything(cluster, reads, "first");

                NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
                leader.server().kill();
                cluster.awaitLeader(cluster.others(leader), 0, TIMEOUT);
                readEverything(cluster, reads, "after the leader");
                cluster.restart(leader);

                replica.kill();
                replica.start();
                replica.awaitReady(TIMEOUT);
                readEverything(cluster, reads, "after the replica");

                cluster.nodes().forEach(node -> node.server().kill());
                GetResponse old = get(reads, EVENTUAL);
                assertThat(old.getRow().getValue().getText()).isEqualTo("after the replica");
                assertThat(old.getHeader().getServedBy()).isEqualTo("r1");
                assertThat(refusal(reads, LINEARIZABLE)).isNotEqualTo(Status.Code.OK);
                // That read has waited for longer than the bound.
                assertThat(Durations.compare(get(reads, EVENTUAL).getHeader().getStaleness(), BOUND))
                        .isPositive();
                assertThat(refusal(reads, BOUNDED)).isNotEqualTo(Status.Code.OK);

                cluster.nodes().forEach(node -> node.server().start());
                cluster.nodes().forEach(node -> node.server().awaitReady(TIMEOUT));
                readEverything(cluster, reads, "after all nodes");
            } finally {
                channel.shutdownNow();
            }
        }
    }

    /** What was acknowledged before is seen by a linearizable read at once, and by a bounded one when its bound has passed. */
    private static void readEverything(ClusterUnderTest cluster, KeyValueBlockingStub reads, String value) {
        NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
        long index = KeyValueGrpc.newBlockingStub(cluster.channel(leader))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .put(PutRequest.newBuilder()
                        .setTable("t")
                        .setKey("k")
                        .setValue(Value.newBuilder().setText(value))
                        .build())
                .getIndex();

        GetResponse newest = get(reads, LINEARIZABLE);
        assertThat(newest.getRow().getValue().getText()).isEqualTo(value);
        assertThat(newest.getHeader().getReadIndex()).isGreaterThanOrEqualTo(index);

        GetResponse own = get(reads, ReadOptions.newBuilder().setMinIndex(index).build());
        assertThat(own.getRow().getValue().getText()).isEqualTo(value);
        assertThat(own.getHeader().getServedByRole()).isEqualTo(ServerRole.SERVER_ROLE_REPLICA);

        GetResponse bounded = get(reads, BOUNDED);
        assertThat(bounded.getHeader().hasStaleness()).isTrue();
        assertThat(Durations.compare(bounded.getHeader().getStaleness(), BOUND)).isNotPositive();
    }

    private static GetResponse get(KeyValueBlockingStub reads, ReadOptions options) {
        return reads.withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .withWaitForReady()
                .get(request(options));
    }

    private static Status.Code refusal(KeyValueBlockingStub reads, ReadOptions options) {
        try {
            GetResponse unused = reads.withDeadlineAfter(3, TimeUnit.SECONDS).get(request(options));
            return Status.Code.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    private static GetRequest request(ReadOptions options) {
        return GetRequest.newBuilder()
                .setTable("t")
                .setKey("k")
                .setReadOptions(options)
                .setValueForm(ValueForm.VALUE_FORM_TEXT)
                .build();
    }
}
