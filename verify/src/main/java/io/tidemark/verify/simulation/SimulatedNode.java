// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tidemark.node.FedReplicas;
import io.tidemark.node.cluster.ClusterFacts;
import io.tidemark.node.cluster.Inquiries;
import io.tidemark.node.cluster.TopologyKeeper;
import io.tidemark.node.confirm.AppliedRaft;
import io.tidemark.node.confirm.ClockComparison;
import io.tidemark.node.confirm.ConfirmOptions;
import io.tidemark.node.confirm.ConfirmationHandlers;
import io.tidemark.node.confirm.Identity;
import io.tidemark.node.confirm.LeaderRounds;
import io.tidemark.node.confirm.NodeFreshness;
import io.tidemark.node.confirm.RemoteRounds;
import io.tidemark.node.confirm.TermAnswers;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.registry.FeedBalance;
import io.tidemark.node.registry.Registrar;
import io.tidemark.node.registry.RegistryListener;
import io.tidemark.node.registry.RegistryOptions;
import io.tidemark.node.registry.Replicated;
import io.tidemark.node.registry.Subscribers;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.feed.BootstrapOptions;
import io.tidemark.server.feed.Bootstraps;
import io.tidemark.server.feed.DigestQueries;
import io.tidemark.server.feed.Feeds;
import io.tidemark.server.feed.core.FeedOptions;
import io.tidemark.server.read.LocalTimes;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.proto.v1.WriteCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.store.transition.Outcome;
import io.tidemark.verify.simulation.Links.Port;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The process of one node: its parts, put together as in {@code io.tidemark.node.NodeParts}, on the model of the consensus. */
final class SimulatedNode implements Connection.Callee, ModelRaft.Machinery {

    private static final Duration ASK_MAX = Duration.ofSeconds(3);
    private static final Duration DIGESTS_EVERY = Duration.ofSeconds(1);
    private static final Duration COPY_LATENCY = Duration.ofMillis(2);
    private static final Duration DISK_LATENCY = Duration.ofMillis(1);

    /** What happened at this process so far. */
    static final class Counts {
        private long rounds;
        private long failedRounds;
        private long roundNanos;

        /** That it confirmed as a leader. */
        long rounds() {
            return rounds;
        }

        long failedRounds() {
            return failedRounds;
        }

        long roundNanos() {
            return roundNanos;
        }
    }

    private final Cluster cluster;
    private final Machine machine;
    private final Member self;
    private final String zone;
    private final Store store;
    private final ModelRaft raft;
    private final Machine.Lane network;
    private final Machine.Lane changes;
    private final AppliedRaft applied;
    private final RemoteRounds remoteRounds;
    private final NodeFreshness freshness;
    private final ConfirmationHandlers confirmation;
    private final TermAnswers terms;
    private final TopologyKeeper topology;
    private final Registrar registrar;
    private final Subscribers subscribers;
    private final Feeds feeds;
    private final FeedBalance balance;
    private final DigestQueries digests;
    private final Bootstraps bootstraps;
    private final Reading reading;
    private final Counts counts = new Counts();
    private final StorePlace place;
    private long writes;

    /** @param store of this node, as far as it was durable */
    SimulatedNode(Cluster cluster, Machine machine, Member self, String zone, Store store, ModelRaft.Disk disk) {
        this.cluster = cluster;
        this.machine = machine;
        this.self = self;
        this.zone = zone;
        this.store = store;
        this.network = machine.lane("network");
        this.changes = machine.lane("changes");
        Machine.Lane timers = machine.lane("timers");
        Machine.Lane proving = machine.lane("proving");
        Machine.Lane feeding = machine.lane("feeding");
        Machine.Lane reads = machine.lane("reads");
        this.raft = new ModelRaft(
                self,
                cluster.membership(),
                machine,
                cluster.links(),
                disk,
                raftIndex(store.position()),
                cluster::raft,
                this);
        this.place = new StorePlace(self.id(), "no store", machine, timers, proving, LocalTimes::new, Store::horizon);
        Identity identity = new Identity(() -> Setup.CLUSTER_ID, self.id(), place::history);
        ConfirmOptions options = ConfirmOptions.defaults();
        SimulatedPeers peers = new SimulatedPeers(cluster, network);
        LeaderRounds leaderRounds = new LeaderRounds(
                identity, raft, peers, machine, timers, options, new ClockComparison(options.clockOffMax(), off -> {}));
        leaderRounds.listen((isConfirmed, nanos) -> {
            counts.rounds++;
            counts.failedRounds += isConfirmed ? 0 : 1;
            counts.roundNanos += nanos;
        });
        this.terms = new TermAnswers(identity, raft, machine);
        this.remoteRounds = new RemoteRounds(identity, raft, peers, leaderRounds, terms, machine, timers, options);
        this.applied = new AppliedRaft(proving);
        this.freshness = new NodeFreshness(identity, raft, leaderRounds, remoteRounds, applied, place::index, proving);
        this.confirmation = new ConfirmationHandlers(identity, raft, terms, leaderRounds);
        this.registrar = new Registrar(
                raft,
                () -> Optional.of(new Replicated(store.history().text(), store.registry(), store.settings())),
                () -> topology().current(),
                () -> Setup.CLUSTER_ID,
                (what, command) -> raft.propose(command).thenApply(SimulatedNode::settled),
                new News(),
                new RegistryOptions(cluster.setup().lossTimeout()),
                machine,
                changes);
        this.topology = new TopologyKeeper(
                raft, new Asking(), this::status, this::facts, Set::of, registrar::replicas, machine, timers);
        this.subscribers = new Subscribers(
                self.id(),
                this::facts,
                topology::version,
                this::reportToLeader,
                topology::adopt,
                new RegistryOptions(cluster.setup().lossTimeout()),
                machine,
                timers);
        this.feeds = new Feeds(
                self.id(),
                () -> Setup.CLUSTER_ID,
                place::store,
                freshness,
                topology::current,
                new FedReplicas(subscribers),
                FeedOptions.defaults(),
                machine,
                timers,
                feeding,
                work -> reads.after(DISK_LATENCY, work));
        this.balance = new FeedBalance(
                self.id(),
                topology::current,
                feeds::rebalance,
                timers,
                cluster.world().chance("balance " + self.id() + machine.life())::nextDouble);
        this.digests = new DigestQueries(
                self.id(),
                () -> Setup.CLUSTER_ID,
                place::store,
                new Digests(any -> ResponseHeader.getDefaultInstance()));
        this.bootstraps = new Bootstraps(
                self.id(),
                () -> Setup.CLUSTER_ID,
                place,
                BootstrapOptions.defaults(),
                timers,
                work -> reads.after(COPY_LATENCY, work));
        this.reading = new Reading(cluster.world(), cluster.truth(), place, new Self(), timers);
    }

