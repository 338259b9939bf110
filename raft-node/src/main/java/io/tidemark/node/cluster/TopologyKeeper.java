// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.api.ProtoTimes;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.service.Topologies;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the topology. The leader makes it, from the Raft configuration and from what the other nodes say of themselves, and counts
 * its versions; every other node has the leader's. All is asked for once a second, and at once when the leader changes.
 *
 * <p>Guarded by its monitor. Listeners are called outside of it, in the order of the versions only if one thread brings them, so they
 * compare versions.
 */
public final class TopologyKeeper implements Topologies, AutoCloseable {

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration INTERVAL_UNTIL_KNOWN = Duration.ofMillis(50);

    private final Group group;
    private final Inquiries inquiries;
    private final Supplier<GetStatusResponse> self;
    private final Supplier<Optional<ClusterFacts>> facts;
    private final Supplier<Set<Member>> joining;
    private final Supplier<Optional<ClusterReplicas>> replicas;
    private final Ticker ticker;
    private final Timers timers;
    private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
    private final Map<String, Report> reports = new HashMap<>();
    /** What this node said of itself when it last looked around. */
    private GetStatusResponse own = GetStatusResponse.getDefaultInstance();

    private volatile Topology latest = Topology.getDefaultInstance();
    private Moment latestAt;
    private Timers.@Nullable Pending next;
    private boolean closed;

    /**
     * @param self what this node says of itself
     * @param facts empty while a new node has no store yet
     * @param joining who is being added and has no vote yet
     * @param replicas as the leader knows them; empty while this node does not lead, or does not know them yet
     */
    public TopologyKeeper(
            Group group,
            Inquiries inquiries,
            Supplier<GetStatusResponse> self,
            Supplier<Optional<ClusterFacts>> facts,
            Supplier<Set<Member>> joining,
            Supplier<Optional<ClusterReplicas>> replicas,
            Ticker ticker,
            Timers timers) {
        this.group = group;
        this.inquiries = inquiries;
        this.self = self;
        this.facts = facts;
        this.joining = joining;
        this.replicas = replicas;
        this.ticker = ticker;
        this.timers = timers;
        this.latestAt = ticker.now();
    }

    /** Whether there is one at all; until then nobody should be sent here. */
    public boolean isKnown() {
        return latest.getNodesCount() > 0;
    }

    /** The version that answers name. */
    public TopologyVersion version() {
        return latest.getVersion();
    }

    /** The newest that this node has; what is soft in it is as old as it says. */
    @Override
    public Topology current() {
        Topology known;
        Moment knownAt;
        Map<String, Report> heard;
        synchronized (this) {
            known = latest;
            knownAt = latestAt;
            heard = group.leads() ? Map.copyOf(reports) : Map.of();
        }
        Moment now = ticker.now();
        Topology.Builder topology = known.toBuilder();
        for (Node.Builder node : topology.getNodesBuilderList()) {
            Report report = heard.get(node.getNodeId());
            if (node.getNodeId().equals(group.selfId())) {
                soften(node, self.get(), Duration.ZERO);
            } else if (report != null) {
                soften(node, report.status(), report.asked().elapsedTo(now));
            } else if (node.hasLastHeard()) {
                Duration then = ProtoTimes.duration(node.getLastHeard());
                node.setLastHeard(ProtoTimes.duration(then.plus(knownAt.elapsedTo(now))));
            }
        }
        softenReplicas(topology, knownAt.elapsedTo(now));
        return topology.build();
    }

    /** The leader knows better than what it counted as a version last; what others have grows old. */
    private void softenReplicas(Topology.Builder topology, Duration age) {
        Optional<ClusterReplicas> newest = group.leads() ? replicas.get() : Optional.empty();
        for (Replica.Builder replica : topology.getReplicasBuilderList()) {
            Optional<Replica> now = newest.flatMap(known -> known.get(replica.getReplicaId()));
            if (now.isPresent()) {
                soften(replica, now.get());
            } else if (replica.hasLastHeard()) {
                replica.setLastHeard(ProtoTimes.duration(
                        ProtoTimes.duration(replica.getLastHeard()).plus(age)));
            }
        }
    }

