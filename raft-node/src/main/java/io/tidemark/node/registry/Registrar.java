// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.tidemark.api.ProtoTimes;
import io.tidemark.node.cluster.ClusterReplicas;
import io.tidemark.node.cluster.Group;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.ShardRelease;
import io.tidemark.proto.v1.SubscriberRefusal;
import io.tidemark.proto.v1.SubscriberReport;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.call.Failures;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.RefusedException;
import io.tidemark.store.Shards;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DrainReplicaCommand;
import io.tidemark.store.proto.v1.RegisterReplicaCommand;
import io.tidemark.store.proto.v1.RemoveReplicaCommand;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.proto.v1.ReplicasFoundCommand;
import io.tidemark.store.proto.v1.ReplicasLostCommand;
import io.tidemark.store.proto.v1.ResumeReplicaCommand;
import io.tidemark.store.proto.v1.SeenReplica;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.transition.Registry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The leader's registrar: takes what nodes report of the replicas that they feed, proposes what follows for the replicated registry,
 * and says what the topology shows of replicas. While this node does not lead it does nothing.
 *
 * <p>What it knows of replicas beside the registry is of one reign, and begins anew with the next. Guarded by its monitor; proposals and
 * listeners are called outside of it.
 */
public final class Registrar {

    private static final Logger LOG = LoggerFactory.getLogger(Registrar.class);

    /** Of each replica: one that restarts again and again must not fill the memory. */
    private static final int SUPERSEDED_MAX = 16;

    private final Group group;
    private final Supplier<Optional<Replicated>> replicated;
    private final Supplier<Topology> topology;
    private final Supplier<String> clusterId;
    private final Proposals proposals;
    private final RegistryListener listener;
    private final RegistryOptions options;
    private final Ticker ticker;
    private final Timers timers;

    private final List<Drain> drains = new ArrayList<>();
    private @Nullable Reign reign;
    private Timers.@Nullable Pending next;
    private volatile @Nullable Shown shown;

    /**
     * A registrar of a node that does not lead yet.
     *
     * @param replicated empty while the node has no store
     * @param topology what this node has, which a new leader's begins with
     * @param timers whose calls may do more than a few things: placement is computed by them
     */
    public Registrar(
            Group group,
            Supplier<Optional<Replicated>> replicated,
            Supplier<Topology> topology,
            Supplier<String> clusterId,
            Proposals proposals,
            RegistryListener listener,
            RegistryOptions options,
            Ticker ticker,
            Timers timers) {
        this.group = group;
        this.replicated = replicated;
        this.topology = topology;
        this.clusterId = clusterId;
        this.proposals = proposals;
        this.listener = listener;
        this.options = options;
        this.ticker = ticker;
        this.timers = timers;
    }

    /** All that is known of one reign of this node. */
    private static final class Reign {
        private final long term;
        private final Silences silences;
        private @Nullable Releases releases;
        private final Map<String, Replica> inherited = new HashMap<>();
        private final Map<String, Heard> heard = new HashMap<>();
        /** Incarnations that others took the place of. */
        private final Map<String, Set<String>> superseded = new HashMap<>();
        /** Registrations under way; each completes with why it was refused. */
        private final Map<FeedHello, CompletableFuture<Optional<StatusRuntimeException>>> registering = new HashMap<>();

        private boolean deciding;

        Reign(long term, Silences silences) {
            this.term = term;
            this.silences = silences;
        }
    }

    private record Shown(long term, ReplicaView view, ClusterReplicas replicas, boolean storm) {}

    /** Somebody who waits for a replica to be drained. */
    private record Drain(String replicaId, DrainWatcher watcher, CompletableFuture<Replica> done) {}

