// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.InsecureChannelCredentials;
import io.tidemark.api.Contract;
import io.tidemark.node.cluster.MembershipChanges;
import io.tidemark.node.cluster.TopologyKeeper;
import io.tidemark.node.confirm.AppliedRaft;
import io.tidemark.node.confirm.ClockComparison;
import io.tidemark.node.confirm.ConfirmOptions;
import io.tidemark.node.confirm.ConfirmationHandlers;
import io.tidemark.node.confirm.GrpcPeers;
import io.tidemark.node.confirm.Identity;
import io.tidemark.node.confirm.LeaderRounds;
import io.tidemark.node.confirm.NodeFreshness;
import io.tidemark.node.confirm.RemoteRounds;
import io.tidemark.node.confirm.ReplicationService;
import io.tidemark.node.confirm.TermAnswers;
import io.tidemark.node.consensus.ConsensusListener;
import io.tidemark.node.maintenance.DigestComparison;
import io.tidemark.node.maintenance.MaintenanceService;
import io.tidemark.node.maintenance.PassingOn;
import io.tidemark.node.sweep.SweepOptions;
import io.tidemark.node.sweep.Sweeper;
import io.tidemark.node.write.NodeWriteOptions;
import io.tidemark.node.write.NodeWrites;
import io.tidemark.node.write.WritePath;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.process.Opening;
import io.tidemark.server.service.ClusterService;
import io.tidemark.server.service.KeyValueService;
import io.tidemark.server.service.RowForms;
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
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
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

    private static final Duration IDLE_INTERVAL = Duration.ofSeconds(1);
    private static final int READERS_WAITING_MAX = 1_000;
    private static final int HEAVY_THREADS = 2;
    private static final int HEAVY_WAITING_MAX = 16;

    private final String selfId;
    private final Opening opening;
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
    private volatile @Nullable String clusterId;
    private volatile @Nullable String whyNotReady = "the consensus has not started";
    private long idleIndex = -1;

    NodeParts(Opening opening, NodeConfig config) {
        this.opening = opening;
        this.timers = opening.timers();
        this.selfId = config.server().id();
        Ticker ticker = Ticker.system();
        Workers readers = new Workers("long-reads", threads(), READERS_WAITING_MAX);
        Workers heavy = new Workers("upkeep", HEAVY_THREADS, HEAVY_WAITING_MAX);
        ExecutorService provers = pool("fresh", threads());
        ExecutorService answers = pool("answers", 1);
        this.group = new NodeGroup(selfId);
        this.place = new StorePlace(selfId, ticker, timers, provers);
        this.alarms = new Alarms(ticker);
        this.channels = new Channels(
                InsecureChannelCredentials.create(),
                ticker,
                config.limits().answerBytes(),
                opening.clientInterceptors());
        Forwarder forwarder = new Forwarder(selfId, channels);

        Identity identity = new Identity(() -> clusterId == null ? "" : clusterId, selfId, place::history);
        this.peers = new GrpcPeers(member -> Optional.of(member.internalAddress()), GrpcPeers::plaintext, ticker);
        this.leaderRounds = new LeaderRounds(
                identity,
                group,
                peers,
                ticker,
                timers,
                ConfirmOptions.defaults(),
                new ClockComparison(ConfirmOptions.defaults().clockOffMax(), this::clockOff));
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
        Sweeper sweeper = new Sweeper(place::store, path, group, SweepOptions.defaults(), ticker, timers, heavy::goOn);
        NodeWrites writes = new NodeWrites(
                selfId,
                place::store,
                group,
                path,
                forwarder,
                RowForms::value,
                headers::ofWrite,
                NodeWriteOptions.defaults(),
                ticker,
                timers,
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
                new Backups(place, answerer, headers, BackupOptions.defaults(), ticker, timers, heavy::goOn),
                path,
                heavy,
                ticker,
                config.server().zone(),
                Contract.SOFTWARE_VERSION);
        NodeInquiries inquiries = new NodeInquiries(forwarder);
        MembershipChanges members = new MembershipChanges(
                group,
                inquiries,
                id -> topology().lastHeard(id),
                () -> topology().refresh(),
                timers);
        this.topology =
                new TopologyKeeper(group, inquiries, upkeep::status, this::facts, members::joining, ticker, timers);
        group.onChange(remoteRounds::leaderChanged);
        group.onChange(topology::refresh);

        this.keyValue = new KeyValueService(place, headers, config.limits(), readers, timers, writes, watches::watch);
        this.cluster = new ClusterService(place, answerer, headers, config.limits(), readers, timers, writes, topology);
        this.maintenance = new MaintenanceService(
                group,
                upkeep,
                members,
                new DigestComparison(selfId, topology::current, channels, heavy),
                new PassingOn(group, topology::current, forwarder, channels));

        opening.readiness().check("consensus", this::whyNotReady);
        opening.tellStaleness(this::staleness);
        opening.onDrain(watches::stop);
        List.<AutoCloseable>of(channels, peers, topology).forEach(opening::onClose);
        opening.onClose(readers);
        opening.onClose(heavy);
        opening.onClose(provers::shutdownNow);
        opening.onClose(answers::shutdownNow);
    }
}
