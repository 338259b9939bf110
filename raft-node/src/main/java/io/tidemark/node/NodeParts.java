// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.BindableService;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.tidemark.node.cluster.ClusterFacts;
import io.tidemark.node.cluster.HandOver;
import io.tidemark.node.cluster.MembershipChanges;
import io.tidemark.node.cluster.TopologyKeeper;
import io.tidemark.node.confirm.AppliedRaft;
import io.tidemark.node.confirm.ClockComparison;
import io.tidemark.node.confirm.ConfirmOptions;
import io.tidemark.node.confirm.ConfirmationHandlers;
import io.tidemark.node.confirm.Confirmed;
import io.tidemark.node.confirm.GrpcPeers;
import io.tidemark.node.confirm.Identity;
import io.tidemark.node.confirm.LeaderRounds;
import io.tidemark.node.confirm.NodeFreshness;
import io.tidemark.node.confirm.RemoteRounds;
import io.tidemark.node.confirm.ReplicationService;
import io.tidemark.node.confirm.TermAnswers;
import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.ConsensusListener;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import io.tidemark.node.maintenance.DigestComparison;
import io.tidemark.node.maintenance.LeaderRemoval;
import io.tidemark.node.maintenance.MaintenanceService;
import io.tidemark.node.maintenance.PassingOn;
import io.tidemark.node.sweep.SweepOptions;
import io.tidemark.node.sweep.Sweeper;
import io.tidemark.node.write.NodeWriteOptions;
import io.tidemark.node.write.NodeWrites;
import io.tidemark.node.write.WritePath;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.forward.Origins;
import io.tidemark.server.process.Opening;
import io.tidemark.server.process.ServerProcess;
import io.tidemark.server.process.StartException;
import io.tidemark.server.read.LocalTimes;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.service.ClusterService;
import io.tidemark.server.service.KeyValueService;
import io.tidemark.server.service.RowForms;
import io.tidemark.server.service.Topologies;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.server.upkeep.Alarms;
import io.tidemark.server.upkeep.BackupOptions;
import io.tidemark.server.upkeep.Backups;
import io.tidemark.server.upkeep.Checkpoints;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.server.upkeep.StatusReport;
import io.tidemark.server.watch.Watches;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node is made of, and how it hangs together. All of it is there before the node knows its cluster; until the consensus has
 * started the services answer that they are not ready.
 */
final class NodeParts implements ConsensusListener {

    private static final Logger LOG = LoggerFactory.getLogger(NodeParts.class);

    /** A leader that nobody reads from still compares its clock. */
    private static final Duration CLOCKS_INTERVAL = Duration.ofSeconds(10);

    /** A node that does not lead cannot compare its clock, so it may lead again after this, to see. */
    private static final Duration CLOCK_PAUSE = Duration.ofSeconds(60);

    private static final String CLOCK = "clock";
    private static final Duration IDLE_INTERVAL = Duration.ofSeconds(1);
    /** What another server may answer: more than it may answer a client. */
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private static final int READERS_WAITING_MAX = 1_000;

    /**
     * Each backup that may be under way, with a caller who comes back for it; a comparison of digests, which waits, and the check of
     * this node's own files that it waits for.
     */
    private static final int HEAVY_THREADS = 2 * BackupOptions.defaults().backupsMax() + 2;

    private static final int HEAVY_WAITING_MAX = 16;

    private final String selfId;
    private final Opening opening;
    private final Workers heavy;
    private final ExecutorService changes;
    private final Timers timers;
    private final NodeGroup group;
    private final StorePlace place;
    private final AppliedRaft applied;
    private final NodeFreshness freshness;
    private final LeaderRounds leaderRounds;
    private final RemoteRounds remoteRounds;
    private final GrpcPeers peers;
    private final Channels channels;
    private final TopologyKeeper topology;
    private final Watches watches;
    private final Alarms alarms;
    private final WritePath path;
    private final KeyValueService keyValue;
    private final ClusterService cluster;
    private final MaintenanceService maintenance;
    private final ReplicationService replication;
    private final NodeMetrics metrics;
    private volatile String clusterId = "";
    private volatile boolean stalled;
    private volatile boolean closed;

