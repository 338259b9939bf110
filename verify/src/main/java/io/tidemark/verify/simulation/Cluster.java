// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import com.google.protobuf.MessageLite;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.HistoryId;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.replica.feed.core.Self;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.verify.simulation.Links.Port;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** All machines, what runs on them, and what is between them. */
final class Cluster implements AutoCloseable {

    private static final HistoryId HISTORY = new HistoryId("0123456789abcdef");

    /** A machine for a node. */
    final class NodeHost {
        private final Machine machine;
        private final Member member;
        private final String zone;
        private final Path directory;
        private final ModelRaft.Disk log = new ModelRaft.Disk();
        private @Nullable SimulatedNode process;
        private boolean born;

        NodeHost(Machine machine, Member member, String zone) {
            this.machine = machine;
            this.member = member;
            this.zone = zone;
            this.directory = setup.directory().resolve(member.id());
        }

        Machine machine() {
            return machine;
        }

        String id() {
            return member.id();
        }

        @Nullable SimulatedNode process() {
            return process;
        }

        void boot() {
            Store store = born
                    ? Store.open(directory, setup.stores())
                    : Store.create(
                            MapDbEngine.open(directory, setup.stores().engine()),
                            StoreBirth.ofNewHistory(HISTORY, setup.settings()),
                            setup.stores());
            born = true;
            machine.boot();
            SimulatedNode started = new SimulatedNode(Cluster.this, machine, member, zone, store, log);
            process = started;
            started.start();
        }

        /** As by kill -9. */
        void kill() {
            SimulatedNode running = process;
            if (running != null) {
                figures.ended(running);
                process = null;
                machine.kill();
                running.store().close();
                links.died(machine);
            }
        }
    }

    /** A machine for a replica. */
    final class ReplicaHost {
        private final Machine machine;
        private final String id;
        private final String zone;
        private final int weight;
        private ReplicaDirectory disk;
        private int disks = 1;
        private @Nullable SimulatedReplica process;
        private boolean gone;

        ReplicaHost(String id, String zone, int weight) {
            this.id = id;
            this.zone = zone;
            this.weight = weight;
            this.machine = new Machine(world, id);
            this.disk = newDisk();
            links.place(id, zone);
        }

        private ReplicaDirectory newDisk() {
            return new ReplicaDirectory(
                    setup.directory().resolve(id + "-" + disks), setup.stores(), id + "-disk-" + disks);
        }

        Machine machine() {
            return machine;
        }

        String id() {
            return id;
        }

        String zone() {
            return zone;
        }

        int weight() {
            return weight;
        }

        @Nullable SimulatedReplica process() {
            return process;
        }

        /** It has left for good. */
        boolean isGone() {
            return gone;
        }

        void boot() {
            disk.open();
            machine.boot();
            Self self = new Self(id, id + "-" + machine.life(), disk.diskId(), zone, weight, "simulated");
            SimulatedReplica started = new SimulatedReplica(Cluster.this, machine, self, disk);
            process = started;
            started.start();
        }

        /** As by kill -9. */
        void kill() {
            if (process != null) {
                process = null;
                machine.kill();
                disk.close();
                links.died(machine);
            }
        }

        /** As when it is told to stop, and stops; what it serves is moved only if nobody starts it again. */
        void stop() {
            SimulatedReplica running = process;
            if (running != null) {
                running.stop(this::kill);
            }
        }

        /** Its disk is another one, and empty. */
        void wipe() {
            disks++;
            disk = newDisk();
        }

        /** Nobody starts it again. */
        void leaveForGood() {
            gone = true;
            stop();
        }

        /** The machine is gone. */
        void dieForGood() {
            gone = true;
            kill();
        }
    }

    private final Setup setup;
    private final World world;
    private final Links links;
    private final Truth truth;
    private final Figures figures;
    private final Membership membership;
    private final Map<String, NodeHost> nodes = new LinkedHashMap<>();
    private final Map<String, ReplicaHost> replicas = new LinkedHashMap<>();