    /** Who leads, or whether there is a store, is or may be another. */
    public void leadershipChanged() {
        List<Drain> ended = new ArrayList<>();
        boolean stormEnds;
        synchronized (this) {
            Reign now = reign;
            stormEnds = now != null && now.silences.isStorm() && (!group.leads() || now.term != group.term());
            if (!group.leads()) {
                reign = null;
                shown = null;
                ended.addAll(drains);
                drains.clear();
                if (next != null) {
                    next.cancel();
                    next = null;
                }
            } else if (now == null || now.term != group.term()) {
                begin();
            }
        }
        ended.forEach(drain -> drain.done().completeExceptionally(notLeader()));
        if (stormEnds) {
            listener.stormEnded();
        }
    }

    private void begin() {
        Reign begun = new Reign(group.term(), new Silences(options, ticker.now()));
        topology.get().getReplicasList().forEach(replica -> begun.inherited.put(replica.getReplicaId(), replica));
        reign = begun;
        look();
        schedule(options.interval());
    }

    private StatusRuntimeException notLeader() {
        return RegistryErrors.notLeader(
                group.selfId(),
                group.term(),
                group.leader().filter(member -> !member.id().equals(group.selfId())));
    }

    /** What the topology shows; empty while this node does not lead, or has not looked yet. */
    public Optional<ClusterReplicas> replicas() {
        Shown now = shown;
        return now == null || now.term() != group.term() ? Optional.empty() : Optional.of(now.replicas());
    }

    /** How many replicas there are in each state; empty if this node does not lead. */
    public Map<String, Long> countByState() {
        Map<String, Long> counts = new TreeMap<>();
        replicas().ifPresent(now -> {
            for (String name : List.of("joining", "serving", "draining", "drained", "lost")) {
                counts.put(name, 0L);
            }
            now.replicas().forEach(replica -> counts.merge(name(replica.getState()), 1L, Long::sum));
        });
        return counts;
    }

