// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.client.internal.channel.Seeds;
import io.tidemark.client.internal.dispatch.FakeServers.Exchange;
import io.tidemark.client.internal.dispatch.FakeServers.FakeServer;
import io.tidemark.client.internal.time.ManualTime;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetLimitsResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Limits;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.WatchTopologyResponse;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A dispatcher, its time, and the servers that it finds: three nodes, of which the first leads, and two replicas that serve all. */
final class FakeCluster {

    static final String HISTORY = "aaaaaaaaaaaaaaaa";
    static final List<String> NODES = List.of("10.0.0.1:1", "10.0.0.2:1", "10.0.0.3:1");
    static final List<String> REPLICAS = List.of("10.0.1.1:1", "10.0.1.2:1");
    static final int SHARDS = 16;

    final ManualTime time = new ManualTime();
    final FakeServers servers = new FakeServers(time);
    final Set<String> behindSeed = new LinkedHashSet<>(Set.of("10.0.0.1"));
    final GrpcDispatcher dispatcher;

    private long epoch = 1;
    private Topology topology = topology(1, NODES.get(0), List.of(all(), all()));

    FakeCluster() {
        this(options -> options);
    }

    FakeCluster(UnaryOperator<DispatchOptions> changed) {
        this(changed, DispatchObserver.NONE);
    }