    private static void soften(Replica.Builder replica, Replica now) {
        replica.mergeFrom(ClusterReplicas.softOf(now));
        for (int i = 0; i < replica.getBootstrapsCount() && i < now.getBootstrapsCount(); i++) {
            if (replica.getBootstraps(i).getShard() == now.getBootstraps(i).getShard()) {
                replica.setBootstraps(i, now.getBootstraps(i));
            }
        }
    }

    /** When this leader last heard of each other node; empty if it does not lead. */
    public synchronized Map<String, Duration> lastHeard() {
        Map<String, Duration> heard = new HashMap<>();
        if (group.leads()) {
            Moment now = ticker.now();
            reports.forEach((id, report) -> heard.put(id, report.asked().elapsedTo(now)));
        }
        return heard;
    }

    /** What other nodes have said of themselves no longer ago than this, by their ids; empty if this node does not lead. */
    public synchronized Map<String, GetStatusResponse> heardWithin(Duration age) {
        Map<String, GetStatusResponse> heard = new HashMap<>();
        if (group.leads()) {
            Moment now = ticker.now();
            reports.forEach((id, report) -> {
                if (report.asked().elapsedTo(now).compareTo(age) <= 0) {
                    heard.put(id, report.status());
                }
            });
        }
        return heard;
    }

