// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import io.tidemark.api.ProtoTimes;
import io.tidemark.node.cluster.ClusterReplicas;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ShardBootstrap;
import io.tidemark.proto.v1.ShardRelease;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.server.placement.Candidate;
import io.tidemark.server.placement.Placement;
import io.tidemark.server.time.Moment;
import io.tidemark.store.Shards;
import io.tidemark.store.proto.v1.ReplicaRecord;
import io.tidemark.store.transition.Registry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Replicas as the topology shows them: what is registered, what placement makes of that, and what they report. Immutable. */
final class ReplicaView {

    private final Registry registry;
    private final StoreSettings settings;
    private final Placement placement;
    private final Map<String, ShardSet> placed = new HashMap<>();

    private ReplicaView(Registry registry, StoreSettings settings) {
        this.registry = registry;
        this.settings = settings;
        List<Candidate> candidates = new ArrayList<>();
        for (ReplicaRecord replica : registry.replicas()) {
            if (!replica.getLost() && !replica.getDraining()) {
                candidates.add(new Candidate(replica.getReplicaId(), replica.getZone(), replica.getWeight()));
            }
        }
        placement = Placement.of(candidates, settings.getShardCount(), settings.getReplicationFactor());
        for (Candidate candidate : candidates) {
            placed.put(candidate.id(), placement.shardsOf(candidate.id()).toProto());
        }
    }

    /** Of that state; the same one if it is of that state already. */
    static ReplicaView of(Replicated state, @Nullable ReplicaView known) {
        boolean isSame = known != null
                && known.registry.index() == state.registry().index()
                && known.settings.getReplicationFactor() == state.settings().getReplicationFactor();
        return isSame && known != null ? known : new ReplicaView(state.registry(), state.settings());
    }

    Registry registry() {
        return registry;
    }

    /** Those that are registered and not lost. */
    List<String> present() {
        return registry.replicas().stream()
                .filter(replica -> !replica.getLost())
                .map(ReplicaRecord::getReplicaId)
                .toList();
    }

    Shards placed(String replicaId) {
        return placement.shardsOf(replicaId);
    }

    /**
     * What the topology shows now.
     *
     * @param heard what is known of a replica; null: nothing
     * @param inherited a replica as the leader before showed it; null: not at all
     * @param lastHeard null: never
     * @param releases what replicas may give up; of those that said something
     */
    ClusterReplicas at(
            Moment now,
            Function<String, @Nullable Heard> heard,
            Function<String, @Nullable Replica> inherited,
            Function<String, @Nullable Moment> lastHeard,
            Map<String, ShardRelease> releases) {
        List<Replica> replicas = new ArrayList<>();
        for (ReplicaRecord replica : registry.replicas()) {
            String id = replica.getReplicaId();
            Replica.Builder shown = shown(replica, heard.apply(id), inherited.apply(id));
            Moment at = lastHeard.apply(id);
            if (at != null) {
                shown.setLastHeard(ProtoTimes.duration(at.elapsedTo(now)));
            }
            ShardRelease release = releases.get(id);
            if (release != null) {
                shown.setRelease(release);
            }
            replicas.add(shown.build());
        }
        return new ClusterReplicas(registry.index(), settings.getReplicationFactor(), replicas);
    }

    private Replica.Builder shown(ReplicaRecord replica, @Nullable Heard heard, @Nullable Replica inherited) {
        Replica.Builder shown = Replica.newBuilder();
        SubscriberHeartbeat heartbeat = heard == null ? null : heard.heartbeat();
        if (heartbeat != null) {
            report(shown, heartbeat);
        } else if (inherited != null) {
            // Until it reports to this leader it serves what it served: it knows nothing of the change.
            shown.setServing(inherited.getServing())
                    .addAllBootstraps(inherited.getBootstrapsList())
                    .setSoftwareVersion(inherited.getSoftwareVersion());
        }
        if (heard != null) {
            FeedHello hello = heard.hello();
            shown.setUpstreamId(heard.upstreamId()).setSoftwareVersion(hello.getSoftwareVersion());
        }
        if (replica.getLost()) {
            shown.clearServing().clearBootstraps().clearStaleness();
        }
        ShardSet own = placed.get(replica.getReplicaId());
        if (own != null) {
            shown.setPlaced(own);
        }
        return shown.setReplicaId(replica.getReplicaId())
                .setZone(replica.getZone())
                .setWeight(replica.getWeight())
                .setClientAddress(replica.getClientAddress())
                .setInternalAddress(replica.getInternalAddress())
                .setState(state(replica, shown, heartbeat, heartbeat != null || inherited != null));
    }

    private static void report(Replica.Builder shown, SubscriberHeartbeat heartbeat) {
        shown.setAppliedIndex(heartbeat.getAppliedIndex())
                .setHorizon(heartbeat.getHorizon())
                .setServing(heartbeat.getServing())
                .setRequestRate(heartbeat.getRequestRate())
                .setCpuLoad(heartbeat.getCpuLoad());
        for (ShardBootstrap bootstrap : heartbeat.getBootstrapsList()) {
            shown.addBootstraps(bootstrap);
        }
        if (heartbeat.hasStaleness()) {
            shown.setStaleness(heartbeat.getStaleness());
        }
    }

    /** @param isKnown whether what it serves is known at all */
    private static ReplicaState state(
            ReplicaRecord replica, Replica.Builder shown, @Nullable SubscriberHeartbeat heartbeat, boolean isKnown) {
        boolean serves = shown.getServing().getRangesCount() > 0;
        if (replica.getLost()) {
            return ReplicaState.REPLICA_STATE_LOST;
        }
        if (replica.getDraining()) {
            return serves || !isKnown ? ReplicaState.REPLICA_STATE_DRAINING : ReplicaState.REPLICA_STATE_DRAINED;
        }
        if (heartbeat != null && heartbeat.getState() == ReplicaState.REPLICA_STATE_DRAINED && !serves) {
            // It stops.
            return ReplicaState.REPLICA_STATE_DRAINED;
        }
        boolean isIdle = shown.getPlaced().getRangesCount() == 0;
        return serves || (isKnown && isIdle) ? ReplicaState.REPLICA_STATE_SERVING : ReplicaState.REPLICA_STATE_JOINING;
    }
}