    FakeCluster(UnaryOperator<DispatchOptions> changed, DispatchObserver observer) {
        NODES.forEach(this::play);
        REPLICAS.forEach(this::play);
        Random random = new Random(7);
        dispatcher = new GrpcDispatcher(
                changed.apply(DispatchOptions.of("seed:1")),
                observer,
                time,
                time,
                () -> random,
                servers,
                Seeds.parse(
                        "seed:1",
                        host -> behindSeed.stream().map(FakeCluster::address).toArray(InetAddress[]::new)),
                Runnable::run);
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** Begins, and lets it find everyone. */
    FakeCluster found() {
        dispatcher.begin();
        pass(Duration.ofMillis(500));
        connectAll();
        return this;
    }

    /** So that every server is connected, as it is after a while of use. */
    void connectAll() {
        for (int i = 0; i < SHARDS * 4; i++) {
            CompletableFuture<?> unused = get("warm" + i, 0);
            servers.settle();
        }
        pass(Duration.ofMillis(100));
    }

    void play(String address) {
        servers.at(address)
                .on(
                        ClusterGrpc.getWatchTopologyMethod(),
                        one -> one.answer(WatchTopologyResponse.newBuilder()
                                .setHeader(header(address))
                                .setTopology(topology)
                                .build()))
                .on(
                        ClusterGrpc.getGetLimitsMethod(),
                        one -> one.answer(GetLimitsResponse.newBuilder()
                                .setHeader(header(address))
                                .setLimits(Limits.newBuilder()
                                        .setMaxBatchKeys(4)
                                        .setMaxBatchWrites(4)
                                        .setMaxRequestBytes(1 << 20))
                                .build()))
                .on(KeyValueGrpc.getGetMethod(), one -> one.answer(row(one)))
                .on(KeyValueGrpc.getCommitMethod(), one -> one.answer(committed(address, 7)));
    }

    static GetResponse row(Exchange one) {
        GetRequest request = one.request(GetRequest.class);
        return GetResponse.newBuilder()
                .setHeader(header(one.server().address))
                .setRow(Row.newBuilder().setTable(request.getTable()).setKey(request.getKey()))
                .build();
    }

    static CommitResponse committed(String address, long index) {
        return CommitResponse.newBuilder()
                .setHeader(header(address))
                .setOutcome(CommitOutcome.COMMIT_OUTCOME_COMMITTED)
                .setIndex(index)
                .build();
    }

    static ResponseHeader header(String address) {
        boolean node = NODES.contains(address);
        return ResponseHeader.newBuilder()
                .setHistoryId(HISTORY)
                .setServedBy(id(address))
                .setServedByRole(node ? ServerRole.SERVER_ROLE_FOLLOWER : ServerRole.SERVER_ROLE_REPLICA)
                .setAppliedIndex(100)
                .setReadIndex(100)
                .build();
    }

    private static String id(String address) {
        return NODES.contains(address) ? "n" + NODES.indexOf(address) : "r" + REPLICAS.indexOf(address);
    }

    static ShardSet all() {
        return shards(0, SHARDS - 1);
    }

    static ShardSet shards(int first, int last) {
        return ShardSet.newBuilder()
                .addRanges(ShardRange.newBuilder().setFirst(first).setLast(last))
                .build();
    }

    static Topology topology(long epoch, @Nullable String leader, List<ShardSet> serving) {
        Topology.Builder made = Topology.newBuilder()
                .setVersion(TopologyVersion.newBuilder()
                        .setHistoryId(HISTORY)
                        .setTerm(1)
                        .setEpoch(epoch))
                .setShardCount(SHARDS);
        for (String node : NODES) {
            made.addNodes(Node.newBuilder()
                    .setNodeId(id(node))
                    .setClientAddress(node)
                    .setRole(node.equals(leader) ? ServerRole.SERVER_ROLE_LEADER : ServerRole.SERVER_ROLE_FOLLOWER));
        }
        for (int i = 0; i < serving.size(); i++) {
            made.addReplicas(Replica.newBuilder()
                    .setReplicaId(id(REPLICAS.get(i)))
                    .setClientAddress(REPLICAS.get(i))
                    .setZone("zone" + i)
                    .setState(ReplicaState.REPLICA_STATE_SERVING)
                    .setServing(serving.get(i)));
        }
        return made.build();
    }

    /** Another topology, told to everyone who watches. */
    void change(@Nullable String leader, List<ShardSet> serving) {
        topology = topology(++epoch, leader, serving);
        for (Exchange watch : servers.received(ClusterGrpc.getWatchTopologyMethod())) {
            watch.answer(WatchTopologyResponse.newBuilder()
                    .setHeader(header(watch.server().address))
                    .setTopology(topology)
                    .build());
        }
        servers.settle();
    }

    /** The cluster is in another history from now on, and has got so far in it. */
    void restored(String historyId, long index) {
        TopologyVersion version = topology.getVersion().toBuilder()
                .setHistoryId(historyId)
                .setTerm(1)
                .setEpoch(1)
                .build();
        topology = topology.toBuilder().setVersion(version).build();
        tell(
                ResponseHeader.newBuilder()
                        .setHistoryId(historyId)
                        .setAppliedIndex(index)
                        .build(),
                topology);
    }

    /** Everyone who watches is told this, whatever it is. */
    void tell(ResponseHeader header, Topology told) {
        for (Exchange watch : servers.received(ClusterGrpc.getWatchTopologyMethod())) {
            watch.answer(WatchTopologyResponse.newBuilder()
                    .setHeader(header)
                    .setTopology(told)
                    .build());
        }
        servers.settle();
    }

    FakeServer replica(int number) {
        return servers.at(REPLICAS.get(number));
    }

    FakeServer node(int number) {
        return servers.at(NODES.get(number));
    }

    void pass(Duration duration) {
        time.pass(duration, servers::settle);
    }

    CallContext context(Duration deadline) {
        return new CallContext("test", time.nanoTime() + deadline.toNanos(), false);
    }

    static ReadAsk ask(long floor) {
        return new ReadAsk(new ReadAsk.Base.Applied(), Duration.ofSeconds(5), null, floor, HISTORY, null, false);
    }

    CompletableFuture<Answer<GetResponse>> get(String key, long floor) {
        return get(key, floor, Duration.ofSeconds(5));
    }

    CompletableFuture<Answer<GetResponse>> get(String key, long floor, Duration deadline) {
        return dispatcher.get("users", key, ask(floor), RowView.ROW_VIEW_FULL, context(deadline));
    }

    CompletableFuture<Answer<CommitResponse>> put(String key, Duration deadline) {
        CommitRequest request = CommitRequest.newBuilder()
                .addMutations(Mutation.newBuilder()
                        .setTable("users")
                        .setPut(PutMutation.newBuilder().setKey(key)))
                .build();
        return dispatcher.commit(request, context(deadline));
    }

    static StatusRuntimeException error(ErrorReason reason) {
        return ErrorStatus.of(reason, "as the test says").toException();
    }
}