    private static String name(ReplicaState state) {
        return switch (state) {
            case REPLICA_STATE_JOINING -> "joining";
            case REPLICA_STATE_SERVING -> "serving";
            case REPLICA_STATE_DRAINING -> "draining";
            case REPLICA_STATE_DRAINED -> "drained";
            case REPLICA_STATE_LOST -> "lost";
            case REPLICA_STATE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }

    /** Whether so many replicas are silent that none is taken for lost. */
    public boolean isStorm() {
        Shown now = shown;
        return now != null && now.storm();
    }

    // Time.

    private void schedule(Duration delay) {
        if (next != null) {
            next.cancel();
        }
        next = timers.after(delay, this::tick);
    }

    private void tick() {
        Command decision = null;
        boolean stormBefore;
        boolean stormNow = false;
        int silent = 0;
        int present = 0;
        synchronized (this) {
            Reign now = reign;
            if (now == null) {
                return;
            }
            if (!group.leads() || group.term() != now.term) {
                // Told of soon.
                schedule(options.interval());
                return;
            }
            stormBefore = now.silences.isStorm();
            Optional<Replicated> state = replicated.get();
            if (state.isPresent() && !now.deciding) {
                Registry registry = state.get().registry();
                List<String> ids = registry.replicas().stream()
                        .filter(replica -> !replica.getLost())
                        .map(ReplicaRecord::getReplicaId)
                        .toList();
                List<SeenReplica> lost = now.silences.check(ticker.now(), ids).stream()
                        .flatMap(id -> Optional.ofNullable(registry.get(id)).stream())
                        .map(Registrations::seen)
                        .toList();
                if (!lost.isEmpty()) {
                    now.deciding = true;
                    decision = Command.newBuilder()
                            .setReplicasLost(ReplicasLostCommand.newBuilder().addAllReplicas(lost))
                            .build();
                    LOG.warn(
                            "lost replicas={} silent_ms={}",
                            names(lost),
                            options.lossTimeout().toMillis());
                }
                Moment moment = ticker.now();
                present = ids.size();
                silent = (int) ids.stream()
                        .filter(id -> now.silences.isSilent(id, moment))
                        .count();
                forget(now, registry);
            }
            stormNow = now.silences.isStorm();
            look();
            schedule(options.interval());
        }
        if (stormNow && !stormBefore) {
            listener.stormBegan(silent, present);
        } else if (stormBefore && !stormNow) {
            listener.stormEnded();
        }
        listener.replicasChanged();
        tellDrains();
        if (decision != null) {
            decide(decision);
        }
    }

    private static List<String> names(List<SeenReplica> replicas) {
        return replicas.stream().map(SeenReplica::getReplicaId).toList();
    }

    /** Of replicas that are neither registered nor about to be nothing is kept. */
    private static void forget(Reign now, Registry registry) {
        Set<String> kept = new HashSet<>(registry.byId().keySet());
        now.registering.keySet().forEach(hello -> kept.add(hello.getSubscriberId()));
        now.silences.retain(kept);
        now.heard.keySet().retainAll(kept);
        now.superseded.keySet().retainAll(kept);
        now.inherited.keySet().retainAll(kept);
        if (now.releases != null) {
            now.releases.retain(kept);
        }
    }

    /** A decision that fails is made again at the next look, if it still holds. */
    private void decide(Command decision) {
        CompletableFuture<Void> unused = proposals
                .propose("a decision on replicas", decision)
                .handle((outcome, failure) -> {
                    synchronized (this) {
                        Reign now = reign;
                        if (now != null) {
                            now.deciding = false;
                        }
                    }
                    if (failure != null) {
                        LOG.info("a decision on replicas was not made: {}", failure.toString());
                    }
                    lookSoon();
                    return null;
                });
    }

    private void lookSoon() {
        timers.after(Duration.ZERO, this::lookNow);
    }

    private void lookNow() {
        synchronized (this) {
            look();
        }
        listener.replicasChanged();
        tellDrains();
    }

    /** Makes what is shown anew. With the monitor. */
    private void look() {
        Reign now = reign;
        Optional<Replicated> state = replicated.get();
        if (now == null || state.isEmpty()) {
            return;
        }
        Shown before = shown;
        ReplicaView view = ReplicaView.of(state.get(), before == null ? null : before.view());
        Moment moment = ticker.now();
        ClusterReplicas replicas = view.at(
                moment,
                now.heard::get,
                now.inherited::get,
                now.silences::lastHeard,
                releases(now, view, state.get().settings().getShardCount(), moment));
        shown = new Shown(now.term, view, replicas, now.silences.isStorm());
    }

    private Map<String, ShardRelease> releases(Reign now, ReplicaView view, int shardCount, Moment moment) {
        Releases releases = now.releases;
        if (releases == null) {
            releases = new Releases(now.term, shardCount);
            now.releases = releases;
        }
        return releases.decide(view.present(), view::placed, id -> {
            Heard heard = now.heard.get(id);
            // Not its silence, which a storm or a pause of the leader's own lets begin anew.
            Moment last = now.silences.lastHeard(id);
            boolean isPresent = last != null && last.elapsedTo(moment).compareTo(options.pauseMin()) < 0;
            return heard == null ? null : heard.said(isPresent);
        });
    }

    // What nodes report.

    /**
     * A node tells whom it feeds. The answer comes once all of them are registered, or refused. Fails if this node does not lead, or
     * the report is not of its cluster and history.
     */
    public CompletableFuture<ReportSubscribersResponse> report(ReportSubscribersRequest request) {
        try {
            return take(request);
        } catch (StatusRuntimeException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private CompletableFuture<ReportSubscribersResponse> take(ReportSubscribersRequest request) {
        List<CompletableFuture<Optional<SubscriberRefusal>>> answers = new ArrayList<>();
        List<Runnable> calls = new ArrayList<>();
        synchronized (this) {
            Reign now = reign;
            Optional<Replicated> state = replicated.get();
            if (now == null || state.isEmpty() || !group.leads()) {
                throw notLeader();
            }
            requireOurs(request, state.get());
            Set<String> fed = new HashSet<>();
            List<SeenReplica> found = new ArrayList<>();
            Set<String> nodes = nodeIds();
            for (SubscriberReport report : request.getSubscribersList()) {
                fed.add(report.getHello().getSubscriberId());
                answers.add(hear(now, state.get(), nodes, request.getNodeId(), report, found, calls)
                        .thenApply(refusal -> refusal.map(error -> refusal(report.getHello(), error))));
            }
            now.heard.replaceAll((id, heard) -> heard.upstreamId().equals(request.getNodeId()) && !fed.contains(id)
                    ? heard.withoutUpstream()
                    : heard);
            if (!found.isEmpty() && !now.deciding) {
                now.deciding = true;
                calls.add(() -> decide(Command.newBuilder()
                        .setReplicasFound(ReplicasFoundCommand.newBuilder().addAllReplicas(found))
                        .build()));
                LOG.info("found replicas={}", names(found));
            }
        }
        calls.forEach(Runnable::run);
        lookSoon();
        return CompletableFuture.allOf(answers.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> answer(request, answers));
    }

    private Set<String> nodeIds() {
        return group.membership().memberIds();
    }

    private void requireOurs(ReportSubscribersRequest request, Replicated state) {
        if (!request.getClusterId().equals(clusterId.get())) {
            throw RegistryErrors.otherCluster(request.getClusterId(), clusterId.get());
        }
        if (!request.getHistoryId().equals(state.historyId())) {
            throw RegistryErrors.otherHistory(request.getHistoryId(), state.historyId());
        }
        // As many as there may be, and each of them once more under another process.
        int subscribersMax = 2 * state.settings().getMaxReplicas();
        if (request.getSubscribersCount() > subscribersMax) {
            throw RegistryErrors.tooMany(request.getSubscribersCount(), subscribersMax);
        }
    }

    private ReportSubscribersResponse answer(
            ReportSubscribersRequest request, List<CompletableFuture<Optional<SubscriberRefusal>>> answers) {
        ReportSubscribersResponse.Builder answer = ReportSubscribersResponse.newBuilder()
                .setLeaderId(group.selfId())
                .setTerm(group.term());
        answers.forEach(refusal -> refusal.join().ifPresent(answer::addRefusals));
        Topology here = topology.get();
        if (!request.hasKnownVersion() || !request.getKnownVersion().equals(here.getVersion())) {
            answer.setTopology(here);
        }
        return answer.build();
    }

    private static SubscriberRefusal refusal(FeedHello hello, StatusRuntimeException error) {
        com.google.rpc.Status status = StatusProto.fromThrowable(Failures.toStatus(error));
        return SubscriberRefusal.newBuilder()
                .setSubscriberId(hello.getSubscriberId())
                .setIncarnationId(hello.getIncarnationId())
                .setError(status == null ? com.google.rpc.Status.getDefaultInstance() : status)
                .build();
    }

    /** Completes with why the replica is not taken. With the monitor; what must be called without it goes into {@code calls}. */
    private CompletableFuture<Optional<StatusRuntimeException>> hear(
            Reign now,
            Replicated state,
            Set<String> nodes,
            String nodeId,
            SubscriberReport report,
            List<SeenReplica> found,
            List<Runnable> calls) {
        FeedHello hello = report.getHello();
        ReplicaRecord said = Registrations.of(hello);
        try {
            requireTakeable(now, state, nodes, said, report);
        } catch (StatusRuntimeException refusal) {
            return CompletableFuture.completedFuture(Optional.of(refusal));
        } catch (RefusedException refusal) {
            return CompletableFuture.completedFuture(
                    Optional.of(refusal.refusal().status().toException()));
        }
        Duration age = ProtoTimes.duration(report.getLastHeard());
        if (age.compareTo(options.lossTimeout()) >= 0) {
            // A stream whose end its upstream has not noticed: no sign of life, and perhaps of an earlier one.
            return CompletableFuture.completedFuture(Optional.empty());
        }
        Moment at = before(ticker.now(), age);
        String id = hello.getSubscriberId();
        Heard known = now.heard.get(id);
        Moment last = now.silences.lastHeard(id);
        if (known != null) {
            boolean isSameLife = known.hello().getIncarnationId().equals(hello.getIncarnationId());
            boolean isSameStream = isSameLife && known.upstreamId().equals(nodeId);
            if (!isSameStream && last != null && at.isNotAfter(last)) {
                // The end of an earlier life, or of an earlier stream, which its upstream has not noticed.
                return CompletableFuture.completedFuture(Optional.empty());
            }
            if (!isSameLife) {
                supersede(now, known.hello());
                known = null;
            }
        }
        now.heard.put(id, heard(report, nodeId, state, known));
        now.silences.heard(id, at);
        ReplicaRecord registered = state.registry().get(id);
        if (registered == null || !Registrations.isSame(registered, said)) {
            return register(now, hello, said, calls);
        }
        if (registered.getLost()) {
            found.add(Registrations.seen(registered));
        }
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /** @param known of the same life: it serves what it served until it says otherwise */
    private static Heard heard(SubscriberReport report, String nodeId, Replicated state, @Nullable Heard known) {
        if (!report.hasHeartbeat() && known != null) {
            return new Heard(report.getHello(), known.heartbeat(), known.serving(), nodeId);
        }
        Shards serving =
                Shards.of(report.getHeartbeat().getServing(), state.settings().getShardCount());
        return new Heard(report.getHello(), report.hasHeartbeat() ? report.getHeartbeat() : null, serving, nodeId);
    }

    /** Judged here too, so that what will be refused does not fill the log. */
    private void requireTakeable(
            Reign now, Replicated state, Set<String> nodes, ReplicaRecord said, SubscriberReport report) {
        String id = said.getReplicaId();
        state.registry().requireRoomFor(said, state.settings().getMaxReplicas());
        if (nodes.contains(id)) {
            throw RegistryErrors.namedAsNode(id);
        }
        String incarnation = report.getHello().getIncarnationId();
        if (now.superseded.getOrDefault(id, Set.of()).contains(incarnation)) {
            throw RegistryErrors.superseded(id, incarnation);
        }
        try {
            Shards unused = Shards.of(
                    report.getHeartbeat().getServing(), state.settings().getShardCount());
        } catch (IllegalArgumentException e) {
            throw RegistryErrors.badReport(id, String.valueOf(e.getMessage()));
        }
    }

    private CompletableFuture<Optional<StatusRuntimeException>> register(
            Reign now, FeedHello hello, ReplicaRecord said, List<Runnable> calls) {
        CompletableFuture<Optional<StatusRuntimeException>> underWay = now.registering.get(hello);
        if (underWay != null) {
            return underWay;
        }
        CompletableFuture<Optional<StatusRuntimeException>> begun = new CompletableFuture<>();
        now.registering.put(hello, begun);
        LOG.info(
                "registers replica={} disk={} zone={} weight={} address={}",
                said.getReplicaId(),
                said.getDiskId(),
                said.getZone(),
                said.getWeight(),
                said.getInternalAddress());
        calls.add(() -> {
            CompletableFuture<Void> unused = proposals
                    .propose(
                            "registering replica " + said.getReplicaId(),
                            Command.newBuilder()
                                    .setRegisterReplica(
                                            RegisterReplicaCommand.newBuilder().setReplica(said))
                                    .build())
                    .handle((outcome, failure) -> {
                        synchronized (this) {
                            now.registering.remove(hello);
                        }
                        begun.complete(failure == null ? Optional.empty() : Optional.of(Failures.toStatus(failure)));
                        lookSoon();
                        return null;
                    });
        });
        return begun;
    }

    private static void supersede(Reign now, FeedHello hello) {
        Set<String> superseded = now.superseded.computeIfAbsent(hello.getSubscriberId(), any -> new LinkedHashSet<>());
        superseded.add(hello.getIncarnationId());
        if (superseded.size() > SUPERSEDED_MAX) {
            superseded.remove(superseded.iterator().next());
        }
    }

    private static Moment before(Moment now, Duration age) {
        long nanos = Math.max(0, age.toNanos());
        return new Moment(now.monotonicNanos() - nanos, now.wallNanos() - nanos, now.missedNanos());
    }

    // What operators ask for.

    /**
     * Has a replica hand its shards over. Completes once it serves none.
     *
     * @param watcher told of what the topology shows of it on the way
     */
    public CompletableFuture<Replica> drain(String replicaId, DrainWatcher watcher) {
        requireLeading();
        Command command = Command.newBuilder()
                .setDrainReplica(DrainReplicaCommand.newBuilder().setReplicaId(replicaId))
                .build();
        return proposals.propose("draining replica " + replicaId, command).thenCompose(outcome -> {
            Drain drain = new Drain(replicaId, watcher, new CompletableFuture<>());
            boolean leads;
            synchronized (this) {
                leads = reign != null;
                if (leads) {
                    // What is shown may be of before the command: as if somebody had resumed the replica.
                    look();
                    drains.add(drain);
                }
            }
            if (!leads) {
                throw notLeader();
            }
            lookSoon();
            return drain.done();
        });
    }

    private void tellDrains() {
        List<Drain> waiting;
        synchronized (this) {
            drains.removeIf(drain -> drain.done().isDone() || drain.watcher().isGone());
            waiting = List.copyOf(drains);
        }
        if (waiting.isEmpty()) {
            return;
        }
        Optional<ClusterReplicas> now = replicas();
        for (Drain drain : waiting) {
            if (now.isPresent()) {
                tell(drain, now.get());
            }
        }
    }

    private static void tell(Drain drain, ClusterReplicas now) {
        Replica replica = now.get(drain.replicaId()).orElse(null);
        if (replica == null) {
            drain.done().completeExceptionally(RegistryErrors.notFound(drain.replicaId()));
            return;
        }
        switch (replica.getState()) {
            case REPLICA_STATE_DRAINING -> drain.watcher().draining(replica);
            // One that is lost serves nothing, and will not when it comes back.
            case REPLICA_STATE_DRAINED, REPLICA_STATE_LOST -> drain.done().complete(replica);
            default -> drain.done().completeExceptionally(RegistryErrors.resumed(drain.replicaId()));
        }
    }

    /** Puts a replica back to work. */
    public CompletableFuture<Replica> resume(String replicaId) {
        requireLeading();
        Command command = Command.newBuilder()
                .setResumeReplica(ResumeReplicaCommand.newBuilder().setReplicaId(replicaId))
                .build();
        return proposals.propose("resuming replica " + replicaId, command).thenApply(outcome -> {
            lookNow();
            return replicas().flatMap(now -> now.get(replicaId)).orElseThrow(() -> RegistryErrors.notFound(replicaId));
        });
    }

    /** Forgets a replica, which must have been silent for the timeout. */
    public CompletableFuture<Void> remove(String replicaId) {
        SeenReplica seen;
        synchronized (this) {
            Reign now = requireLeading();
            ReplicaRecord known = replicated
                    .get()
                    .map(state -> state.registry().get(replicaId))
                    .orElse(null);
            if (known == null) {
                throw RegistryErrors.notFound(replicaId);
            }
            Moment moment = ticker.now();
            if (!known.getLost() && !now.silences.isSilent(replicaId, moment)) {
                throw RegistryErrors.alive(replicaId, now.silences.silence(replicaId, moment), options.lossTimeout());
            }
            seen = Registrations.seen(known);
        }
        Command command = Command.newBuilder()
                .setRemoveReplica(RemoveReplicaCommand.newBuilder().setReplica(seen))
                .build();
        return proposals.propose("removing replica " + replicaId, command).thenAccept((Outcome outcome) -> lookNow());
    }

    private synchronized Reign requireLeading() {
        Reign now = reign;
        if (now == null || !group.leads()) {
            throw notLeader();
        }
        return now;
    }
}
