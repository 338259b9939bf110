// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.NotLeader;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Three nodes whose internal ports are on loopback. Raft is made up: n1 leads. */
class ConfirmationOverGrpcTest {

    private static final ConfirmOptions OPTIONS = new ConfirmOptions(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            Duration.ofMillis(5),
            Duration.ofMillis(500));

    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final Timers timers = (delay, call) -> {
        ScheduledFuture<?> due = scheduler.schedule(call, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> due.cancel(false);
    };
    private final List<TestNode> nodes = new ArrayList<>();

    private final class TestNode {
        private final Identity identity;
        private final FakeRaft raft;
        private final Channels channels =
                new Channels(InsecureChannelCredentials.create(), Ticker.system(), 1 << 20, List.of());
        private final GrpcPeers peers = new GrpcPeers(channels);
        private final NodeFreshness freshness;
        private Server server;
        private Member member;

        TestNode(String id) throws IOException {
            identity = LeaderRoundsTest.identity(id);
            raft = id.equals("n1") ? new FakeRaft() : new FakeRaft().following("n1");
            ClockComparison clocks = new ClockComparison(OPTIONS.clockOffMax(), off -> {});
            LeaderRounds here = new LeaderRounds(identity, raft, peers, Ticker.system(), timers, OPTIONS, clocks);
            TermAnswers terms = new TermAnswers(identity, raft, Ticker.system());
            RemoteRounds elsewhere =
                    new RemoteRounds(identity, raft, peers, here, terms, Ticker.system(), timers, OPTIONS);
            AppliedRaft applied = new AppliedRaft(Runnable::run);
            applied.advanced(100);
            freshness = new NodeFreshness(identity, raft, here, elsewhere, applied, () -> 42, scheduler);
            server = server(new ReplicationService(
                    new ConfirmationHandlers(identity, raft, terms, here),
                    report -> CompletableFuture.failedFuture(new IllegalStateException("nobody leads"))));
            member = member(id, server.getPort());
        }

        private Member member(String id, int port) {
            String address = "127.0.0.1:" + port;
            return new Member(id, address, address, address);
        }
    }

    private static Server server(ReplicationService service) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addService(service)
                .build()
                .start();
    }

    @BeforeEach
    void start() throws IOException {
        for (String id : List.of("n1", "n2", "n3")) {
            nodes.add(new TestNode(id));
        }
        Set<Member> members = nodes.stream().map(node -> node.member).collect(Collectors.toSet());
        for (TestNode node : nodes) {
            node.raft.membership = new Membership(1, members, Set.of());
            node.raft.leaderMember = nodes.get(0).member;
        }
    }

    @AfterEach
    void stop() {
        for (TestNode node : nodes) {
            node.channels.close();
            node.server.shutdownNow();
        }
        scheduler.shutdownNow();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private static ErrorStatus failureOf(CompletableFuture<?> future) throws InterruptedException, TimeoutException {
        try {
            throw new AssertionError("answered " + future.get(30, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            return ErrorStatus.from(Objects.requireNonNull(e.getCause()))
                    .orElseThrow(() -> new AssertionError("no error of ours", e));
        }
    }

    @Test
    void everyNodeProvesThroughTheLeader() throws Exception {
        for (TestNode node : nodes) {
            Proof proof = get(node.freshness.prove());
            assertThat(proof.index()).isEqualTo(42);
        }
    }

    @Test
    void aNodeThatIsDownDoesNotMatter() throws Exception {
        nodes.get(2).server.shutdownNow().awaitTermination();
        assertThat(get(nodes.get(0).freshness.prove()).index()).isEqualTo(42);
        assertThat(get(nodes.get(1).freshness.prove()).index()).isEqualTo(42);
    }

    @Test
    void whoDoesNotLeadSaysWhoDoes() throws Exception {
        ErrorStatus error = failureOf(asked(nodes.get(1), request().build()));
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_NOT_LEADER);
        assertThat(error.detail(NotLeader.class).orElseThrow().getLeaderId()).isEqualTo("n1");
    }

    @Test
    void anotherHistoryOrClusterIsToldSo() throws Exception {
        TestNode leader = nodes.get(0);
        assertThat(failureOf(asked(
                                leader,
                                request().setHistoryId("fedcba9876543210").build()))
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
        assertThat(failureOf(asked(leader, request().setClusterId("other").build()))
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
    }

    @Test
    void whatIsNotUnderstoodIsRefused() throws Exception {
        UnknownFieldSet newer = UnknownFieldSet.newBuilder()
                .addField(77, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        TestNode leader = nodes.get(0);
        assertThat(failureOf(asked(leader, request().setUnknownFields(newer).build()))
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_UNSUPPORTED);
        ConfirmTermRequest question =
                ConfirmTermRequest.newBuilder().setUnknownFields(newer).build();
        assertThat(failureOf(leader.peers.confirmTerm(nodes.get(1).member, question, Duration.ofSeconds(20)))
                        .reason())
                .isEqualTo(ErrorReason.ERROR_REASON_UNSUPPORTED);
    }

    @Test
    void whoComesBackIsAskedAgainAndNobodyOnceTheChannelsAreClosed() throws Exception {
        TestNode leader = nodes.get(0);
        assertThat(get(leader.freshness.prove()).index()).isEqualTo(42);
        leader.channels.retain(Set.of());
        leader.peers.retain(Set.of());
        assertThat(get(leader.freshness.prove()).index()).isEqualTo(42);
        leader.channels.close();
        assertThat(leader.peers.confirmReadIndex(nodes.get(1).member, request().build(), Duration.ofSeconds(1)))
                .isCompletedExceptionally();
    }

    private static ConfirmReadIndexRequest.Builder request() {
        return ConfirmReadIndexRequest.newBuilder()
                .setClusterId("c")
                .setHistoryId(LeaderRoundsTest.HISTORY.text())
                .setNodeId("n3")
                .setAttemptId(1);
    }

    private CompletableFuture<ConfirmReadIndexResponse> asked(TestNode node, ConfirmReadIndexRequest request) {
        return nodes.get(2).peers.confirmReadIndex(node.member, request, Duration.ofSeconds(20));
    }
}
