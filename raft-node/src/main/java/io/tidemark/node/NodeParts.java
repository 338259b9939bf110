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
import io.tidemark.node.confirm.TermAnswers;
import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.ConsensusListener;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Role;
import io.tidemark.node.maintenance.DigestComparison;
import io.tidemark.node.maintenance.LeaderRemoval;
import io.tidemark.node.maintenance.MaintenanceService;
import io.tidemark.node.maintenance.PassingOn;
import io.tidemark.node.registry.FeedBalance;
import io.tidemark.node.registry.Registrar;
import io.tidemark.node.registry.Replicated;
import io.tidemark.node.registry.Subscribers;
import io.tidemark.node.succession.ChannelVigil;
import io.tidemark.node.succession.Succession;
import io.tidemark.node.succession.TcpKnocker;
import io.tidemark.node.sweep.SweepOptions;
import io.tidemark.node.sweep.Sweeper;
import io.tidemark.node.write.NodeWriteOptions;
import io.tidemark.node.write.NodeWrites;
import io.tidemark.node.write.WritePath;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.feed.Bootstraps;
import io.tidemark.server.feed.DigestQueries;
import io.tidemark.server.feed.Feeds;
import io.tidemark.server.feed.TimeQueries;
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
import java.util.concurrent.ThreadLocalRandom;
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

    /** What another server may answer: more than it may answer a client. */
    private static final int ANSWER_BYTES_MAX = 16 << 20;

    private static final Duration KNOCKED_WITHIN = Duration.ofMillis(250);

    private final String selfId;
    private final Opening opening;
    private final Pools pools;
    private final Housekeeping housekeeping;
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
    private final Feeds feeds;
    private final NodeReplication replication;
    private final Registrar registrar;
    private final Subscribers subscribers;
    private final NodeMetrics metrics;
    private volatile String clusterId = "";
    private volatile boolean stalled;

    NodeParts(Opening opening, NodeConfig config) {
        this.opening = opening;
        this.selfId = config.server().id();
        Timers timers = opening.timers();
        this.pools = Pools.open(config.feed().bootstrapsMax());
        Ticker ticker = Ticker.system();
        // Writes that go on do more than timers have time for.
        Timers resuming =
                (delay, call) -> timers.after(delay, () -> pools.changes().execute(call));
        this.group = new NodeGroup(selfId);
        this.place = new StorePlace(
                selfId,
                "node " + selfId
                        + " has no store now: it is starting, takes a checkpoint over, or waits to be added to a cluster."
                        + " Ask another server.",
                ticker,
                timers,
                pools.proving(),
                LocalTimes::new,
                Store::horizon);
        this.alarms = new Alarms(ticker);
        this.housekeeping =
                new Housekeeping(selfId, new ClockLeading(), place::present, pools.upkeep()::goOn, alarms, timers);
        this.channels = new Channels(
                InsecureChannelCredentials.create(), ticker, ANSWER_BYTES_MAX, opening.clientInterceptors());
        Forwarder forwarder = new Forwarder(selfId, channels);

        Identity identity = new Identity(() -> clusterId, selfId, place::history);
        ClockComparison clocks = new ClockComparison(ConfirmOptions.defaults().clockOffMax(), housekeeping::clockOff);
        this.peers = new GrpcPeers(channels);
        this.leaderRounds = new LeaderRounds(identity, group, peers, ticker, timers, ConfirmOptions.defaults(), clocks);
        this.remoteRounds =
                new RemoteRounds(identity, group, peers, leaderRounds, ticker, timers, ConfirmOptions.defaults());
        this.applied = new AppliedRaft(pools.proving());
        this.freshness =
                new NodeFreshness(identity, group, leaderRounds, remoteRounds, applied, place::index, pools.proving());

        // The topology names who answers, and is made of what nodes answer.
        Answerer answerer = new NodeAnswerer(group, () -> topology().version());
        Headers headers = new Headers(answerer);
        this.path = new WritePath(
                group,
                config.writeLimits(),
                ticker,
                clocks::credibleWallNanos,
                () -> place.store().transitionVersion(),
                pools.answers());
        Sweeper sweeper =
                new Sweeper(place::store, path, group, SweepOptions.defaults(), ticker, timers, pools.sweeps());
        NodeWrites writes = new NodeWrites(
                selfId,
                place::store,
                group,
                path,
                forwarder,
                RowForms::formOrBytes,
                headers::ofWrite,
                NodeWriteOptions.defaults().within(config.limits()),
                opening.directory().toFile()::getUsableSpace,
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
                pools.readers()::goOn);

        CommandProposals proposals = new CommandProposals(path, ticker);
        Backups backups = new Backups(
                place, selfId, headers::ofNoState, BackupOptions.defaults(), ticker, timers, pools.upkeep()::goOn);
        Digests digests = new Digests(headers::ofNoState);
        NodeUpkeep upkeep = new NodeUpkeep(
                group,
                place,
                headers,
                new StatusReport(
                        opening.readiness(), alarms, opening.directory().toFile()::getUsableSpace, ticker),
                new Checkpoints(headers::ofNoState, pools.upkeep()::goOn),
                digests,
                backups,
                path,
                proposals,
                pools.upkeep(),
                config.server().zone(),
                ServerProcess.version());
        NodeInquiries inquiries = new NodeInquiries(forwarder);
        MembershipChanges members = new MembershipChanges(
                group, inquiries, this::facts, () -> topology().refresh(), timers);
        this.registrar = new Registrar(
                group,
                this::replicated,
                () -> topology().current(),
                () -> clusterId,
                proposals,
                new RegistryNews(selfId, () -> topology().replicasChanged(), alarms),
                config.registry(),
                ticker,
                resuming);
        this.topology = new TopologyKeeper(
                group, inquiries, upkeep::status, this::facts, members::joining, registrar::replicas, ticker, timers);
        this.subscribers = new Subscribers(
                selfId,
                this::facts,
                topology::version,
                report -> reportToLeader(inquiries, report),
                topology::adopt,
                config.registry(),
                ticker,
                timers);
        this.feeds = new Feeds(
                selfId,
                () -> clusterId,
                place::store,
                freshness,
                topology::current,
                new FedReplicas(subscribers),
                config.feedOptions(),
                ticker,
                timers,
                pools.feeding(),
                pools.feedReads()::goOn);
        FeedBalance balance = new FeedBalance(
                selfId,
                topology::current,
                feeds::rebalance,
                timers,
                () -> ThreadLocalRandom.current().nextDouble());
        balance.start();
        Bootstraps bootstraps =
                new Bootstraps(selfId, () -> clusterId, place, config.bootstrapOptions(), timers, pools.copies()::goOn);
        Succession succession = new Succession(
                () -> clusterId,
                selfId,
                group,
                new ChannelVigil(channels),
                new TcpKnocker(pools.knocks(), KNOCKED_WITHIN),
                peers::askLeaderGone,
                group,
                timers);
        this.replication = new NodeReplication(
                new ConfirmationHandlers(identity, group, new TermAnswers(identity, group, ticker), leaderRounds),
                registrar::report,
                succession,
                feeds,
                bootstraps,
                new TimeQueries(selfId, () -> clusterId, place::store, pools.readers()),
                new DigestQueries(selfId, () -> clusterId, place::store, digests));
        group.onChange(remoteRounds::leaderChanged);
        group.onChange(succession::leaderChanged);
        // Before the topology, which it is a part of.
        group.onChange(registrar::leadershipChanged);
        group.onChange(topology::refresh);
        group.onChange(subscribers::leadershipChanged);
        Topologies.Registration unused = topology.listen(this::retainChannels);
        Topologies.Registration toSubscribers = topology.listen(changed -> feeds().topologyChanged());

        this.keyValue =
                new KeyValueService(place, headers, config.limits(), pools.readers(), timers, writes, watches::watch);
        this.cluster = new ClusterService(
                place, answerer, headers, config.limits(), pools.readers(), timers, writes, topology);
        PassingOn passingOn = new PassingOn(group, topology::current, forwarder, channels);
        HandOver handOver = new HandOver(group, inquiries, config.raft().electionMax());
        this.maintenance = new MaintenanceService(
                group,
                upkeep,
                members,
                handOver,
                new LeaderRemoval(handOver, passingOn, timers),
                new DigestComparison(selfId, topology::current, channels, pools.upkeep()),
                passingOn,
                registrar);

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
                registrar,
                subscribers,
                path,
                writes,
                sweeper,
                watches,
                backups,
                feeds,
                bootstraps,
                alarms);
        opening.readiness().check("consensus", this::whyNotReady);
        opening.tellStaleness(() -> Optional.ofNullable(freshness.proofs().newestFor(place.index()))
                .map(proof -> proof.staleness(ticker.now())));
        opening.onDrain(this::handOver);
        opening.onDrain(watches::stop);
        opening.onDrain(feeds::stop);
        opening.onDrain(bootstraps::stop);
        opening.onDrain(backups::stop);
        // The newest first: nothing is asked of the network, then nobody works any more, and the store is closed after
        // that.
        opening.onClose(pools);
        opening.onClose(toSubscribers);
        opening.onClose(topology);
        opening.onClose(balance);
        opening.onClose(channels);
        opening.onClose(housekeeping);
    }

    private TopologyKeeper topology() {
        return topology;
    }

    /** Who is fed by this node is told to the leader through it. */
    Subscribers subscribers() {
        return subscribers;
    }

    private Feeds feeds() {
        return feeds;
    }

    private Optional<Replicated> replicated() {
        return place.present().map(store -> new Replicated(store.history().text(), store.registry(), store.settings()));
    }

    private CompletableFuture<ReportSubscribersResponse> reportToLeader(
            NodeInquiries inquiries, ReportSubscribersRequest report) {
        if (group.leads()) {
            return registrar.report(report);
        }
        return group.other()
                .map(leader -> inquiries.report(leader.internalAddress(), report))
                .orElseGet(() -> CompletableFuture.failedFuture(new IllegalStateException("no leader is known")));
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
        housekeeping.begin();
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

    /** What the clock has to do with leading. */
    private final class ClockLeading implements Housekeeping.Leading {
        @Override
        public boolean leads() {
            return group.leads();
        }

        @Override
        public void confirm() {
            CompletableFuture<Confirmed> unused = leaderRounds.confirm();
        }

        @Override
        public void mayLead(boolean may) {
            group.consensus().ifPresent(started -> started.mayLead("clock", may));
        }
    }

    /** Who left is not connected to any more. */
    private void retainChannels(Topology now) {
        Set<String> addresses = Stream.concat(
                        now.getNodesList().stream().map(io.tidemark.proto.v1.Node::getInternalAddress),
                        group.membership().members().stream().map(Member::internalAddress))
                .collect(Collectors.toSet());
        peers.retain(addresses);
        Set<String> servers = Stream.concat(
                        addresses.stream(), now.getReplicasList().stream().map(Replica::getInternalAddress))
                .collect(Collectors.toSet());
        channels.retain(servers);
    }

    /** As of the latest configuration. */
    Set<String> memberIds() {
        return group.membership().memberIds();
    }

    // What the consensus tells, on its own threads.

    @Override
    public void storeReplaced(Store store) {
        freshness.storeReplaced();
        place.replace(store, freshness);
        watches.servingChanged();
        feeds.storeReplaced();
    }

    @Override
    public void storeWithdrawn() {
        place.withdraw();
        feeds.storeReplaced();
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
        pools.changes().execute(group::changed);
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
