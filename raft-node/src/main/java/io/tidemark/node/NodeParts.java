// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.BindableService;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ServerInterceptors;
import io.tidemark.node.agreement.NodeAgreement;
import io.tidemark.node.agreement.OtherNodes;
import io.tidemark.node.confirm.Confirmed;
import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.ConsensusListener;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.OutvotedMark;
import io.tidemark.node.consensus.Role;
import io.tidemark.node.maintenance.MaintenanceService;
import io.tidemark.node.registry.Subscribers;
import io.tidemark.node.write.SubmitOutcome;
import io.tidemark.proto.v1.FetchDigestsRequest;
import io.tidemark.proto.v1.FetchDigestsResponse;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.forward.Origins;
import io.tidemark.server.process.Opening;
import io.tidemark.server.process.StartException;
import io.tidemark.server.read.LocalTimes;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.service.ClusterService;
import io.tidemark.server.service.KeyValueService;
import io.tidemark.server.service.RowForms;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.upkeep.Alarms;
import io.tidemark.server.upkeep.DamageWatch;
import io.tidemark.server.watch.Watches;
import io.tidemark.store.state.Store;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
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

    private final Opening opening;
    private final Ground ground;
    private final Housekeeping housekeeping;
    private final DamageWatch damage;
    private final DiskReserve reserve;
    private final Confirming confirming;
    private final Writing writing;
    private final Following following;
    private final Watches watches;
    private final KeyValueService keyValue;
    private final ClusterService cluster;
    private final MaintenanceService maintenance;
    private final NodeMetrics metrics;
    private final Disagreement disagreement;
    private final NodeAgreement agreement;
    private final FirstComparison firstComparison;
    private volatile String clusterId = "";

    NodeParts(Opening opening, NodeConfig config) {
        this.opening = opening;
        this.ground = ground(opening, config, () -> clusterId);
        this.housekeeping = new Housekeeping(
                ground.selfId(),
                new ClockLeading(),
                ground.place()::present,
                ground.pools().upkeep()::goOn,
                ground.alarms(),
                ground.timers());
        this.damage = new DamageWatch(ground.selfId(), ground.place()::present, ground.alarms(), ground.timers());
        this.confirming = Confirming.on(ground, housekeeping::clockOff);
        this.firstComparison = new FirstComparison(
                ground.selfId(),
                confirming.leaderRounds()::confirm,
                ground.group()::term,
                this::clockCompared,
                config.confirm().roundMax(),
                ground.ticker(),
                ground.resuming());
        // The topology names who answers, and is made of what nodes answer.
        Answerer answerer =
                new NodeAnswerer(ground.group(), () -> following().topology().version());
        Headers headers = new Headers(answerer);
        this.writing = Writing.on(
                ground, confirming.clocks(), headers, opening.directory().toFile()::getUsableSpace);
        Maintaining maintaining = Maintaining.on(ground, opening, headers, writing);
        this.following = new Following(
                ground, confirming, writing.proposals(), maintaining.upkeep()::status, maintaining.digests());
        this.watches = new Watches(
                ground.place(),
                Store::shards,
                answerer,
                confirming.freshness(),
                RowForms::row,
                ground.place()::horizon,
                config.watchOptions(),
                ground.ticker(),
                ground.timers(),
                ground.pools().readers()::goOn);
        this.keyValue = new KeyValueService(
                ground.place(),
                headers,
                config.limits(),
                ground.pools().readers(),
                ground.timers(),
                writing.writes(),
                watches::watch);
        this.cluster = new ClusterService(
                ground.place(),
                answerer,
                headers,
                config.limits(),
                ground.pools().readers(),
                ground.timers(),
                writing.writes(),
                following.topology());
        this.maintenance = maintaining.service(ground, following);
        this.reserve = new DiskReserve(
                ground.selfId(),
                config.diskReserve(),
                DiskReserve.Space.of(opening.directory()),
                ground.alarms(),
                ground.resuming(),
                new Filling());
        this.disagreement = new Disagreement(
                ground.selfId(),
                OutvotedMark.in(opening.directory()),
                ground.ticker(),
                ground.alarms(),
                new Withdrawal());
        this.agreement = new NodeAgreement(
                ground.selfId(),
                ground.clusterId(),
                ground.place()::present,
                new Voters(ground),
                disagreement,
                ground.resuming(),
                ground.pools().changes());
        this.metrics = NodeMetrics.register(
                opening, ground, confirming, writing, following, watches, maintaining.backups(), agreement);
        opening.readiness().check("consensus", this::whyNotReady);
        opening.tellStaleness(() -> Optional.ofNullable(
                        confirming.freshness().proofs().newestFor(ground.place().index()))
                .map(proof -> proof.staleness(ground.ticker().now())));
        opening.onDrain(this::handOver);
        opening.onDrain(watches::stop);
        opening.onDrain(following.feeds()::stop);
        opening.onDrain(following.bootstraps()::stop);
        opening.onDrain(maintaining.backups()::stop);
        // The newest first: nothing is asked of the network, then nobody works any more, and the store is closed after
        // that.
        opening.onClose(ground.pools());
        opening.onClose(agreement);
        opening.onClose(following);
        opening.onClose(ground.channels());
        opening.onClose(housekeeping);
        opening.onClose(damage);
        opening.onClose(reserve);
    }

    private static Ground ground(Opening opening, NodeConfig config, Supplier<String> clusterId) {
        String selfId = config.server().id();
        Ticker ticker = Ticker.system();
        Pools pools = Pools.open(config.feed().bootstrapsMax());
        StorePlace place = new StorePlace(
                selfId,
                "node " + selfId
                        + " has no store now: it is starting, takes a checkpoint over, or waits to be added to a cluster."
                        + " Ask another server.",
                ticker,
                opening.timers(),
                pools.proving(),
                LocalTimes::new,
                Store::horizon);
        Channels channels = new Channels(
                InsecureChannelCredentials.create(), ticker, ANSWER_BYTES_MAX, opening.clientInterceptors());
        Forwarder forwarder = new Forwarder(selfId, channels);
        return new Ground(
                selfId,
                clusterId,
                config,
                new NodeGroup(selfId),
                place,
                pools,
                channels,
                forwarder,
                new NodeInquiries(forwarder),
                new Alarms(ticker),
                ticker,
                opening.timers());
    }

    private Following following() {
        return following;
    }

    /** Who is fed by this node is told to the leader through it. */
    Subscribers subscribers() {
        return following.subscribers();
    }

    /** For clients, who cannot say how far a call has come. */
    List<BindableService> clientServices() {
        return List.of(keyValue, cluster, maintenance);
    }

    /** For other servers. */
    List<BindableService> internalServices() {
        Origins origins = new Origins();
        return Stream.of(following.replication(), keyValue, cluster, maintenance)
                .<BindableService>map(service -> () -> ServerInterceptors.intercept(service, origins))
                .toList();
    }

    /** It got these ports. */
    void listens(OwnPorts ports) {
        ground.group().listens(ports);
    }

    /** The cluster is known, and others of it may ask. */
    void belongTo(String cluster) {
        clusterId = cluster;
    }

    /** The consensus has started. */
    void started(Consensus consensus) {
        ground.group().started(consensus);
        disagreement.started();
        metrics.started(consensus);
        housekeeping.begin();
        damage.begin();
        reserve.begin();
        agreement.begin();
    }

    /** Before the ports close, so that a stop costs the cluster no election: who writes meanwhile is passed on to the next leader. */
    private void handOver() {
        if (ground.group().membership().voters().size() > 1) {
            ground.group().consensus().ifPresent(this::handOver);
        }
    }

    /** No longer than calls get to end. */
    private void handOver(Consensus consensus) {
        long millis = ground.config().server().stopGrace().toMillis();
        try {
            consensus
                    .mustNotLead("stopping")
                    .orTimeout(millis, TimeUnit.MILLISECONDS)
                    .join();
        } catch (CompletionException e) {
            LOG.warn("leadership was not handed over within {} ms of stop.grace", millis, e);
        }
    }

    private Optional<String> whyNotReady() {
        if (ground.group().consensus().isEmpty()) {
            return Optional.of("the consensus has not started");
        }
        if (ground.group().role() == Role.NONE) {
            return Optional.of("the consensus has stopped");
        }
        if (disagreement.whyNotServing().isPresent()) {
            return disagreement.whyNotServing();
        }
        if (ground.place().present().isEmpty()) {
            return Optional.of("waits to be added to the cluster");
        }
        if (reserve.isStalled()) {
            return Optional.of("the disk is full, so nothing is applied");
        }
        if (ground.group().leader().isEmpty()) {
            return Optional.of("knows of no leader");
        }
        return following.topology().isKnown() ? Optional.empty() : Optional.of("knows no topology");
    }

    /** What the clock has to do with leading. */
    private final class ClockLeading implements Housekeeping.Leading {
        @Override
        public boolean leads() {
            return ground.group().leads();
        }

        @Override
        public void confirm() {
            CompletableFuture<Confirmed> unused = confirming.leaderRounds().confirm();
        }

        @Override
        public void mayLead(boolean may) {
            ground.group().consensus().ifPresent(started -> started.mayLead("clock", may));
        }
    }

    /** What a node has to do with its disk, and with those of others. */
    private final class Filling implements DiskReserve.Node {
        @Override
        public boolean leads() {
            return ground.group().leads();
        }

        @Override
        public Set<String> voters() {
            return ground.group().membership().voters().stream().map(Member::id).collect(Collectors.toSet());
        }

        @Override
        public Map<String, GetStatusResponse> heard() {
            return following.topology().heardWithin(DiskReserve.HEARD_WITHIN);
        }

        @Override
        public void refuse(SubmitOutcome.@Nullable StoreFull full) {
            writing.path().setStoreFull(full);
        }

        @Override
        public CompletableFuture<?> handOver(String to) {
            return ground.group().transfer(to, ground.config().raft().electionMax());
        }
    }

    /** What a node that is outvoted gives up. */
    private final class Withdrawal implements Disagreement.Node {
        @Override
        public void withdraw(String why) {
            ground.place().withdraw(why);
            watches.servingChanged();
            following.feeds().storeReplaced();
        }

        @Override
        public void mayLead(boolean may) {
            ground.group().consensus().ifPresent(started -> started.mayLead("digests", may));
        }
    }

    private record Voters(Ground ground) implements OtherNodes {
        @Override
        public Set<Member> voters() {
            return ground.group().membership().voters();
        }

        @Override
        public CompletableFuture<FetchDigestsResponse> digests(Member node, FetchDigestsRequest request) {
            return ground.inquiries().digests(node.internalAddress(), request);
        }
    }

    /** As of the latest configuration. */
    Set<String> memberIds() {
        return ground.group().membership().memberIds();
    }

    // What the consensus tells, on its own threads.

    @Override
    public void storeReplaced(Store store) {
        confirming.freshness().storeReplaced();
        disagreement
                .replaced(store)
                .ifPresentOrElse(ground.place()::withdraw, () -> ground.place().replace(store, confirming.freshness()));
        watches.servingChanged();
        following.feeds().storeReplaced();
    }

    @Override
    public void storeWithdrawn() {
        disagreement.withdrawn();
        ground.place().withdraw();
        following.feeds().storeReplaced();
    }

    @Override
    public void applied(long raftIndex) {
        confirming.applied().advanced(raftIndex);
    }

    @Override
    public void leaderChanged(@Nullable String leaderId) {
        groupChanged();
    }

    @Override
    public void ready(long term) {
        LOG.info("leads node={} term={}", ground.selfId(), term);
        groupChanged();
        ground.pools().changes().execute(() -> firstComparison.begin(term));
    }

    private void clockCompared(long term) {
        ground.group().clockCompared(term);
        groupChanged();
    }

    @Override
    public void leadershipLost() {
        LOG.info(
                "leads no more node={} term={}", ground.selfId(), ground.group().term());
        groupChanged();
    }

    private void groupChanged() {
        ground.pools().changes().execute(ground.group()::changed);
    }

    @Override
    public void stalled(boolean isStalled) {
        reserve.stalled(isStalled);
    }

    @Override
    public void stopped(String reason, Throwable cause) {
        opening.fail(new StartException("node " + ground.selfId() + " cannot go on: " + reason, cause));
    }
}
