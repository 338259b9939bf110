// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.Value;
import io.tidemark.replica.feed.core.FeedEvents;
import io.tidemark.replica.feed.core.FeedOptions;
import io.tidemark.replica.feed.core.Load;
import io.tidemark.replica.feed.core.Network;
import io.tidemark.replica.feed.core.OwnedShards;
import io.tidemark.replica.feed.core.Self;
import io.tidemark.replica.feed.core.StoreHome;
import io.tidemark.replica.feed.core.Subscriber;
import io.tidemark.replica.serve.KnownTopology;
import io.tidemark.replica.serve.ReplicaAnswerer;
import io.tidemark.replica.serve.ReplicaFreshness;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.read.StorePlace;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import io.tidemark.verify.simulation.Links.Port;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The process of one replica: its parts, put together as in {@code io.tidemark.replica.ReplicaParts}. */
final class SimulatedReplica implements Connection.Callee, FeedEvents, Load {

    private static final Duration ASK_MAX = Duration.ofSeconds(3);
    private static final Duration DRAINING = Duration.ofSeconds(1);

    private final Cluster cluster;
    private final Machine machine;
    private final Self self;
    private final ReplicaDirectory disk;
    private final Machine.Lane feed;
    private final Machine.Lane network;
    private final Random chance;
    private final KnownTopology topology;
    private final StorePlace place;
    private final Subscriber subscriber;
    private final Freshness freshness;
    private final Reading reading;
    private final ResponseHeader.Builder withoutState;
    private Shards served = Shards.NONE;
    private long reads;
    private long boundedReads;

    SimulatedReplica(Cluster cluster, Machine machine, Self self, ReplicaDirectory disk) {
        this.cluster = cluster;
        this.machine = machine;
        this.self = self;
        this.disk = disk;
        this.feed = machine.lane("feed");
        this.network = machine.lane("network");
        this.chance = cluster.world().chance("replica " + self.incarnationId());
        this.topology = new KnownTopology(self.id(), self.zone(), cluster.nodeAddresses());
        Machine.Lane timers = machine.lane("timers");
        Machine.Lane provers = machine.lane("provers");
        this.place = new StorePlace(
                self.id(),
                "no store",
                machine,
                timers,
                provers,
                (store, waiters) -> time -> CompletableFuture.failedFuture(Status.UNIMPLEMENTED.asRuntimeException()),
                store -> clusterHorizon());
        this.subscriber = new Subscriber(
                self,
                FeedOptions.defaults(),
                cluster.nodeAddresses(),
                new Uplink(),
                new Home(),
                OwnedShards.placed(),
                this,
                this,
                machine,
                feed,
                chance::nextDouble);
        Freshness honest = new ReplicaFreshness(self.id(), subscriber, feed, provers);
        this.freshness = cluster.setup().planted() == PlantedFault.PROOF_DATED_BY_ITS_ANSWER
                ? new Misdated(honest, machine)
                : honest;
        this.reading = new Reading(
                cluster.world(),
                cluster.truth(),
                place,
                new ReplicaAnswerer(self.id(), topology, subscriber::term),
                timers);
        this.withoutState = ResponseHeader.newBuilder().setServedBy(self.id());
    }

    private long clusterHorizon() {
        return subscriber.figures().clusterHorizon();
    }

    void start() {
        Store found = disk.store();
        if (found != null) {
            place.replace(found, freshness);
        }
        feed.execute(() -> subscriber.start(self.id() + ":1", self.id() + ":2"));
        checkpointLater();
    }

    /**
     * As a process that is told to stop: says that nobody is to be sent here any more, parts from its upstream, and makes durable what is
     * here.
     */
    void stop(Runnable stopped) {
        feed.execute(subscriber::withdraw);
        feed.after(
                DRAINING,
                () -> subscriber.part(() -> feed.execute(() -> {
                    subscriber.close();
                    checkpoint();
                    stopped.run();
                })));
    }

    private void checkpointLater() {
        feed.after(cluster.setup().checkpointInterval(), () -> {
            checkpoint();
            checkpointLater();
        });
    }

    private void checkpoint() {
        Store store = disk.store();
        if (store != null
                && (store.durable().index() < store.appliedIndex()
                        || store.stats().memtableBytes() > 0)) {
            var unused = store.checkpoint().join();
        }
    }

    /** Where its store lives. */
    private final class Home implements StoreHome {
        @Override
        public @Nullable Store store() {
            return disk.store();
        }

        @Override
        public String clusterId() {
            return disk.clusterId();
        }

        @Override
        public Store begin(String clusterId, io.tidemark.store.state.StoreBirth birth) {
            place.withdraw();
            Store made = disk.begin(clusterId, birth);
            place.replace(made, freshness);
            return made;
        }
    }