    /** Of the timers' thread. */
    private long idleIndex = -1;

    NodeParts(Opening opening, NodeConfig config) {
        this.opening = opening;
        this.timers = opening.timers();
        this.selfId = config.server().id();
        Ticker ticker = Ticker.system();
        Workers readers = new Workers("long-reads", threads(), READERS_WAITING_MAX);
        this.heavy = new Workers("upkeep", HEAVY_THREADS, HEAVY_WAITING_MAX);
        ExecutorService provers = pool("fresh", threads(), new ThreadPoolExecutor.DiscardPolicy());
        // Refuses at the end, so that whoever has an outcome tells it itself.
        ExecutorService answers = pool("answers", 1, new ThreadPoolExecutor.AbortPolicy());
        ExecutorService sweeps = pool("sweeper", 1, new ThreadPoolExecutor.DiscardPolicy());
        this.changes = pool("leader-changes", 1, new ThreadPoolExecutor.DiscardPolicy());
        // Writes that go on do more than timers have time for.
        Timers resuming = (delay, call) -> timers.after(delay, () -> changes.execute(call));
        this.group = new NodeGroup(selfId);
        this.place = new StorePlace(
                selfId,
                "node " + selfId
                        + " has no store now: it is starting, takes a checkpoint over, or waits to be added to a cluster."
                        + " Ask another server.",
                ticker,
                timers,
                provers,
                LocalTimes::new,
                Store::horizon);
        this.alarms = new Alarms(ticker);
        this.channels = new Channels(
                InsecureChannelCredentials.create(), ticker, ANSWER_BYTES_MAX, opening.clientInterceptors());
        Forwarder forwarder = new Forwarder(selfId, channels);

        Identity identity = new Identity(() -> clusterId, selfId, place::history);
        ClockComparison clocks = new ClockComparison(ConfirmOptions.defaults().clockOffMax(), this::clockOff);
        this.peers = new GrpcPeers(channels);
        this.leaderRounds = new LeaderRounds(identity, group, peers, ticker, timers, ConfirmOptions.defaults(), clocks);
        this.remoteRounds =
                new RemoteRounds(identity, group, peers, leaderRounds, ticker, timers, ConfirmOptions.defaults());
        this.applied = new AppliedRaft(provers);
        this.freshness = new NodeFreshness(identity, group, leaderRounds, remoteRounds, applied, place::index, provers);
        this.replication = new ReplicationService(
                new ConfirmationHandlers(identity, group, new TermAnswers(identity, group, ticker), leaderRounds));

        // The topology names who answers, and is made of what nodes answer.
        Answerer answerer = new NodeAnswerer(group, () -> topology().version());
        Headers headers = new Headers(answerer);
        this.path = new WritePath(
                group, config.writeLimits(), ticker, () -> place.store().transitionVersion(), answers);
        Sweeper sweeper = new Sweeper(place::store, path, group, SweepOptions.defaults(), ticker, timers, sweeps);
        NodeWrites writes = new NodeWrites(
                selfId,
                place::store,
                group,
                path,
                forwarder,
                RowForms::formOrBytes,
                headers::ofWrite,
                NodeWriteOptions.defaults(),
                ticker,
                resuming,
                () -> ThreadLocalRandom.current().nextDouble(),
                sweeper::tableDropped);
        this.watches = new Watches(
                place,
                Store::shards,
                answerer,
                freshness,
                RowForms::row,
                place::horizon,
                config.watchOptions(),
                ticker,
                timers,
                readers::goOn);

        Backups backups =
                new Backups(place, selfId, headers::ofNoState, BackupOptions.defaults(), ticker, timers, heavy::goOn);
        NodeUpkeep upkeep = new NodeUpkeep(
                group,
                place,
                answerer,
                headers,
                opening.readiness(),
                new StatusReport(
                        opening.readiness(), alarms, opening.directory().toFile()::getUsableSpace, ticker),
                new Checkpoints(headers::ofNoState, heavy::goOn),
                new Digests(headers::ofNoState),
                backups,
                path,
                heavy,
                ticker,
                config.server().zone(),
                ServerProcess.version());
        NodeInquiries inquiries = new NodeInquiries(forwarder);
        MembershipChanges members =
                new MembershipChanges(group, inquiries, () -> topology().refresh(), timers);
        this.topology =
                new TopologyKeeper(group, inquiries, upkeep::status, this::facts, members::joining, ticker, timers);
        group.onChange(remoteRounds::leaderChanged);
        group.onChange(topology::refresh);
        Topologies.Registration unused = topology.listen(this::retainChannels);

        this.keyValue = new KeyValueService(place, headers, config.limits(), readers, timers, writes, watches::watch);
        this.cluster = new ClusterService(place, answerer, headers, config.limits(), readers, timers, writes, topology);
        PassingOn passingOn = new PassingOn(group, topology::current, forwarder, channels);
        HandOver handOver = new HandOver(group, inquiries, config.raft().electionMax());
        this.maintenance = new MaintenanceService(
                group,
                upkeep,
                members,
                handOver,
                new LeaderRemoval(handOver, passingOn, timers),
                new DigestComparison(selfId, topology::current, channels, heavy),
                passingOn);

        this.metrics = NodeMetrics.register(
                opening,
                ticker,
                group,
                place,
                freshness,
                leaderRounds,
                remoteRounds,
                clocks,
                topology,
                path,
                writes,
                sweeper,
                watches,
                backups,
                alarms);
        opening.readiness().check("consensus", this::whyNotReady);
        opening.tellStaleness(() -> Optional.ofNullable(freshness.proofs().newestFor(place.index()))
                .map(proof -> proof.staleness(ticker.now())));
        opening.onDrain(this::handOver);
        opening.onDrain(watches::stop);
        opening.onDrain(backups::stop);
        // The newest first: nothing is asked of the network, then nobody works any more, and the store is closed after
        // that.
        opening.onClose(provers::shutdownNow);
        opening.onClose(answers::shutdownNow);
        opening.onClose(sweeps::shutdownNow);
        opening.onClose(changes::shutdownNow);
        opening.onClose(heavy);
        opening.onClose(readers);
        opening.onClose(topology);
        opening.onClose(channels);
        opening.onClose(() -> closed = true);
    }