    /** Told of each new version; closing what is returned ends that. */
    @Override
    public Registration listen(Consumer<Topology> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Looks around now, and every second from then on. */
    public void refresh() {
        synchronized (this) {
            if (closed) {
                return;
            }
            if (next != null) {
                next.cancel();
            }
            next = timers.after(isKnown() ? INTERVAL : INTERVAL_UNTIL_KNOWN, this::refresh);
        }
        if (facts.get().isEmpty()) {
            return;
        }
        if (group.leads()) {
            lead();
        } else {
            follow();
        }
    }

    private void lead() {
        Set<Member> everybody = everybody(group.membership());
        GetStatusResponse now = self.get();
        synchronized (this) {
            own = now;
            reports.keySet().retainAll(everybody.stream().map(Member::id).collect(Collectors.toSet()));
        }
        make();
        for (Member member : everybody) {
            if (!member.id().equals(group.selfId())) {
                Moment asked = ticker.now();
                ask(inquiries.status(member.internalAddress()), status -> heard(member, status, asked));
            }
        }
    }

    private void heard(Member member, GetStatusResponse status, Moment asked) {
        // Another server may have the address by now.
        if (!status.getServerId().equals(member.id())) {
            return;
        }
        synchronized (this) {
            reports.put(member.id(), new Report(status, asked));
        }
        make();
    }

    /** Counts a version if anything that is not soft is new. */
    private void make() {
        Topology made;
        synchronized (this) {
            Optional<ClusterFacts> known = facts.get();
            Optional<ClusterReplicas> knownReplicas = replicas.get();
            // A later term is another leader's to count in: if it is the same before and after, this node led in it.
            long term = group.term();
            if (known.isEmpty() || knownReplicas.isEmpty() || !group.leads() || group.term() != term) {
                return;
            }
            Topology hard = hard(known.get(), knownReplicas.get());
            TopologyVersion before = latest.getVersion();
            boolean sameReign = before.getTerm() == term
                    && before.getHistoryId().equals(known.get().historyId());
            if (sameReign && hard.equals(withoutSoft(latest))) {
                return;
            }
            made = hard.toBuilder()
                    .setVersion(TopologyVersion.newBuilder()
                            .setHistoryId(known.get().historyId())
                            .setTerm(term)
                            .setEpoch(sameReign ? before.getEpoch() + 1 : 1))
                    .build();
            latest = made;
            latestAt = ticker.now();
        }
        listeners.forEach(listener -> listener.accept(made));
    }

    private Topology hard(ClusterFacts known, ClusterReplicas knownReplicas) {
        Membership membership = group.membership();
        Topology.Builder topology =
                Topology.newBuilder().setClusterId(known.clusterId()).setShardCount(known.shardCount());
        List<Member> members = new ArrayList<>(everybody(membership));
        members.sort(Comparator.comparing(Member::id));
        for (Member member : members) {
            Node.Builder node = Node.newBuilder()
                    .setNodeId(member.id())
                    .setClientAddress(member.clientAddress())
                    .setInternalAddress(member.internalAddress())
                    .setRaftAddress(member.raftAddress())
                    .setMembership(standing(member, membership));
            GetStatusResponse status = statusOf(member.id());
            if (status != null) {
                node.setZone(status.getZone()).setSoftwareVersion(status.getSoftwareVersion());
            }
            topology.addNodes(node);
        }
        knownReplicas.replicas().forEach(replica -> topology.addReplicas(ClusterReplicas.withoutSoft(replica)));
        return topology.setReplicationFactor(knownReplicas.replicationFactor())
                .setRegistryIndex(knownReplicas.registryIndex())
                .build();
    }

    private @Nullable GetStatusResponse statusOf(String nodeId) {
        if (nodeId.equals(group.selfId())) {
            return own;
        }
        Report report = reports.get(nodeId);
        return report == null ? null : report.status();
    }

    private static NodeMembership standing(Member member, Membership membership) {
        if (membership.voters().contains(member)) {
            return NodeMembership.NODE_MEMBERSHIP_VOTER;
        }
        return membership.oldVoters().contains(member)
                ? NodeMembership.NODE_MEMBERSHIP_LEAVING
                : NodeMembership.NODE_MEMBERSHIP_JOINING;
    }

    private Set<Member> everybody(Membership membership) {
        Set<Member> all = new HashSet<>(membership.members());
        all.addAll(joining.get());
        return all;
    }

    private void follow() {
        group.leader()
                .filter(leader -> !leader.id().equals(group.selfId()))
                .ifPresent(leader -> ask(inquiries.topology(leader.internalAddress()), this::adopt));
    }

    /** What the leader shows of replicas is, or may be, new. */
    public void replicasChanged() {
        make();
    }

    /** Takes over what the leader told, unless it is older than what is here. */
    public void adopt(Topology told) {
        boolean isNew;
        synchronized (this) {
            // A leader that was deposed may still tell its own.
            if (group.leads() || Topologies.isOlder(told.getVersion(), latest.getVersion())) {
                return;
            }
            isNew = !told.getVersion().equals(latest.getVersion());
            latest = told;
            latestAt = ticker.now();
        }
        if (isNew) {
            listeners.forEach(listener -> listener.accept(told));
        }
    }

    private static Topology withoutSoft(Topology topology) {
        Topology.Builder hard = topology.toBuilder().clearVersion();
        for (Node.Builder node : hard.getNodesBuilderList()) {
            node.clearRole().clearTerm().clearAppliedIndex().clearHorizon().clearLastHeard();
        }
        for (int i = 0; i < hard.getReplicasCount(); i++) {
            hard.setReplicas(i, ClusterReplicas.withoutSoft(hard.getReplicas(i)));
        }
        return hard.build();
    }

    private static void soften(Node.Builder node, GetStatusResponse status, Duration age) {
        node.setRole(status.getHeader().getServedByRole())
                .setTerm(status.getHeader().getTerm())
                .setAppliedIndex(status.getHeader().getAppliedIndex())
                .setHorizon(status.getHorizon())
                .setLastHeard(ProtoTimes.duration(age));
        if (node.getRole() == ServerRole.SERVER_ROLE_UNSPECIFIED) {
            node.clearRole();
        }
    }

    /** Who does not answer is asked again a second later. */
    @SuppressWarnings("FutureReturnValueIgnored") // the listener does not throw
    private static <T> void ask(CompletableFuture<T> answer, Consumer<T> use) {
        BiConsumer<@Nullable T, @Nullable Throwable> listener = (value, failure) -> {
            if (value != null) {
                use.accept(value);
            }
        };
        answer.whenComplete(listener);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (next != null) {
            next.cancel();
        }
    }
}
