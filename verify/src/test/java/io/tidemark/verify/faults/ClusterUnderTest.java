// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.verify.process.Place;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Raft nodes as real processes that form one cluster, and replicas of it. Belongs to one test and one thread; {@link Servers} ends the processes,
 * by their ids, whatever becomes of the test.
 */
public final class ClusterUnderTest implements AutoCloseable {

    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration ASK_TIMEOUT = Duration.ofSeconds(1);
    private static final long POLL_MILLIS = 10;

    private final Servers servers;
    private final Function<String, Place> places;
    private final List<String> flags;
    private final List<NodeUnderTest> nodes = new ArrayList<>();
    private final List<ReplicaUnderTest> replicas = new ArrayList<>();
    private final Map<String, ManagedChannel> channels = new HashMap<>();

    /** A node and where it listens, which stays the same when it starts again. */
    public record NodeUnderTest(ServerUnderTest server, int clientPort, int internalPort, int raftPort) {

        public String id() {
            return server.id();
        }

        /** Where clients reach it. */
        public String endpoint() {
            return host() + ":" + clientPort;
        }

        private String host() {
            return server.place().host();
        }
    }

    /** A replica and where it listens, which stays the same when it starts again. */
    public record ReplicaUnderTest(ServerUnderTest server, int clientPort, int internalPort) {

        public String id() {
            return server.id();
        }

        /** Where clients reach it. */
        public String endpoint() {
            return server.place().host() + ":" + clientPort;
        }
    }

    /** What a node says of itself. */
    public record Standing(NodeUnderTest node, ServerRole role, long term, long appliedIndex) {}

    private ClusterUnderTest(Servers servers, Function<String, Place> places, List<String> flags) {
        this.servers = servers;
        this.places = places;
        this.flags = flags;
    }

    /** Starts the nodes n1, n2 ... and waits until one of them leads. Each gets the flags. */
    public static ClusterUnderTest start(Servers servers, int count, String... flags) {
        return start(servers, id -> Place.HERE, count, flags);
    }

