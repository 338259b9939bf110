// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import io.grpc.BindableService;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ServerInterceptors;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.Topology;
import io.tidemark.replica.feed.FeedThread;
import io.tidemark.replica.feed.GrpcNetwork;
import io.tidemark.replica.feed.ReplicaDisk;
import io.tidemark.replica.feed.core.FeedEvents;
import io.tidemark.replica.feed.core.Self;
import io.tidemark.replica.feed.core.Subscriber;
import io.tidemark.replica.serve.ForwardedWrites;
import io.tidemark.replica.serve.KnownTopology;
import io.tidemark.replica.serve.PassingOn;
import io.tidemark.replica.serve.ReplicaAnswerer;
import io.tidemark.replica.serve.ReplicaFreshness;
import io.tidemark.replica.serve.ReplicaKeyValue;
import io.tidemark.replica.serve.ReplicaMaintenance;
import io.tidemark.replica.serve.ReplicaReplication;
import io.tidemark.replica.serve.ReplicaUpkeep;
import io.tidemark.replica.serve.UpstreamTimes;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.feed.DigestQueries;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.forward.Origins;
import io.tidemark.server.process.FirstNode;
import io.tidemark.server.process.Opening;
import io.tidemark.server.process.ServerProcess;
import io.tidemark.server.process.StartException;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.service.ClusterService;
import io.tidemark.server.service.KeyValueService;
import io.tidemark.server.service.RowForms;
import io.tidemark.server.service.Topologies;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.server.upkeep.Alarms;
import io.tidemark.server.upkeep.DamageWatch;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.server.upkeep.StatusReport;
import io.tidemark.server.watch.Watches;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.EngineFullException;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a replica is made of, and how it hangs together. */
final class ReplicaParts implements FeedEvents, ReplicaDisk.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaParts.class);

    /** What another server may answer, or send in one message of a feed: more than it may answer a client. */
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private static final int READERS_WAITING_MAX = 1_000;
    private static final int UPKEEP_THREADS = 2;
    private static final int UPKEEP_WAITING_MAX = 16;
    private static final Duration WATCHERS_TOLD_MAX = Duration.ofMillis(500);
    private static final Duration LAST_WORD_MAX = Duration.ofSeconds(1);
    private static final Duration LAST_CHECKPOINT_MAX = Duration.ofSeconds(30);

    private final Opening opening;
    private final ReplicaConfig config;
    private final String selfId;
    private final Ticker ticker = Ticker.system();
    private final FeedThread feed;
    private final Workers readers;
    private final Workers upkeep;
    private final ExecutorService provers;
    private final KnownTopology topology;
    private final Channels channels;
    private final PassingOn passingOn;
    private final StorePlace place;
    private final Alarms alarms;
    private final Forwarder forwarder;
    private final Headers headers;
    private final ReplicaAnswerer answerer;

    private final ReplicaDisk disk;
    private final Subscriber subscriber;
    private final ReplicaFreshness freshness;
    private final Watches watches;
    private final ReplicaLoad load;
    private Timers.Pending checkpointing = () -> {};
    private volatile boolean withdrawn;

    ReplicaParts(Opening opening, ReplicaConfig config) {
        this.opening = opening;
        this.config = config;
        this.selfId = config.server().id();
        this.feed = new FeedThread(
                opening.timers(),
                failure -> failed("its feed failed in a way that it should not: " + failure, failure));
        int processors = Math.max(2, Runtime.getRuntime().availableProcessors());
        this.readers = new Workers("long-reads", processors, READERS_WAITING_MAX);
        this.upkeep = new Workers("upkeep", UPKEEP_THREADS, UPKEEP_WAITING_MAX);
        this.provers = Executors.newFixedThreadPool(processors, task -> {
            Thread thread = new Thread(task, "fresh");
            thread.setDaemon(true);
            return thread;
        });
        List<String> seeds =
                config.nodes().stream().map(FirstNode::internalAddress).toList();
        this.topology = new KnownTopology(selfId, config.server().zone(), seeds);
        this.channels = new Channels(
                InsecureChannelCredentials.create(), ticker, ANSWER_BYTES_MAX, opening.clientInterceptors());
        this.forwarder = new Forwarder(selfId, channels);
        this.passingOn = new PassingOn(selfId, topology, forwarder, channels, ticker);
        this.alarms = new Alarms(ticker);
        this.place = new StorePlace(
                selfId,
                "replica " + selfId + " has no store now: it is starting, or begins anew. Ask another server.",
                ticker,
                opening.timers(),
                this::wake,
                (store, waiters) -> new UpstreamTimes(selfId, passingOn, () -> clusterId(), store),
                store -> clusterHorizon());
        this.load = new ReplicaLoad(place.counts());
        this.disk = ReplicaDisk.open(opening.directory(), config.store(), this);
        this.subscriber = new Subscriber(
                new Self(
                        selfId,
                        UUID.randomUUID().toString(),
                        disk.diskId(),
                        config.server().zone(),
                        config.weight(),
                        ServerProcess.version()),
                config.feed(),
                seeds,
                new GrpcNetwork(channels, forwarder, feed),
                disk,
                config.owned(),
                load,
                this,
                ticker,
                feed,
                () -> ThreadLocalRandom.current().nextDouble());
        this.freshness = new ReplicaFreshness(selfId, subscriber, feed, this::wake);
        ReplicaAnswerer answerer = new ReplicaAnswerer(selfId, topology, subscriber::term);
        this.headers = new Headers(answerer);
        this.answerer = answerer;
        this.watches = new Watches(
                place,
                store -> withdrawn ? Shards.NONE : subscriber.serving(),
                answerer,
                freshness,
                RowForms::row,
                this::clusterHorizon,
                config.watches(),
                ticker,
                opening.timers(),
                readers::goOn);
    }

    /** What waited goes on elsewhere than on the feed's thread; at the end nobody waits. */
    private void wake(Runnable woken) {
        try {
            provers.execute(woken);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("a read that waited is not gone on with: this replica is stopping");
        }
    }

    private String clusterId() {
        return topology.current().getClusterId();
    }

    /** As this replica's data has it, else as the cluster says; zero: not known. */
    private int shardCount() {
        return place.present()
                .map(Store::shardCount)
                .orElseGet(() -> topology.current().getShardCount());
    }

    private long clusterHorizon() {
        return subscriber.figures().clusterHorizon();
    }

    void open() {
        Store found = disk.store();
        if (found != null) {
            place.replace(found, freshness);
        }
        // The newest is closed first: the feed's thread, so that nobody writes, then who reads, then the store.
        opening.onClose(disk);
        opening.onClose(channels);
        opening.onClose(provers::shutdownNow);
        opening.onClose(upkeep);
        opening.onClose(readers);
        opening.onClose(this::leave);
        opening.onDrain(this::withdraw);
        ReplicaMetrics.register(opening, ticker, place, freshness, subscriber, watches, passingOn, alarms);
        opening.readiness().check("feed", this::whyNotReady);
        watchForDamage();
        opening.tellStaleness(this::staleness);
        Topologies.Registration unused = topology.listen(this::retainChannels);
        List<BindableService> services = services();
        List<BindableService> ofServers = new ArrayList<>(services);
        ofServers.add(replication());
        int internal = opening.openInternalPort(withOrigins(ofServers));
        int client = opening.openClientPort(services);
        feed.execute(() -> subscriber.start(address(client), address(internal)));
        checkpointLater();
    }

    private void watchForDamage() {
        DamageWatch damage = new DamageWatch(selfId, place::present, alarms, opening.timers());
        opening.onClose(damage);
        damage.begin();
    }

    private List<BindableService> services() {
        ForwardedWrites writes = new ForwardedWrites(passingOn);
        KeyValueService local =
                new KeyValueService(place, headers, config.limits(), readers, opening.timers(), writes, watches::watch);
        ReplicaUpkeep own = new ReplicaUpkeep(
                place,
                subscriber,
                answerer,
                headers,
                new StatusReport(
                        opening.readiness(), alarms, opening.directory().toFile()::getUsableSpace, ticker),
                upkeep,
                feed,
                config.server().zone(),
                ServerProcess.version());
        return List.of(
                new ReplicaKeyValue(local, passingOn, place::present, subscriber::serving, this::shardCount),
                new ClusterService(
                        place, answerer, headers, config.limits(), readers, opening.timers(), writes, topology),
                new ReplicaMaintenance(selfId, own, passingOn));
    }

    /** For other servers alone. */
    private BindableService replication() {
        return new ReplicaReplication(
                new DigestQueries(selfId, this::clusterId, place::store, new Digests(headers::ofNoState)));
    }

    private static List<BindableService> withOrigins(List<BindableService> services) {
        Origins origins = new Origins();
        return services.stream()
                .<BindableService>map(service -> () -> ServerInterceptors.intercept(service, origins))
                .toList();
    }

    private String address(int port) {
        String host = config.server().advertisedHost();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Ready is who serves something, or certainly should not, and can say how stale it is. */
    private Optional<String> whyNotReady() {
        if (subscriber.serving().isEmpty() && !subscriber.figures().isIdle()) {
            int bootstraps = subscriber.figures().bootstraps().size();
            return Optional.of(
                    place.present().isEmpty()
                            ? "has no data yet, and is fed by nobody"
                            : "serves no shard yet; " + bootstraps + " are on their way in");
        }
        return staleness().isEmpty() ? Optional.of("cannot say how stale it is") : Optional.empty();
    }

    private Optional<Duration> staleness() {
        return Optional.ofNullable(freshness.proofs().newestFor(place.index()))
                .map(proof -> proof.staleness(ticker.now()));
    }

    /** Who left is not connected to any more. */
    private void retainChannels(Topology now) {
        Set<String> addresses = new HashSet<>();
        config.nodes().forEach(node -> addresses.add(node.internalAddress()));
        addresses.add(subscriber.figures().upstreamAddress());
        now.getNodesList().stream().map(Node::getInternalAddress).forEach(addresses::add);
        now.getReplicasList().stream()
                .map(io.tidemark.proto.v1.Replica::getInternalAddress)
                .forEach(addresses::add);
        channels.retain(addresses);
    }

    private void checkpointLater() {
        checkpointing = feed.after(config.checkpointInterval(), () -> {
            Store store = disk.store();
            if (store != null && hasChanged(store)) {
                checkpoint(store);
            }
            checkpointLater();
        });
    }

    private void checkpoint(Store store) {
        try {
            watch(store);
        } catch (EngineFullException e) {
            subscriber.diskIsFull();
        }
    }

    /** A copy changes what is here without a commit. */
    private static boolean hasChanged(Store store) {
        return store.durable().index() < store.appliedIndex() || store.stats().memtableBytes() > 0;
    }

    private void watch(Store store) {
        var unused = store.checkpoint().whenComplete((done, failure) -> {
            if (failure != null && failure.getCause() instanceof EngineFullException) {
                feed.execute(subscriber::diskIsFull);
            } else if (failure != null) {
                LOG.warn("a checkpoint failed; the next one is tried in its time", failure);
            } else {
                LOG.debug("checkpoint index={}", done.index());
            }
        });
    }

    /** Nobody is to be sent here any more, and who watches is told how far it got. Calls under way go on. */
    private void withdraw() {
        withdrawn = true;
        feed.execute(subscriber::withdraw);
        watches.servingChanged();
        // A watcher that takes nothing cannot be told.
        Timers.Pending unused = opening.timers().after(WATCHERS_TOLD_MAX, watches::stop);
    }

    /** Parts from the upstream, makes durable what is here, and lets nobody write any more. */
    private void leave() {
        CompletableFuture<Void> parted = new CompletableFuture<>();
        feed.execute(() -> subscriber.part(() -> parted.complete(null)));
        try {
            Void unused = parted.get(LAST_WORD_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.info("the upstream did not confirm that this replica leaves");
        }
        feed.execute(() -> {
            checkpointing.cancel();
            subscriber.close();
            Store store = disk.store();
            if (store == null || !hasChanged(store)) {
                return;
            }
            try {
                var unused = store.checkpoint().get(LAST_CHECKPOINT_MAX.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (ExecutionException | TimeoutException | RuntimeException e) {
                LOG.warn("the last checkpoint failed: what it lacks is asked for again after the next start", e);
            }
        });
        feed.close();
    }

    // What the feed tells, on its thread.

    @Override
    public void withdrawn() {
        place.withdraw();
    }

    @Override
    public void opened(Store store) {
        place.replace(store, freshness);
        watches.servingChanged();
    }

    @Override
    public void servingChanged() {
        watches.servingChanged();
    }

    @Override
    public void topology(Topology now) {
        topology.become(now);
    }

    @Override
    public void diskFull(boolean isFull) {
        Map<String, String> subject = Map.of("replica", selfId);
        if (isFull) {
            String message = "the disk of replica " + selfId + " is full: nothing is applied until there is room";
            LOG.error("{}", message);
            alarms.raise(AlarmKind.ALARM_KIND_STORE_FULL, subject, message);
        } else {
            LOG.info("there is room on the disk of replica {} again", selfId);
            alarms.clear(AlarmKind.ALARM_KIND_STORE_FULL, subject);
        }
    }

    @Override
    public void differing(List<DigestMismatch> mismatches) {
        for (DigestMismatch mismatch : mismatches) {
            String message = "shard " + mismatch.getShard() + " of replica " + selfId
                    + " is not what the cluster applied, at index " + mismatch.getIndex()
                    + (mismatch.getBucketsCount() == 0 ? "" : ", in buckets " + mismatch.getBucketsList())
                    + ": it is not served until it was copied again";
            LOG.error("{}", message);
            alarms.raise(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, shard(mismatch.getShard()), message);
        }
    }

    @Override
    public void mended(List<Integer> shards) {
        LOG.info("shards {} are what the cluster applied again", shards);
        noLongerDiffer(shards);
    }

    @Override
    public void forgotten(List<Integer> shards) {
        LOG.info("shards {} are not copied again: this replica has no part in them any more", shards);
        noLongerDiffer(shards);
    }

    private void noLongerDiffer(List<Integer> shards) {
        shards.forEach(shard -> alarms.clear(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, shard(shard)));
    }

    @Override
    public void copyDiffered(String source, String why) {
        String message = "a copy from the node at " + source + " is not what that node applied, and was thrown away: "
                + why + ". Check that node with VerifyDigests, VERIFY_DEPTH_DISK";
        LOG.error("{}", message);
        alarms.raise(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, copyFrom(source), message);
    }

    @Override
    public void copied(String source) {
        alarms.clear(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, copyFrom(source));
    }

    private Map<String, String> copyFrom(String source) {
        return Map.of("replica", selfId, "copy_from", source);
    }

    private Map<String, String> shard(int shard) {
        return Map.of("replica", selfId, "shard", Integer.toString(shard));
    }

    @Override
    public void failed(String message, Throwable why) {
        opening.fail(new StartException("replica " + selfId + " cannot go on: " + message, why));
    }
}
