// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.cluster.MembershipChanges;
import io.tidemark.node.cluster.TopologyKeeper;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.registry.FeedBalance;
import io.tidemark.node.registry.Registrar;
import io.tidemark.node.registry.Replicated;
import io.tidemark.node.registry.Subscribers;
import io.tidemark.node.succession.ChannelVigil;
import io.tidemark.node.succession.Succession;
import io.tidemark.node.succession.TcpKnocker;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.feed.Bootstraps;
import io.tidemark.server.feed.DigestQueries;
import io.tidemark.server.feed.Feeds;
import io.tidemark.server.feed.TimeQueries;
import io.tidemark.server.service.Topologies;
import io.tidemark.server.upkeep.Digests;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Who else there is, nodes and replicas: what this node knows of them, what it tells them, and what it feeds them. All of it speaks of
 * the others through the topology, which is made of what they answer.
 */
final class Following implements AutoCloseable {

    private static final Duration KNOCKED_WITHIN = Duration.ofMillis(250);

    private final Ground ground;
    private final Confirming confirming;
    private final MembershipChanges members;
    private final Registrar registrar;
    private final TopologyKeeper topology;
    private final Subscribers subscribers;
    private final Feeds feeds;
    private final FeedBalance balance;
    private final Bootstraps bootstraps;
    private final NodeReplication replication;
    private final Topologies.Registration toSubscribers;

    /** @param status what this node says of itself */
    Following(
            Ground ground,
            Confirming confirming,
            CommandProposals proposals,
            Supplier<GetStatusResponse> status,
            Digests digests) {
        this.ground = ground;
        this.confirming = confirming;
        NodeGroup group = ground.group();
        this.members = new MembershipChanges(
                group,
                ground.inquiries(),
                ground::facts,
                this::isReplica,
                () -> topology().refresh(),
                ground.timers());
        this.registrar = new Registrar(
                group,
                this::replicated,
                () -> topology().current(),
                ground.clusterId(),
                proposals,
                new RegistryNews(ground.selfId(), () -> topology().replicasChanged(), ground.alarms()),
                ground.config().registry(),
                ground.ticker(),
                ground.resuming());
        this.topology = new TopologyKeeper(
                group,
                ground.inquiries(),
                status,
                ground::facts,
                members::joining,
                registrar::replicas,
                ground.ticker(),
                ground.timers());
        this.subscribers = new Subscribers(
                ground.selfId(),
                ground::facts,
                topology::version,
                this::reportToLeader,
                topology::adopt,
                ground.config().registry(),
                ground.ticker(),
                ground.timers());
        this.feeds = new Feeds(
                ground.selfId(),
                ground.clusterId(),
                ground.place()::store,
                confirming.freshness(),
                topology::current,
                new FedReplicas(subscribers),
                ground.config().feedOptions(),
                ground.ticker(),
                ground.timers(),
                ground.pools().feeding(),
                ground.pools().feedReads()::goOn);
        this.balance = new FeedBalance(
                ground.selfId(),
                topology::current,
                feeds::rebalance,
                ground.timers(),
                () -> ThreadLocalRandom.current().nextDouble());
        this.bootstraps = new Bootstraps(
                ground.selfId(),
                ground.clusterId(),
                ground.place(),
                ground.config().bootstrapOptions(),
                ground.timers(),
                ground.pools().copies()::goOn);
        Succession succession = new Succession(
                ground.clusterId(),
                ground.selfId(),
                group,
                new ChannelVigil(ground.channels()),
                new TcpKnocker(ground.pools().knocks(), KNOCKED_WITHIN),
                confirming.peers()::askLeaderGone,
                group,
                ground.timers());
        this.replication = new NodeReplication(
                confirming.handlers(),
                registrar::report,
                succession,
                feeds,
                bootstraps,
                new TimeQueries(
                        ground.selfId(),
                        ground.clusterId(),
                        ground.place()::store,
                        ground.pools().readers()),
                new DigestQueries(ground.selfId(), ground.clusterId(), ground.place()::store, digests));
        group.onChange(succession::leaderChanged);
        // Before the topology, which it is a part of.
        group.onChange(registrar::leadershipChanged);
        group.onChange(topology::refresh);
        group.onChange(subscribers::leadershipChanged);
        Topologies.Registration unused = topology.listen(this::retainChannels);
        this.toSubscribers = topology.listen(changed -> feeds().topologyChanged());
        balance.start();
    }

    MembershipChanges members() {
        return members;
    }

    Registrar registrar() {
        return registrar;
    }

    TopologyKeeper topology() {
        return topology;
    }

    Subscribers subscribers() {
        return subscribers;
    }

    Feeds feeds() {
        return feeds;
    }

    Bootstraps bootstraps() {
        return bootstraps;
    }

    NodeReplication replication() {
        return replication;
    }

    private boolean isReplica(String serverId) {
        return registrar.replicas().flatMap(known -> known.get(serverId)).isPresent();
    }

    private Optional<Replicated> replicated() {
        return ground.place()
                .present()
                .map(store -> new Replicated(store.history().text(), store.registry(), store.settings()));
    }

    private CompletableFuture<ReportSubscribersResponse> reportToLeader(ReportSubscribersRequest report) {
        if (ground.group().leads()) {
            return registrar.report(report);
        }
        return ground.group()
                .other()
                .map(leader -> ground.inquiries().report(leader.internalAddress(), report))
                .orElseGet(() -> CompletableFuture.failedFuture(new IllegalStateException("no leader is known")));
    }

    /** Who left is not connected to any more. */
    private void retainChannels(Topology now) {
        Set<String> addresses = Stream.concat(
                        now.getNodesList().stream().map(Node::getInternalAddress),
                        ground.group().membership().members().stream().map(Member::internalAddress))
                .collect(Collectors.toSet());
        confirming.peers().retain(addresses);
        Set<String> servers = Stream.concat(
                        addresses.stream(), now.getReplicasList().stream().map(Replica::getInternalAddress))
                .collect(Collectors.toSet());
        ground.channels().retain(servers);
    }

    @Override
    public void close() {
        balance.close();
        topology.close();
        toSubscribers.close();
    }
}
