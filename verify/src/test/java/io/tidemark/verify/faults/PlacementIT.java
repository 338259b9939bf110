// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.DrainReplicaRequest;
import io.tidemark.proto.v1.DrainReplicaResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc.MaintenanceBlockingStub;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.RemoveReplicaRequest;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.WatchTopologyRequest;
import io.tidemark.proto.v1.WatchTopologyResponse;
import io.tidemark.store.Shards;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Replicas come and go while sessions read and write at all of them: only the shards that must move do, each is served by as many as
 * before at every moment, no read fails, and no session goes backwards.
 */
@Tag("faults")
class PlacementIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final int COPIES = 2;
    private static final int ROWS = 3_000;
    private static final int SESSIONS = 8;
    private static final long READS_BETWEEN = 300;

    @RegisterExtension
    final Servers servers = new Servers();

    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    @Test
    void shouldHandShardsOverUnderLoad() {
        long seed = Rounds.seed("placement");
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                servers,
                3,
                "--store.auto-create-tables=true",
                "--store.replication-factor=" + COPIES,
                "--replica.loss-timeout=5s")) {
            fill(cluster);
            List<ServerUnderTest> replicas = new ArrayList<>();
            for (String id : List.of("r1", "r2", "r3")) {
                replicas.add(cluster.startReplica(id));
            }
            replicas.forEach(replica -> replica.awaitReady(TIMEOUT));
            ManagedChannel node = cluster.channel(cluster.nodes().get(0));
            TopologiesSeen topologies = new TopologiesSeen(node);
            Topology three = topologies.await(PlacementIT::isSettled);

            List<ManagedChannel> all = replicas.stream().map(this::channel).toList();
            try (SessionLoad load = new SessionLoad(all, SESSIONS, ROWS, seed)) {
                awaitReads(load);
                String before = load.readTimes();

                topologies.forget();
                long began = System.nanoTime();
                ServerUnderTest fourth = cluster.startReplica("r4");
                fourth.awaitReady(TIMEOUT);
                load.add(channel(fourth));
                Topology four = topologies.await(topology -> topology.getReplicasCount() == 4 && isSettled(topology));
                Duration joined = Duration.ofNanos(System.nanoTime() - began);
                requireSmooth(topologies.seen(), COPIES);
                int moved = requireMovedTo("r4", three, four);
                String whileJoining = load.readTimes();
                awaitReads(load);

                topologies.forget();
                began = System.nanoTime();
                List<DrainReplicaResponse> progress = drain(node, "r1");
                Topology drained = topologies.await(
                        topology -> replica(topology, "r1").getState() == ReplicaState.REPLICA_STATE_DRAINED
                                && isSettled(topology));
                Duration drainTime = Duration.ofNanos(System.nanoTime() - began);
                requireSmooth(topologies.seen(), COPIES);
                int movedAway = requireMovedFrom("r1", four, drained);
                assertThat(progress.get(progress.size() - 1).getProgress().getDone())
                        .isEqualTo(
                                progress.get(progress.size() - 1).getProgress().getTotal());
                String whileDraining = load.readTimes();

                awaitReads(load);
                load.remove(all.get(0));
                awaitReads(load);
                assertThat(replicas.get(0).stop()).isZero();
                topologies.await(topology -> replica(topology, "r1").getState() == ReplicaState.REPLICA_STATE_LOST);
                var unused = maintenance(node)
                        .removeReplica(RemoveReplicaRequest.newBuilder()
                                .setReplicaId("r1")
                                .build());
                Topology left = topologies.await(topology -> topology.getReplicasCount() == 3);
                assertThat(serving(left)).isEqualTo(without(serving(drained), "r1"));
                awaitReads(load);

                assertThat(load.broken()).as("logs: " + servers.directory()).isEmpty();
                Rounds.say("placement", "before: " + before);
                Rounds.say(
                        "placement",
                        "r4 joined in " + joined.toMillis() + " ms from its start, " + moved
                                + " owners of shards exchanged: " + whileJoining);
                Rounds.say(
                        "placement",
                        "r1 was drained in " + drainTime.toMillis() + " ms, " + movedAway + " shards: "
                                + whileDraining);
                Rounds.say(
                        "placement",
                        "in all " + load.reads() + " reads, " + load.writes() + " writes, " + load.repeated()
                                + " calls repeated while nodes had no leader");
            }
        }
    }

    private ManagedChannel channel(ServerUnderTest server) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", server.clientPort(), InsecureChannelCredentials.create())
                .build();
        channels.add(channel);
        return channel;
    }

    private static void fill(ClusterUnderTest cluster) {
        KeyValueGrpc.KeyValueBlockingStub leader = KeyValueGrpc.newBlockingStub(
                cluster.channel(cluster.awaitLeader(TIMEOUT).node()));
        CommitRequest.Builder rows = CommitRequest.newBuilder();
        for (int i = 0; i < ROWS; i++) {
            rows.addMutations(Mutation.newBuilder()
                    .setTable(SessionLoad.TABLE)
                    .setPut(PutMutation.newBuilder()
                            .setKey(SessionLoad.key(i))
                            .setValue(Value.newBuilder().setText("first"))));
        }
        var unused = leader.commit(rows.build());
    }

    private static MaintenanceBlockingStub maintenance(ManagedChannel node) {
        return MaintenanceGrpc.newBlockingStub(node).withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private static List<DrainReplicaResponse> drain(ManagedChannel node, String id) {
        List<DrainReplicaResponse> progress = new ArrayList<>();
        Iterator<DrainReplicaResponse> stream = maintenance(node)
                .drainReplica(DrainReplicaRequest.newBuilder().setReplicaId(id).build());
        stream.forEachRemaining(progress::add);
        return progress;
    }

    /** So that what broke a promise would have been seen. */
    private static void awaitReads(SessionLoad load) {
        long until = load.reads() + READS_BETWEEN;
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        while (load.reads() < until) {
            assertThat(System.nanoTime() - deadline)
                    .as("no reads: " + load.broken())
                    .isNegative();
            ClusterUnderTest.sleep(10);
        }
    }

    private static Replica replica(Topology topology, String id) {
        return topology.getReplicasList().stream()
                .filter(replica -> replica.getReplicaId().equals(id))
                .findFirst()
                .orElse(Replica.getDefaultInstance());
    }

    private static Map<String, Shards> serving(Topology topology) {
        Map<String, Shards> serving = new TreeMap<>();
        topology.getReplicasList()
                .forEach(replica ->
                        serving.put(replica.getReplicaId(), Shards.of(replica.getServing(), topology.getShardCount())));
        return serving;
    }

    private static Map<String, Shards> without(Map<String, Shards> serving, String id) {
        Map<String, Shards> rest = new TreeMap<>(serving);
        rest.remove(id);
        return rest;
    }

    /** Each serves what is placed on it, and nothing else. */
    private static boolean isSettled(Topology topology) {
        return topology.getReplicasCount() >= 3
                && topology.getReplicasList().stream()
                        .allMatch(replica -> replica.getServing().equals(replica.getPlaced()));
    }

    private static void requireSmooth(List<Topology> seen, int copies) {
        assertThat(seen).isNotEmpty();
        for (Topology topology : seen) {
            int[] owners = new int[topology.getShardCount()];
            serving(topology).values().forEach(shards -> shards.stream().forEach(shard -> owners[shard]++));
            assertThat(owners)
                    .as("how many serve each shard at " + topology.getVersion())
                    .satisfies(each -> {
                        for (int count : each) {
                            assertThat(count).isGreaterThanOrEqualTo(copies);
                        }
                    });
        }
    }

    /** How many owners changed. Nobody but the one who came has got any. */
    private static int requireMovedTo(String id, Topology before, Topology after) {
        Map<String, Shards> then = serving(before);
        Map<String, Shards> now = serving(after);
        Shards left = Shards.NONE;
        int moved = 0;
        for (Map.Entry<String, Shards> replica : then.entrySet()) {
            Shards kept = now.getOrDefault(replica.getKey(), Shards.NONE);
            assertThat(replica.getValue().containsAll(kept))
                    .as(replica.getKey())
                    .isTrue();
            moved += replica.getValue().count() - kept.count();
            left = left.plus(replica.getValue().minus(kept));
        }
        assertThat(now.get(id)).isEqualTo(left);
        assertThat(moved).isEqualTo(left.count()).isPositive();
        return moved;
    }

    /** How many owners changed. Nobody has lost any but the one who goes. */
    private static int requireMovedFrom(String id, Topology before, Topology after) {
        Map<String, Shards> then = serving(before);
        Map<String, Shards> now = serving(after);
        int moved = 0;
        for (Map.Entry<String, Shards> replica : then.entrySet()) {
            if (replica.getKey().equals(id)) {
                assertThat(now.get(id)).isEqualTo(Shards.NONE);
            } else {
                Shards has = now.getOrDefault(replica.getKey(), Shards.NONE);
                assertThat(has.containsAll(replica.getValue()))
                        .as(replica.getKey())
                        .isTrue();
                moved += has.count() - replica.getValue().count();
            }
        }
        assertThat(moved).isEqualTo(then.getOrDefault(id, Shards.NONE).count());
        return moved;
    }

    /** Every version of the topology that one node tells. */
    private static final class TopologiesSeen {
        private final List<Topology> seen = new CopyOnWriteArrayList<>();

        TopologiesSeen(ManagedChannel node) {
            ClusterGrpc.newStub(node).watchTopology(WatchTopologyRequest.getDefaultInstance(), new StreamObserver<>() {
                @Override
                public void onNext(WatchTopologyResponse message) {
                    seen.add(message.getTopology());
                }

                @Override
                public void onError(Throwable e) {}

                @Override
                public void onCompleted() {}
            });
        }

        List<Topology> seen() {
            return List.copyOf(seen);
        }

        /** All but the newest. */
        void forget() {
            Topology newest = seen.get(seen.size() - 1);
            seen.removeIf(topology -> !topology.equals(newest));
        }

        Topology await(Predicate<Topology> wanted) {
            long deadline = System.nanoTime() + TIMEOUT.toNanos();
            while (true) {
                Topology newest = seen.isEmpty() ? Topology.getDefaultInstance() : seen.get(seen.size() - 1);
                if (wanted.test(newest)) {
                    return newest;
                }
                assertThat(System.nanoTime() - deadline)
                        .as("still waiting at " + newest)
                        .isNegative();
                ClusterUnderTest.sleep(20);
            }
        }
    }
}