    private TopologyKeeper topology() {
        return topology;
    }

    void start() {
        freshness.storeReplaced();
        place.replace(store, freshness);
        applied.advanced(raftIndex(store.position()));
        var unused = topology.listen(changed -> feeds.topologyChanged());
        balance.start();
        raft.start();
        changed();
        checkpointLater();
        keepDigestsLater();
    }

    /** When nothing was written for a while there are digests all the same. */
    private void keepDigestsLater() {
        changes.after(DIGESTS_EVERY, () -> {
            store.keepDigests();
            keepDigestsLater();
        });
    }

    private void checkpointLater() {
        changes.after(cluster.setup().checkpointInterval(), () -> {
            if (store.durable().index() < store.appliedIndex()) {
                var unused = store.checkpoint().join();
            }
            checkpointLater();
        });
    }

    /** As before a stop: those who are fed go elsewhere. */
    void drain() {
        feeds.stop();
        bootstraps.stop();
    }

    private Optional<ClusterFacts> facts() {
        return Optional.of(new ClusterFacts(Setup.CLUSTER_ID, store.history().text(), store.shardCount()));
    }

    // Of the consensus.

    static ByteString position(long raftIndex) {
        return ByteString.copyFrom(ByteBuffer.allocate(Long.BYTES).putLong(0, raftIndex));
    }

    static long raftIndex(ByteString position) {
        return position.isEmpty() ? 0 : position.asReadOnlyByteBuffer().getLong();
    }

    @Override
    public List<CommandResult> apply(long raftIndex, @Nullable Entry entry) {
        if (entry == null) {
            store.movePosition(position(raftIndex));
            return List.of();
        }
        List<CommandResult> results = store.apply(entry, position(raftIndex)).results();
        for (int i = 0; i < results.size(); i++) {
            Command command = entry.getCommands(i);
            if (command.hasWrite() && results.get(i).outcome() instanceof Outcome.Committed committed) {
                PutMutation put = command.getWrite().getCommit().getMutations(0).getPut();
                cluster.truth()
                        .committed(
                                self.id(),
                                committed.index(),
                                put.getKey(),
                                put.getValue().getBytes().toStringUtf8());
            }
        }
        return results;
    }

    @Override
    public void applied(long raftIndex) {
        applied.advanced(raftIndex);
    }

    @Override
    public int transitionVersion() {
        return store.transitionVersion();
    }

    @Override
    public void changed() {
        changes.execute(() -> {
            remoteRounds.leaderChanged();
            registrar.leadershipChanged();
            topology.refresh();
            subscribers.leadershipChanged();
        });
    }

    private static Outcome settled(CommandResult result) {
        if (result.outcome() instanceof Outcome.Refused refused) {
            throw refused.refusal().status().toException();
        }
        return result.outcome();
    }

    private CompletableFuture<ReportSubscribersResponse> reportToLeader(ReportSubscribersRequest report) {
        if (raft.leads()) {
            return registrar.report(report);
        }
        return leader().map(leader -> cluster.callNode(
                        network, leader.internalAddress(), Port.INTERNAL, ASK_MAX, report, SimulatedNode::report))
                .orElseGet(SimulatedNode::noLeader);
    }

    private Optional<Member> leader() {
        return raft.leader().filter(member -> !member.id().equals(self.id()));
    }

    private static <T> CompletableFuture<T> noLeader() {
        return CompletableFuture.failedFuture(
                Status.UNAVAILABLE.withDescription("no leader is known").asRuntimeException());
    }