    /** How it reaches its upstreams. */
    private final class Uplink implements Network {
        @Override
        public FeedStream openFeed(String address, FeedListener listener) {
            var connection = cluster.<FeedRequest, FeedResponse>connectNode(
                    feed, address, Port.INTERNAL, (node, call) -> node.feeds().feed(call), new Connection.Caller<>() {
                        @Override
                        public void received(FeedResponse message) {
                            listener.received(List.of(message));
                        }

                        @Override
                        public void ended(@Nullable StatusRuntimeException error) {
                            listener.ended(end(error));
                        }
                    });
            connection.request(Long.MAX_VALUE);
            return new FeedStream() {
                @Override
                public void send(FeedRequest request) {
                    connection.send(request);
                }

                @Override
                public void finish() {
                    connection.finish();
                }

                @Override
                public void close() {
                    connection.leave();
                }
            };
        }

        @Override
        public CopyStream openCopy(String address, BootstrapRequest request, CopyListener listener) {
            var connection = cluster.<BootstrapRequest, BootstrapResponse>connectNode(
                    feed,
                    address,
                    Port.INTERNAL,
                    (node, call) -> new OneRequest<>(asked -> node.bootstraps().bootstrap(asked, call)),
                    new Connection.Caller<>() {
                        @Override
                        public void received(BootstrapResponse message) {
                            listener.received(message);
                        }

                        @Override
                        public void ended(@Nullable StatusRuntimeException error) {
                            listener.ended(end(error));
                        }
                    });
            connection.send(request);
            connection.request(1);
            return new CopyStream() {
                @Override
                public void next() {
                    connection.request(1);
                }

                @Override
                public void close() {
                    connection.leave();
                }
            };
        }

        @Override
        public void askTopology(String address, Consumer<Optional<Topology>> answer) {
            CompletableFuture<Void> unused = cluster.callNode(
                            feed,
                            address,
                            Port.INTERNAL,
                            ASK_MAX,
                            GetTopologyRequest.getDefaultInstance(),
                            SimulatedNode::tellTopology)
                    .handle((told, failure) -> {
                        Optional<Topology> known = failure == null ? Optional.of(told) : Optional.empty();
                        feed.execute(() -> answer.accept(known));
                        return null;
                    });
        }

        @Override
        public void askDigests(
                String address, FetchDigestsRequest request, Consumer<Optional<FetchDigestsResponse>> answer) {
            CompletableFuture<Void> unused = cluster.<FetchDigestsRequest, FetchDigestsResponse>callNode(
                            feed,
                            address,
                            Port.INTERNAL,
                            ASK_MAX,
                            request,
                            (node, asked, caller) -> node.digests().fetch(asked, caller))
                    .handle((told, failure) -> {
                        Optional<FetchDigestsResponse> known = failure == null ? Optional.of(told) : Optional.empty();
                        feed.execute(() -> answer.accept(known));
                        return null;
                    });
        }

        private Network.StreamEnd end(@Nullable StatusRuntimeException error) {
            if (error == null) {
                return new StreamEnd(Optional.empty(), "it ended the stream");
            }
            Optional<ErrorStatus> ours = ErrorStatus.from(error);
            return new StreamEnd(
                    ours.map(ErrorStatus::reason),
                    ours.map(ErrorStatus::message).orElseGet(() -> String.valueOf(error.getMessage())),
                    ours.flatMap(ErrorStatus::retryDelay));
        }
    }

    // What clients ask. On the thread that receives calls.

    @Override
    public Machine.Lane network() {
        return network;
    }

    /** Answers here, or has another server do it. */
    void get(GetRequest request, boolean mayAskReplica, StreamObserver<GetResponse> caller) {
        reads++;
        ReadOptions options = request.getReadOptions();
        boolean isNewest = options.hasStrength() && options.getStrength() == Strength.STRENGTH_LINEARIZABLE;
        boundedReads += isNewest || options.hasMaxStaleness() ? 1 : 0;
        Store store = disk.store();
        if (store == null) {
            passOn(request, mayAskReplica, caller);
            return;
        }
        int shard = ShardHash.shardOf(request.getTable(), request.getKey(), store.shardCount());
        if (cluster.setup().planted() == PlantedFault.SHARD_SERVED_BEFORE_IT_IS_LEVEL
                && !subscriber.serving().contains(shard)
                && placedHere().contains(shard)) {
            getUnguarded(store, request, caller);
        } else if (subscriber.serving().contains(shard)) {
            reading.get(asked(request), caller, error -> passOn(request, mayAskReplica, caller));
        } else {
            passOn(request, mayAskReplica, caller);
        }
    }

    private GetRequest asked(GetRequest request) {
        return cluster.setup().planted() == PlantedFault.SESSION_FORGOTTEN
                ? request.toBuilder()
                        .setReadOptions(request.getReadOptions().toBuilder().clearMinIndex())
                        .build()
                : request;
    }