    /** The same, each server at the place that its id has. */
    public static ClusterUnderTest start(Servers servers, Function<String, Place> places, int count, String... flags) {
        ClusterUnderTest cluster = new ClusterUnderTest(servers, places, List.of(flags));
        List<int[]> ports = new ArrayList<>();
        List<String> members = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            int[] own = {LoopbackPorts.next(), LoopbackPorts.next(), LoopbackPorts.next()};
            ports.add(own);
            members.add("n" + i + "@" + places.apply("n" + i).host() + ":" + own[0] + "/" + own[1] + "/" + own[2]);
        }
        for (int i = 1; i <= count; i++) {
            cluster.launch("n" + i, ports.get(i - 1), List.of("--cluster.nodes=" + String.join(",", members)));
        }
        cluster.nodes.forEach(node -> node.server().awaitReady(START_TIMEOUT));
        cluster.awaitLeader(START_TIMEOUT);
        return cluster;
    }

    /** Starts a node with an empty disk, and waits until it can be added. */
    public NodeUnderTest startJoining(String id) {
        NodeUnderTest joining = launch(
                id,
                new int[] {LoopbackPorts.next(), LoopbackPorts.next(), LoopbackPorts.next()},
                List.of("--cluster.nodes=" + members(), "--cluster.start=join"));
        // It is not ready before it is a member, but listens.
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (LoopbackPorts.isFree(joining.internalPort())) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError(id + " does not listen after " + START_TIMEOUT + ": "
                        + joining.server().logFile());
            }
            sleep(POLL_MILLIS);
        }
        return joining;
    }

    public List<NodeUnderTest> nodes() {
        return List.copyOf(nodes);
    }

    /** Where clients reach the nodes. */
    public List<String> endpoints() {
        return nodes.stream().map(NodeUnderTest::endpoint).toList();
    }

    /** All but this one. */
    public List<NodeUnderTest> others(NodeUnderTest node) {
        return nodes.stream().filter(each -> !each.id().equals(node.id())).toList();
    }

    /** Those that were started here. */
    public List<ReplicaUnderTest> replicas() {
        return List.copyOf(replicas);
    }

    public ReplicaUnderTest replica(String id) {
        return replicas.stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no replica " + id));
    }

    /** Where clients reach each server, by id. */
    public Map<String, String> endpointsById() {
        Map<String, String> endpoints = new HashMap<>();
        nodes.forEach(node -> endpoints.put(node.id(), node.endpoint()));
        replicas.forEach(replica -> endpoints.put(replica.id(), replica.endpoint()));
        return endpoints;
    }

    /** To its client port, the same one for as long as the cluster is under test. */
    public ManagedChannel channel(NodeUnderTest node) {
        return channel(node.endpoint());
    }

    public ManagedChannel channel(ReplicaUnderTest replica) {
        return channel(replica.endpoint());
    }

    private ManagedChannel channel(String endpoint) {
        return channels.computeIfAbsent(
                endpoint,
                each -> NettyChannelBuilder.forTarget(each).usePlaintext().build());
    }

    /** Whom the replica follows; empty if it does not say. */
    public Optional<NodeUnderTest> upstream(ReplicaUnderTest replica) {
        try {
            String id = MaintenanceGrpc.newBlockingStub(channel(replica))
                    .withDeadlineAfter(ASK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .getStatus(GetStatusRequest.getDefaultInstance())
                    .getReplica()
                    .getUpstreamId();
            return nodes.stream().filter(node -> node.id().equals(id)).findFirst();
        } catch (StatusRuntimeException e) {
            channel(replica).resetConnectBackoff();
            return Optional.empty();
        }
    }

    /** What the node says of itself; empty if it does not answer. */
    public Optional<Standing> standing(NodeUnderTest node) {
        try {
            ResponseHeader header = ClusterGrpc.newBlockingStub(channel(node))
                    .withDeadlineAfter(ASK_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .getTopology(GetTopologyRequest.getDefaultInstance())
                    .getHeader();
            return Optional.of(
                    new Standing(node, header.getServedByRole(), header.getTerm(), header.getAppliedIndex()));
        } catch (StatusRuntimeException e) {
            // One that is back is asked again at once, and not after a wait that has grown meanwhile.
            channel(node).resetConnectBackoff();
            return Optional.empty();
        }
    }

    /** Waits until one of the nodes says that it leads, and gives the one with the highest term. */
    public Standing awaitLeader(Duration timeout) {
        return awaitLeader(nodes, 0, timeout);
    }

    /** Waits until one of these nodes says that it leads in a term above the given one. */
    public Standing awaitLeader(List<NodeUnderTest> among, long aboveTerm, Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (true) {
            Optional<Standing> leader = among.stream()
                    .filter(node -> node.server().isAlive())
                    .flatMap(node -> standing(node).stream())
                    .filter(each -> each.role() == ServerRole.SERVER_ROLE_LEADER && each.term() > aboveTerm)
                    .max((a, b) -> Long.compare(a.term(), b.term()));
            if (leader.isPresent()) {
                return leader.get();
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("no leader among " + among + " above term " + aboveTerm + " after " + timeout
                        + "; logs: " + servers.directory());
            }
            sleep(POLL_MILLIS);
        }
    }

    /** Starts it again and waits until it is ready. */
    public void restart(NodeUnderTest node) {
        node.server().start();
        node.server().awaitReady(START_TIMEOUT);
    }

    /** Ends the channels; {@link Servers} ends the processes. */
    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }

    /** Looks again and again, which is all that one can do with other processes; never longer than the timeout. */
    static void await(String what, Duration timeout, BooleanSupplier holds) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("waited " + timeout + " for " + what);
            }
            sleep(POLL_MILLIS);
        }
    }

    /** How long a fault lasts is part of the fault; nothing is synchronised by it. */
    static void sleep(long millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Starts a replica that follows these nodes. It is ready once it serves shards and knows how fresh they are. */
    public ServerUnderTest startReplica(String id, String... flags) {
        int clientPort = LoopbackPorts.next();
        int internalPort = LoopbackPorts.next();
        List<String> all = new ArrayList<>(List.of(
                "--cluster.nodes=" + members(), "--client.port=" + clientPort, "--internal.port=" + internalPort));
        all.addAll(List.of(flags));
        ServerUnderTest server = servers.startReplica(places.apply(id), id, all.toArray(String[]::new));
        replicas.add(new ReplicaUnderTest(server, clientPort, internalPort));
        return server;
    }

    private String members() {
        return nodes.stream()
                .map(node -> node.id() + "@" + node.endpoint() + "/" + node.internalPort() + "/" + node.raftPort())
                .collect(Collectors.joining(","));
    }

    private NodeUnderTest launch(String id, int[] ports, List<String> own) {
        List<String> all = new ArrayList<>(own);
        all.add("--cluster.name=faults");
        all.add("--client.port=" + ports[0]);
        all.add("--internal.port=" + ports[1]);
        all.add("--raft.port=" + ports[2]);
        all.addAll(flags);
        // So that other settings can be tried with every test.
        all.addAll(List.of(System.getProperty("tidemark.faults.flags", "").split(" ")));
        all.removeIf(String::isEmpty);
        NodeUnderTest node = new NodeUnderTest(
                servers.startNode(places.apply(id), id, all.toArray(String[]::new)), ports[0], ports[1], ports[2]);
        nodes.add(node);
        return node;
    }
}