    Cluster(Setup setup) {
        this.setup = setup;
        this.world = new World(setup.seed());
        this.links = new Links(world, setup.lossPermille());
        this.truth = new Truth(world);
        this.figures = new Figures();
        for (int i = 0; i < setup.nodes(); i++) {
            String id = "n" + (i + 1);
            links.place(id, setup.zone(i));
            nodes.put(
                    id,
                    new NodeHost(
                            new Machine(world, id), new Member(id, id + ":3", id + ":2", id + ":1"), setup.zone(i)));
        }
        Set<Member> voters = nodes.values().stream().map(host -> host.member).collect(Collectors.toSet());
        this.membership = new Membership(-1, voters, Set.of());
        IntStream.range(0, setup.replicas()).forEach(i -> addReplica());
    }

    /** A machine for one replica more, which does not run yet. */
    ReplicaHost addReplica() {
        int number = replicas.size();
        ReplicaHost host = new ReplicaHost("r" + (number + 1), setup.zone(number), setup.weight(number));
        replicas.put(host.id, host);
        return host;
    }

    Setup setup() {
        return setup;
    }

    World world() {
        return world;
    }

    Links links() {
        return links;
    }

    Truth truth() {
        return truth;
    }

    Figures figures() {
        return figures;
    }

    Membership membership() {
        return membership;
    }

    Collection<NodeHost> nodes() {
        return nodes.values();
    }

    Collection<ReplicaHost> replicas() {
        return replicas.values();
    }

    ReplicaHost replica(String id) {
        return require(replicas.get(id), id);
    }

    private static <T> T require(@Nullable T found, String id) {
        if (found == null) {
            throw new IllegalArgumentException("there is no machine " + id);
        }
        return found;
    }

    List<String> nodeAddresses() {
        List<String> addresses = new ArrayList<>();
        nodes.values().forEach(host -> addresses.add(host.member.internalAddress()));
        return addresses;
    }

    /** Null: it does not run. */
    @Nullable ModelRaft raft(String id) {
        SimulatedNode process = require(nodes.get(id), id).process;
        return process == null ? null : process.raft();
    }

    /** Who leads, in the newest term in which anybody does. */
    Optional<NodeHost> leader() {
        NodeHost newest = null;
        long term = -1;
        for (NodeHost host : nodes.values()) {
            SimulatedNode process = host.process;
            if (process != null && process.raft().leads() && process.raft().term() > term) {
                newest = host;
                term = process.raft().term();
            }
        }
        return Optional.ofNullable(newest);
    }

    private NodeHost at(String address) {
        String id = address.substring(0, address.indexOf(':'));
        return require(nodes.get(id), address);
    }

    <Q extends MessageLite, A extends MessageLite> CompletableFuture<A> callNode(
            Machine.Lane from,
            String address,
            Port port,
            Duration within,
            Q request,
            Calls.Method<SimulatedNode, Q, A> method) {
        if (from.isOver()) {
            return CompletableFuture.failedFuture(Status.CANCELLED.asRuntimeException());
        }
        NodeHost host = at(address);
        return Calls.<SimulatedNode, Q, A>call(
                links, from, host.machine, () -> host.process, port, within, request, method);
    }

    <U extends MessageLite, D extends MessageLite> Connection<U, D> connectNode(
            Machine.Lane from,
            String address,
            Port port,
            BiFunction<SimulatedNode, ServerCallStreamObserver<D>, StreamObserver<U>> accept,
            Connection.Caller<D> caller) {
        NodeHost host = at(address);
        return Connection.open(links, from, host.machine, () -> host.process, port, accept, caller);
    }

    <Q extends MessageLite, A extends MessageLite> CompletableFuture<A> callReplica(
            Machine.Lane from,
            ReplicaHost host,
            Port port,
            Duration within,
            Q request,
            Calls.Method<SimulatedReplica, Q, A> method) {
        return Calls.<SimulatedReplica, Q, A>call(
                links, from, host.machine, () -> host.process, port, within, request, method);
    }

    @Override
    public void close() {
        replicas.values().forEach(ReplicaHost::kill);
        nodes.values().forEach(NodeHost::kill);
    }
}
