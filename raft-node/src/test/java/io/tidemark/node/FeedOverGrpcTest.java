// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Timestamp;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.BootstrapRowList;
import io.tidemark.proto.v1.ChangeSubscription;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedCommit;
import io.tidemark.proto.v1.FeedGoodbyeReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedProbe;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FeedResponse.MessageCase;
import io.tidemark.proto.v1.FeedWelcome;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.ProbeAnswer;
import io.tidemark.proto.v1.ProbeReach;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.ResolveTimeRequest;
import io.tidemark.proto.v1.ResolveTimeResponse;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.Topology;
import io.tidemark.store.Shards;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.transition.RowEffect;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a replica sees of whole nodes, on the wire. */
@Timeout(180)
class FeedOverGrpcTest {

    private static final long CREDIT = 16 << 20;

    @TempDir
    private Path directory;

    private TestCluster cluster;
    private String clusterId;
    private String historyId;

    @BeforeEach
    void start() {
        cluster = TestCluster.of(directory, "n1", "n2", "n3");
        Topology topology = cluster.topology("n1");
        clusterId = topology.getClusterId();
        historyId = topology.getVersion().getHistoryId();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    /** One replica's stream. */
    private final class Replica implements StreamObserver<FeedResponse> {
        final BlockingQueue<FeedResponse> messages = new LinkedBlockingQueue<>();
        final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        final StreamObserver<FeedRequest> up;

        Replica(String node) {
            up = ReplicationGrpc.newStub(cluster.internal(node)).feed(this);
        }

        void send(FeedRequest.Builder request) {
            up.onNext(request.build());
        }

        void hello() {
            send(FeedRequest.newBuilder()
                    .setHello(FeedHello.newBuilder()
                            .setSubscriberId("r1")
                            .setIncarnationId("i1")
                            .setDiskId("d1")
                            .setClusterId(clusterId)
                            .setZone("z1")
                            .setWeight(1)
                            .setClientAddress("127.0.0.1:7500")
                            .setInternalAddress("127.0.0.1:7501")
                            .addFeedVersions(1)
                            .setInitialCreditBytes(CREDIT)));
        }

        FeedResponse await(MessageCase kind) {
            return await(message -> message.getMessageCase() == kind);
        }

        FeedResponse await(Predicate<FeedResponse> wanted) {
            try {
                while (true) {
                    FeedResponse next = messages.poll(60, TimeUnit.SECONDS);
                    if (next == null) {
                        throw new AssertionError("nothing came; ended: " + ends);
                    }
                    if (wanted.test(next)) {
                        return next;
                    }
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onNext(FeedResponse message) {
            messages.add(message);
        }

        @Override
        public void onError(Throwable e) {
            ends.add(e.toString());
        }

        @Override
        public void onCompleted() {
            ends.add("completed");
        }
    }

    private static boolean has(FeedResponse message, long index) {
        return message.getCommits().getCommitsList().stream().anyMatch(commit -> commit.getIndex() == index);
    }

    @Test
    void shouldFeedAReplicaFromAFollowerUntilItStops() throws Exception {
        String follower = cluster.follower();
        PutResponse before = cluster.put(follower, "before", "1");
        cluster.awaitApplied(follower, before.getHeader().getReadIndex());
        Replica replica = new Replica(follower);
        replica.hello();

        FeedWelcome welcome = replica.await(MessageCase.WELCOME).getWelcome();
        assertThat(welcome.getUpstreamId()).isEqualTo(follower);
        assertThat(welcome.hasStart()).isTrue();
        assertThat(replica.await(MessageCase.TOPOLOGY)
                        .getTopology()
                        .getTopology()
                        .getClusterId())
                .isEqualTo(clusterId);

        replica.send(FeedRequest.newBuilder()
                .setChangeSubscription(ChangeSubscription.newBuilder()
                        .setSubscriptionVersion(1)
                        .setAdd(Shards.all(welcome.getShardCount()).toProto())));
        assertThat(replica.await(MessageCase.SUBSCRIPTION_CHANGED)
                        .getSubscriptionChanged()
                        .getSubscriptionVersion())
                .isEqualTo(1);
        long written = cluster.put(follower, "key", "2").getHeader().getReadIndex();
        FeedResponse commits = replica.await(message -> has(message, written));
        FeedCommit commit = commits.getCommits().getCommitsList().stream()
                .filter(each -> each.getIndex() == written)
                .findFirst()
                .orElseThrow();
        assertThat(CommitEffects.of(commit).rows())
                .singleElement()
                .satisfies(effect -> assertThat(effect.name().key()).isEqualTo("key"))
                .isInstanceOf(RowEffect.Put.class);
        assertThat(replica.await(MessageCase.THROUGH).getThrough().getThroughIndex())
                .isGreaterThanOrEqualTo(written);

        long acknowledged =
                cluster.put(cluster.leader(), "key", "3").getHeader().getReadIndex();
        replica.send(FeedRequest.newBuilder()
                .setProbe(FeedProbe.newBuilder().setProbeId(9).setReach(ProbeReach.PROBE_REACH_LEADER)));
        ProbeAnswer answer = replica.await(MessageCase.PROBE_ANSWER).getProbeAnswer();
        assertThat(answer.getProbeId()).isEqualTo(9);
        assertThat(answer.getProof().getCoveredIndex())
                .as("whatever was acknowledged before the probe was sent")
                .isGreaterThanOrEqualTo(acknowledged);
        assertThat(answer.getTerm()).isPositive();
        replica.send(FeedRequest.newBuilder()
                .setHeartbeat(SubscriberHeartbeat.newBuilder().setAppliedIndex(acknowledged)));
        TestCluster.await(
                "the replica is registered",
                () -> cluster.topology(follower).getReplicasList().stream()
                        .anyMatch(known -> known.getReplicaId().equals("r1")));

        Replica again = new Replica(follower);
        again.hello();
        assertThat(again.await(MessageCase.WELCOME).getWelcome().hasStart()).isTrue();
        assertThat(replica.await(MessageCase.GOODBYE).getGoodbye().getReason())
                .isEqualTo(FeedGoodbyeReason.FEED_GOODBYE_REASON_SUPERSEDED);
        assertThat(replica.ends.poll(60, TimeUnit.SECONDS)).isEqualTo("completed");

        cluster.stop(follower);
        FeedResponse goodbye = again.await(MessageCase.GOODBYE);
        assertThat(goodbye.getGoodbye().getReason()).isEqualTo(FeedGoodbyeReason.FEED_GOODBYE_REASON_STOPPING);
        assertThat(goodbye.getGoodbye().getOtherUpstreamsList()).hasSize(2);
    }

    @Test
    void shouldCopyShardsAndAnswerWhatReplicasAsk() throws Exception {
        long first = cluster.put("n1", "a", "1").getHeader().getReadIndex();
        long last = cluster.put("n1", "b", "2").getHeader().getReadIndex();
        ReplicationGrpc.ReplicationBlockingStub upstream =
                ReplicationGrpc.newBlockingStub(cluster.internal("n2")).withDeadlineAfter(60, TimeUnit.SECONDS);

        Iterator<BootstrapResponse> copy = upstream.bootstrap(BootstrapRequest.newBuilder()
                .setClusterId(clusterId)
                .setHistoryId(historyId)
                .setShards(Shards.all(1024).toProto())
                .setMinIndex(last)
                .build());
        assertThat(copy.next().getStart().getIndex()).isGreaterThanOrEqualTo(last);
        List<String> keys = new ArrayList<>();
        BootstrapResponse message = copy.next();
        while (message.hasRows()) {
            BootstrapRowList.parseFrom(message.getRows().getRows())
                    .getRowsList()
                    .forEach(row -> keys.add(row.getKey()));
            message = copy.next();
        }
        assertThat(keys).containsExactly("a", "b");
        assertThat(message.getEnd().getRowCount()).isEqualTo(2);

        TestCluster.await(
                "digests are kept",
                () -> upstream.fetchDigests(digestsRequest()).getDigestsCount() > 0);
        FetchDigestsResponse digests = upstream.fetchDigests(digestsRequest());
        assertThat(digests.getHistoryId()).isEqualTo(historyId);
        assertThat(digests.getDigestsCount()).isEqualTo(1024);

        ResolveTimeResponse resolved = upstream.resolveTime(ResolveTimeRequest.newBuilder()
                .setClusterId(clusterId)
                .setHistoryId(historyId)
                .setTime(cluster.get("n1", "a").getRow().getModifiedTime())
                .build());
        assertThat(resolved.getIndex()).isGreaterThanOrEqualTo(first).isLessThan(last);
        assertThat(resolved.hasLogTime()).isTrue();
        assertThatThrownBy(() -> upstream.resolveTime(ResolveTimeRequest.newBuilder()
                        .setClusterId(clusterId)
                        .setHistoryId(historyId)
                        .setTime(Timestamp.newBuilder().setSeconds(4_000_000_000L))
                        .build()))
                .satisfies(failure ->
                        assertThat(TestCluster.reason(failure)).isEqualTo(ErrorReason.ERROR_REASON_TIME_NOT_CLOSED));
    }

    private FetchDigestsRequest digestsRequest() {
        return FetchDigestsRequest.newBuilder()
                .setClusterId(clusterId)
                .setHistoryId(historyId)
                .build();
    }
}