    private void getUnguarded(Store store, GetRequest request, StreamObserver<GetResponse> caller) {
        try (StoreView view = store.view()) {
            StoredRow row = view.get(new RowName(request.getTable(), request.getKey()));
            GetResponse.Builder answer = GetResponse.newBuilder().setHeader(withoutState.setReadIndex(view.index()));
            if (row != null) {
                answer.setRow(Row.newBuilder().setValue(Value.newBuilder().setBytes(row.value())));
            }
            GetResponse built = answer.build();
            GetRequest any = request.toBuilder().clearReadOptions().build();
            reading.answered(any, cluster.world().nanos(), built);
            caller.onNext(built);
            caller.onCompleted();
        }
    }

    /** To a replica that serves the row, as the topology says; if there is none, or this one was asked by one, to a node. */
    private void passOn(GetRequest request, boolean mayAskReplica, StreamObserver<GetResponse> caller) {
        cluster.figures().passedOn();
        List<Replica> others = mayAskReplica ? othersServing(request) : List.of();
        CompletableFuture<GetResponse> asked;
        if (others.isEmpty()) {
            List<String> nodes = topology.current().getNodesList().stream()
                    .map(Node::getInternalAddress)
                    .toList();
            List<String> known = nodes.isEmpty() ? cluster.nodeAddresses() : nodes;
            String node = known.get(chance.nextInt(known.size()));
            asked = cluster.callNode(network, node, Port.INTERNAL, ASK_MAX, request, SimulatedNode::get);
        } else {
            String other = others.get(chance.nextInt(others.size())).getReplicaId();
            asked = cluster.callReplica(
                    network,
                    cluster.replica(other),
                    Port.INTERNAL,
                    ASK_MAX,
                    request,
                    (replica, passed, from) -> replica.get(passed, false, from));
        }
        CompletableFuture<GetResponse> unused = asked.whenComplete((answer, failure) -> {
            if (failure == null) {
                caller.onNext(answer);
                caller.onCompleted();
            } else {
                caller.onError(failure);
            }
        });
    }

    private List<Replica> othersServing(GetRequest request) {
        int shards = cluster.setup().shardCount();
        int shard = ShardHash.shardOf(request.getTable(), request.getKey(), shards);
        return topology.current().getReplicasList().stream()
                .filter(other -> !other.getReplicaId().equals(self.id()))
                .filter(other -> contains(other.getServing(), shard))
                .toList();
    }

    private static boolean contains(ShardSet shards, int shard) {
        return shards.getRangesList().stream().anyMatch(range -> range.getFirst() <= shard && shard <= range.getLast());
    }

    // What it has to do.

    @Override
    public long boundedReads() {
        return boundedReads;
    }

    @Override
    public long reads() {
        return reads;
    }

    @Override
    public double cpu() {
        return 0;
    }

    // What its feed tells.

    @Override
    public void servingChanged() {
        Shards now = subscriber.serving();
        cluster.figures().moved(now.minus(served).count(), served.minus(now).count());
        served = now;
    }

    @Override
    public void topology(Topology now) {
        topology.become(now);
    }

    @Override
    public void diskFull(boolean isFull) {
        cluster.world().violation("replica " + self.id() + " took its disk for full: " + isFull);
    }

    @Override
    public void differing(List<DigestMismatch> mismatches) {
        cluster.world().violation("replica " + self.id() + " differs from its upstream: " + mismatches);
    }

    @Override
    public void mended(List<Integer> shards) {
        // Of none, for none may differ.
    }

    @Override
    public void forgotten(List<Integer> shards) {
        // As little.
    }

    @Override
    public void copyDiffered(String source, String why) {
        cluster.world().violation("a copy from " + source + " to replica " + self.id() + " differed: " + why);
    }

    @Override
    public void copied(String source) {
        cluster.figures().copied();
    }

    @Override
    public void failed(String message, Throwable why) {
        cluster.world().violation("replica " + self.id() + " gave up: " + message + " " + why);
    }

    // What the simulation looks at.

    Subscriber subscriber() {
        return subscriber;
    }

    StorePlace place() {
        return place;
    }

    /** What the topology that it knows places on it. */
    Shards placedHere() {
        return topology.current().getReplicasList().stream()
                .filter(replica -> replica.getReplicaId().equals(self.id()))
                .findFirst()
                .map(replica -> Shards.of(replica.getPlaced(), cluster.setup().shardCount()))
                .orElse(Shards.NONE);
    }

    Optional<Duration> staleness() {
        return Optional.ofNullable(freshness.proofs().newestFor(place.index()))
                .map(proof -> proof.staleness(machine.now()));
    }
}