    private static int threads() {
        return Math.max(2, Runtime.getRuntime().availableProcessors());
    }

    private static ExecutorService pool(String name, int threads, RejectedExecutionHandler atTheEnd) {
        return new ThreadPoolExecutor(
                threads,
                threads,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                },
                atTheEnd);
    }

    private TopologyKeeper topology() {
        return topology;
    }

    /** For clients, who cannot say how far a call has come. */
    List<BindableService> clientServices() {
        return intercepted(Origins.ofClients(), List.of(keyValue, cluster, maintenance));
    }

    /** For other servers. */
    List<BindableService> internalServices() {
        return intercepted(Origins.ofServers(), List.of(replication, keyValue, cluster, maintenance));
    }

    private static List<BindableService> intercepted(ServerInterceptor interceptor, List<BindableService> services) {
        return services.stream()
                .<BindableService>map(service -> () -> ServerInterceptors.intercept(service, interceptor))
                .toList();
    }

    /** The cluster is known, and others of it may ask. */
    void belongTo(String cluster) {
        clusterId = cluster;
    }

    /** The consensus has started. */
    void started(Consensus consensus) {
        group.started(consensus);
        metrics.started(consensus);
        compareClocks();
        whenIdle();
    }

    /** So that a stop costs the cluster no election; calls under way go on with the next leader. */
    private void handOver() {
        if (group.membership().voters().size() > 1) {
            group.consensus().ifPresent(started -> started.mayLead("stopping", false));
        }
    }

    private Optional<ClusterFacts> facts() {
        return place.present()
                .map(store -> new ClusterFacts(clusterId, store.history().text(), store.shardCount()));
    }

    private Optional<String> whyNotReady() {
        if (group.consensus().isEmpty()) {
            return Optional.of("the consensus has not started");
        }
        if (group.role() == Role.NONE) {
            return Optional.of("the consensus has stopped");
        }
        if (place.present().isEmpty()) {
            return Optional.of("waits to be added to the cluster");
        }
        if (stalled) {
            return Optional.of("the disk is full, so nothing is applied");
        }
        if (group.leader().isEmpty()) {
            return Optional.of("knows of no leader");
        }
        return topology.isKnown() ? Optional.empty() : Optional.of("knows no topology");
    }

    /** A leader whose clock is wrong bends log time, so for a while it lets others lead. */
    private void clockOff(Duration off) {
        String message = "the clock of node " + selfId + " is off by at least " + off.toMillis()
                + " ms from those of a majority: set it";
        LOG.warn("{}", message);
        alarms.raise(AlarmKind.ALARM_KIND_CLOCK_OFF, Map.of("node", selfId), message);
        group.consensus().ifPresent(started -> started.mayLead(CLOCK, false));
        timers.after(CLOCK_PAUSE, () -> {
            alarms.clear(AlarmKind.ALARM_KIND_CLOCK_OFF, Map.of("node", selfId));
            group.consensus().ifPresent(started -> started.mayLead(CLOCK, true));
        });
    }

    private void compareClocks() {
        if (closed) {
            return;
        }
        timers.after(CLOCKS_INTERVAL, this::compareClocks);
        if (group.leads()) {
            CompletableFuture<Confirmed> unused = leaderRounds.confirm();
        }
    }

    /** Where nothing is written all servers come to be at one index, and can be compared there. */
    private void whenIdle() {
        if (closed) {
            return;
        }
        timers.after(IDLE_INTERVAL, this::whenIdle);
        place.present().ifPresent(store -> {
            long index = store.appliedIndex();
            if (index == idleIndex) {
                // It waits for the store's writer.
                heavy.goOn(store::keepDigests);
            }
            idleIndex = index;
        });
    }

    /** Who left is not connected to any more. */
    private void retainChannels(Topology now) {
        Set<String> addresses = Stream.concat(
                        now.getNodesList().stream().map(io.tidemark.proto.v1.Node::getInternalAddress),
                        Stream.concat(group.membership().voters().stream(), group.membership().oldVoters().stream())
                                .map(Member::internalAddress))
                .collect(Collectors.toSet());
        channels.retain(addresses);
        peers.retain(addresses);
    }

    /** As of the latest configuration. */
    Set<String> memberIds() {
        return ids(group.membership());
    }

    private static Set<String> ids(Membership membership) {
        return Stream.concat(membership.voters().stream(), membership.oldVoters().stream())
                .map(Member::id)
                .collect(Collectors.toSet());
    }

    // What the consensus tells, on its own threads.

    @Override
    public void storeReplaced(Store store) {
        freshness.storeReplaced();
        place.replace(store, freshness);
        watches.servingChanged();
    }

    @Override
    public void storeWithdrawn() {
        place.withdraw();
    }

    @Override
    public void applied(long raftIndex) {
        applied.advanced(raftIndex);
    }

    @Override
    public void leaderChanged(@Nullable String leaderId) {
        groupChanged();
    }

    @Override
    public void ready(long term) {
        LOG.info("leads node={} term={}", selfId, term);
        groupChanged();
    }

    @Override
    public void leadershipLost() {
        LOG.info("leads no more node={} term={}", selfId, group.term());
        groupChanged();
    }

    private void groupChanged() {
        changes.execute(group::changed);
    }

    @Override
    public void stalled(boolean isStalled) {
        stalled = isStalled;
        path.setStoreFull(isStalled);
        if (isStalled) {
            alarms.raise(
                    AlarmKind.ALARM_KIND_STORE_FULL,
                    Map.of("node", selfId),
                    "the disk of node " + selfId + " is full: nothing is applied until there is room");
        } else {
            alarms.clear(AlarmKind.ALARM_KIND_STORE_FULL, Map.of("node", selfId));
        }
    }

    @Override
    public void stopped(String reason, Throwable cause) {
        opening.fail(new StartException("node " + selfId + " cannot go on: " + reason, cause));
    }
}
