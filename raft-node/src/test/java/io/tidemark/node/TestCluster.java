// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.Channel;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.process.LoopbackPorts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Whole nodes in this process, on real ports, and plain gRPC to talk to them. Of the thread of its test. */
final class TestCluster implements AutoCloseable {

    static final String TABLE = "t";

    private static final long AWAITED_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long CALL_SECONDS = 60;

    private final Path directory;
    private final Map<String, Ports> ports = new TreeMap<>();
    private final Map<String, Node> running = new TreeMap<>();
    private final Map<String, NodeParts> parts = new HashMap<>();
    private final Map<String, ManagedChannel> channels = new HashMap<>();
    private final Set<String> first = new TreeSet<>();

    /** Where a node is reached. */
    record Ports(int client, int internal, int raft) {

        static Ports free() {
            return new Ports(LoopbackPorts.next(), LoopbackPorts.next(), LoopbackPorts.next());
        }
    }

    private TestCluster(Path directory) {
        this.directory = directory;
    }

    /** A cluster that is ready, with a table. */
    static TestCluster of(Path directory, String... ids) {
        TestCluster cluster = new TestCluster(directory);
        cluster.first.addAll(Set.of(ids));
        try {
            cluster.first.forEach(id -> cluster.ports.put(id, Ports.free()));
            cluster.first.forEach(cluster::start);
            cluster.first.forEach(cluster::awaitReady);
            cluster.awaitLeader();
            var unused = ClusterGrpc.newBlockingStub(cluster.channel(ids[0]))
                    .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                    .createTable(CreateTableRequest.newBuilder().setTable(TABLE).build());
            return cluster;
        } catch (RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** Starts a node: one of the first ones forms the cluster or comes back to it, any other waits to be added to it. */
    void start(String id) {
        Ports own = ports.computeIfAbsent(id, any -> Ports.free());
        List<String> arguments = new ArrayList<>(List.of(
                "--id=" + id,
                "--data-dir=" + directoryOf(id),
                "--raft.port=" + own.raft(),
                "--internal.port=" + own.internal(),
                "--client.port=" + own.client(),
                "--http.port=0",
                "--stop.grace=5s",
                "--replica.loss-timeout=3s",
                // So that who leads goes on leading also where the machine stands still for a while. The first election
                // is quick in any case.
                "--raft.election-min=3s",
                "--raft.election-max=6s",
                "--cluster.nodes="
                        + String.join(",", first.stream().map(this::listed).toList())));
        if (!first.contains(id)) {
            arguments.add("--cluster.start=join");
        }
        Configuration configuration =
                Configuration.load(NodeConfig.OPTIONS, Optional.empty(), Map.of(), List.copyOf(arguments));
        running.put(id, Node.start(NodeConfig.from(configuration), built -> parts.put(id, built)));
    }

    /** As `cluster.nodes` names it. */
    private String listed(String id) {
        Ports own = Objects.requireNonNull(ports.get(id));
        return id + "@127.0.0.1:" + own.client() + "/" + own.internal() + "/" + own.raft();
    }

    Path directoryOf(String id) {
        return directory.resolve(id);
    }

    Node node(String id) {
        return Objects.requireNonNull(running.get(id));
    }

    NodeParts parts(String id) {
        return Objects.requireNonNull(parts.get(id));
    }

    /** Stops a node in order. */
    void stop(String id) {
        Objects.requireNonNull(running.remove(id)).close();
    }

    /** What AddNode asks of a node that was started. */
    AddNodeRequest addressesOf(String id) {
        Ports own = Objects.requireNonNull(ports.get(id));
        return AddNodeRequest.newBuilder()
                .setNodeId(id)
                .setClientAddress("127.0.0.1:" + own.client())
                .setInternalAddress("127.0.0.1:" + own.internal())
                .setRaftAddress("127.0.0.1:" + own.raft())
                .build();
    }

    Channel channel(String id) {
        return channels.computeIfAbsent(
                id,
                any -> NettyChannelBuilder.forAddress(
                                "127.0.0.1",
                                Objects.requireNonNull(ports.get(id)).client(),
                                InsecureChannelCredentials.create())
                        .build());
    }

    /** To its internal port, as another server. */
    Channel internal(String id) {
        return channels.computeIfAbsent(
                id + "/internal",
                any -> NettyChannelBuilder.forAddress(
                                "127.0.0.1",
                                Objects.requireNonNull(ports.get(id)).internal(),
                                InsecureChannelCredentials.create())
                        .build());
    }

    MaintenanceGrpc.MaintenanceBlockingStub maintenance(String id) {
        return MaintenanceGrpc.newBlockingStub(channel(id)).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    KeyValueGrpc.KeyValueBlockingStub keyValue(String id) {
        return KeyValueGrpc.newBlockingStub(channel(id)).withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
    }

    /** What a node says of itself. */
    GetStatusResponse status(String id) {
        return maintenance(id).getStatus(GetStatusRequest.getDefaultInstance());
    }

    Topology topology(String id) {
        return ClusterGrpc.newBlockingStub(channel(id))
                .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
                .getTopology(GetTopologyRequest.getDefaultInstance())
                .getTopology();
    }

    PutResponse put(String id, String key, String value) {
        return keyValue(id)
                .put(PutRequest.newBuilder()
                        .setTable(TABLE)
                        .setKey(key)
                        .setValue(Value.newBuilder().setText(value))
                        .build());
    }

    /** The value at a node, as of now. */
    GetResponse get(String id, String key) {
        return keyValue(id)
                .get(GetRequest.newBuilder()
                        .setTable(TABLE)
                        .setKey(key)
                        .setValueForm(ValueForm.VALUE_FORM_TEXT)
                        .setReadOptions(ReadOptions.newBuilder().setStrength(Strength.STRENGTH_LINEARIZABLE))
                        .build());
    }

    /** The node that says that it leads and that the others follow. */
    String leader() {
        return awaitLeader();
    }

    /** Any running node that does not lead. */
    String follower() {
        String leader = leader();
        return running.keySet().stream()
                .filter(id -> !id.equals(leader))
                .findFirst()
                .orElseThrow();
    }

    void awaitApplied(String id, long index) {
        await(id + " has " + index, () -> status(id).getHeader().getAppliedIndex() >= index);
    }

    void awaitReady(String id) {
        await(id + " is ready", () -> status(id).getNotReadyCount() == 0);
    }

    private String awaitLeader() {
        String[] leader = {""};
        await("there is a leader whom all follow", () -> {
            Set<String> named = new TreeSet<>();
            for (String id : running.keySet()) {
                GetStatusResponse status = status(id);
                if (status.getNotReadyCount() == 0) {
                    named.add(status.getNode().getLeaderId());
                }
            }
            leader[0] = named.size() == 1 ? named.iterator().next() : "";
            return running.containsKey(leader[0]);
        });
        return leader[0];
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + AWAITED_NANOS;
        while (!isSo(condition)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within a minute: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static boolean isSo(BooleanSupplier condition) {
        try {
            return condition.getAsBoolean();
        } catch (StatusRuntimeException notNow) {
            return false;
        }
    }

    static ErrorReason reason(Throwable failure) {
        return ErrorStatus.from(failure)
                .orElseThrow(() -> new AssertionError("an error without a reason", failure))
                .reason();
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        running.values().forEach(Node::close);
    }
}
