// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.tidemark.node.registry.SubscriberListener;
import io.tidemark.node.registry.Subscribers;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.DrainReplicaRequest;
import io.tidemark.proto.v1.DrainReplicaResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.RemoveReplicaRequest;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ResumeReplicaRequest;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.WatchTopologyRequest;
import io.tidemark.proto.v1.WatchTopologyResponse;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Replicas as whole nodes know them; the replicas themselves are played by the test. */
@Timeout(180)
class ReplicasTest {

    private static final ShardSet ALL = ShardSet.newBuilder()
            .addRanges(ShardRange.newBuilder().setFirst(0).setLast(1023))
            .build();

    @TempDir
    private Path directory;

    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = TestCluster.of(directory, "n1", "n2", "n3");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void shouldRegisterDrainResumeLoseAndRemoveAReplicaThatAFollowerFeeds() throws Exception {
        String leader = cluster.leader();
        String follower = cluster.follower();
        Iterator<WatchTopologyResponse> watch = ClusterGrpc.newBlockingStub(cluster.channel(follower))
                .withDeadlineAfter(120, TimeUnit.SECONDS)
                .watchTopology(WatchTopologyRequest.getDefaultInstance());
        Feed r1 = new Feed(follower, "r1", "d1");
        r1.registered.get(30, TimeUnit.SECONDS);
        awaitState("r1", ReplicaState.REPLICA_STATE_JOINING, "n1", "n2", "n3");
        assertThat(replica(leader, "r1").orElseThrow().getPlaced()).isEqualTo(ALL);
        assertThat(replica(leader, "r1").orElseThrow().getUpstreamId()).isEqualTo(follower);

        r1.serve(ALL);
        awaitState("r1", ReplicaState.REPLICA_STATE_SERVING, "n1", "n2", "n3");
        while (watch.next().getTopology().getReplicasList().stream()
                .noneMatch(replica -> replica.getState() == ReplicaState.REPLICA_STATE_SERVING)) {
            assertThat(watch.hasNext()).isTrue();
        }
        assertThatThrownBy(() -> remove(follower, "r1"))
                .satisfies(e -> assertThat(TestCluster.reason(e)).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_ALIVE));

        Iterator<DrainReplicaResponse> drain = cluster.maintenance(follower)
                .drainReplica(
                        DrainReplicaRequest.newBuilder().setReplicaId("r1").build());
        DrainReplicaResponse now = drain.next();
        assertThat(now.getProgress().getTotal()).isEqualTo(1024);
        assertThat(now.getReplica().getPlaced()).isEqualTo(ShardSet.getDefaultInstance());
        r1.serve(ShardSet.getDefaultInstance());
        while (drain.hasNext()) {
            now = drain.next();
        }
        assertThat(now.getReplica().getState()).isEqualTo(ReplicaState.REPLICA_STATE_DRAINED);

        Replica resumed = cluster.maintenance(follower)
                .resumeReplica(
                        ResumeReplicaRequest.newBuilder().setReplicaId("r1").build())
                .getReplica();
        assertThat(resumed.getState()).isEqualTo(ReplicaState.REPLICA_STATE_JOINING);

        r1.subscriber.gone();
        awaitState("r1", ReplicaState.REPLICA_STATE_LOST, "n1", "n2", "n3");
        remove(follower, "r1");
        TestCluster.await("it is forgotten", () -> replica(follower, "r1").isEmpty());
        assertThatThrownBy(() -> remove(follower, "r1"))
                .satisfies(e -> assertThat(TestCluster.reason(e)).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND));
    }

    @Test
    void shouldKnowReplicasAfterTheLeaderHasChanged() throws Exception {
        String leader = cluster.leader();
        String follower = cluster.follower();
        Feed r1 = new Feed(follower, "r1", "d1");
        r1.registered.get(30, TimeUnit.SECONDS);
        r1.serve(ALL);
        awaitState("r1", ReplicaState.REPLICA_STATE_SERVING, follower);
        cluster.stop(leader);

        String next = cluster.leader();
        awaitState("r1", ReplicaState.REPLICA_STATE_SERVING, next);
        TestCluster.await(
                "the new leader hears of it",
                () -> replica(next, "r1").filter(Replica::hasLastHeard).isPresent());
        Feed impostor = new Feed(next, "r1", "d2");
        assertThat(impostor.refused.get(30, TimeUnit.SECONDS))
                .satisfies(e -> assertThat(TestCluster.reason(e)).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_EXISTS));
    }

    @Test
    void shouldTakeReportsAtTheLeaderAlone() {
        String follower = cluster.follower();
        var stub = ReplicationGrpc.newBlockingStub(cluster.internal(follower)).withDeadlineAfter(30, TimeUnit.SECONDS);
        assertThatThrownBy(() -> stub.reportSubscribers(ReportSubscribersRequest.getDefaultInstance()))
                .satisfies(e -> assertThat(TestCluster.reason(e)).isEqualTo(ErrorReason.ERROR_REASON_NOT_LEADER));
    }

    private void remove(String asked, String id) {
        var unused = cluster.maintenance(asked)
                .removeReplica(
                        RemoveReplicaRequest.newBuilder().setReplicaId(id).build());
    }

    private Optional<Replica> replica(String asked, String id) {
        return cluster.topology(asked).getReplicasList().stream()
                .filter(replica -> replica.getReplicaId().equals(id))
                .findFirst();
    }

    private void awaitState(String id, ReplicaState state, String... asked) {
        for (String node : asked) {
            TestCluster.await(
                    node + " has " + id + " as " + state,
                    () -> replica(node, id)
                            .filter(replica -> replica.getState() == state)
                            .isPresent());
        }
    }

    /** A stream as the node that feeds sees it. */
    private final class Feed implements SubscriberListener {

        final CompletableFuture<Void> registered = new CompletableFuture<>();
        final CompletableFuture<StatusRuntimeException> refused = new CompletableFuture<>();
        final Subscribers.Subscriber subscriber;

        Feed(String upstream, String id, String disk) {
            subscriber = cluster.parts(upstream)
                    .subscribers()
                    .register(
                            FeedHello.newBuilder()
                                    .setSubscriberId(id)
                                    .setIncarnationId(disk + "-first")
                                    .setDiskId(disk)
                                    .setClientAddress("127.0.0.1:1")
                                    .setInternalAddress("127.0.0.1:2")
                                    .build(),
                            this);
        }

        void serve(ShardSet shards) {
            subscriber.heard(SubscriberHeartbeat.newBuilder().setServing(shards).build());
        }

        @Override
        public void registered() {
            registered.complete(null);
        }

        @Override
        public void refused(StatusRuntimeException error) {
            refused.complete(error);
        }
    }
}