    /** Passes on what the registry tells. */
    private final class News implements RegistryListener {
        @Override
        public void replicasChanged() {
            topology().replicasChanged();
        }

        @Override
        public void stormBegan(int silent, int replicas) {
            cluster.figures().stormBegan();
        }

        @Override
        public void stormEnded() {
            cluster.figures().stormEnded();
        }
    }

    /** Asks other nodes. */
    private final class Asking implements Inquiries {
        @Override
        public CompletableFuture<GetStatusResponse> status(String address) {
            return cluster.callNode(
                    network,
                    address,
                    Port.INTERNAL,
                    ASK_MAX,
                    GetStatusRequest.getDefaultInstance(),
                    (node, request, caller) -> answer(caller, CompletableFuture.completedFuture(node.status())));
        }

        @Override
        public CompletableFuture<Topology> topology(String address) {
            return cluster.callNode(
                    network,
                    address,
                    Port.INTERNAL,
                    ASK_MAX,
                    GetTopologyRequest.getDefaultInstance(),
                    SimulatedNode::tellTopology);
        }
    }

    /** Who this node is, in the headers of its answers. */
    private final class Self implements Answerer {
        @Override
        public String serverId() {
            return self.id();
        }

        @Override
        public ServerRole role() {
            return raft.leads() ? ServerRole.SERVER_ROLE_LEADER : ServerRole.SERVER_ROLE_FOLLOWER;
        }

        @Override
        public long term() {
            return raft.term();
        }

        @Override
        public TopologyVersion topologyVersion() {
            return topology().version();
        }
    }

    private GetStatusResponse status() {
        return GetStatusResponse.newBuilder()
                .setServerId(self.id())
                .setZone(zone)
                .setHorizon(store.horizon())
                .setHeader(ResponseHeader.newBuilder()
                        .setServedByRole(raft.leads() ? ServerRole.SERVER_ROLE_LEADER : ServerRole.SERVER_ROLE_FOLLOWER)
                        .setTerm(raft.term())
                        .setAppliedIndex(store.appliedIndex()))
                .build();
    }

    // What others ask. On the thread that receives calls.

    @Override
    public Machine.Lane network() {
        return network;
    }

    private static <A> void answer(StreamObserver<A> caller, CompletableFuture<A> answer) {
        CompletableFuture<A> unused = answer.whenComplete((value, failure) -> {
            if (failure == null) {
                caller.onNext(value);
                caller.onCompleted();
            } else {
                caller.onError(failure);
            }
        });
    }

    void report(ReportSubscribersRequest request, StreamObserver<ReportSubscribersResponse> caller) {
        answer(caller, registrar.report(request));
    }

    void tellTopology(GetTopologyRequest request, StreamObserver<Topology> caller) {
        answer(caller, CompletableFuture.completedFuture(topology.current()));
    }

    void get(GetRequest request, StreamObserver<GetResponse> caller) {
        reading.get(request, caller, caller::onError);
    }

    /** A write by a client. It is passed on once, to the leader. */
    void put(PutRequest request, boolean mayPassOn, StreamObserver<PutResponse> caller) {
        if (!raft.leads()) {
            answer(
                    caller,
                    leader().filter(leader -> mayPassOn)
                            .map(leader -> cluster.<PutRequest, PutResponse>callNode(
                                    network,
                                    leader.internalAddress(),
                                    Port.INTERNAL,
                                    ASK_MAX,
                                    request,
                                    (node, passed, from) -> node.put(passed, false, from)))
                            .orElseGet(SimulatedNode::noLeader));
            return;
        }
        writes++;
        Command command = Command.newBuilder()
                .setWrite(WriteCommand.newBuilder()
                        .setIdentity(RequestIdentity.newBuilder()
                                .setRequestId(self.id() + "-" + machine.life() + "-" + writes)
                                .setFirstSentIndex(store.appliedIndex()))
                        .setCommit(CommitRequest.newBuilder()
                                .addMutations(Mutation.newBuilder()
                                        .setTable(request.getTable())
                                        .setPut(PutMutation.newBuilder()
                                                .setKey(request.getKey())
                                                .setValue(request.getValue())))))
                .build();
        answer(caller, raft.propose(command).thenApply(result -> {
            if (!(result.outcome() instanceof Outcome.Committed committed)) {
                throw new IllegalStateException("a write ended with " + result.outcome());
            }
            cluster.truth().acknowledged(committed.index());
            return PutResponse.newBuilder().setIndex(committed.index()).build();
        }));
    }

    ConfirmationHandlers confirmation() {
        return confirmation;
    }

    Feeds feeds() {
        return feeds;
    }

    DigestQueries digests() {
        return digests;
    }

    Bootstraps bootstraps() {
        return bootstraps;
    }

    // What the simulation looks at.

    Store store() {
        return store;
    }

    ModelRaft raft() {
        return raft;
    }

    Registrar registrar() {
        return registrar;
    }

    Topology knownTopology() {
        return topology.current();
    }

    TopologyVersion topologyVersion() {
        return topology.version();
    }

    Counts counts() {
        return counts;
    }
}
