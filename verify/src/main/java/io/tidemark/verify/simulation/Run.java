// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import io.tidemark.verify.simulation.Cluster.NodeHost;
import io.tidemark.verify.simulation.Cluster.ReplicaHost;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One run: a cluster that starts, bad weather over it, and the calm after, in which everything must become well. */
final class Run implements AutoCloseable {

    /** Before there are replicas: there is a leader then, and something to copy. */
    private static final Duration ALONE = Duration.ofSeconds(2);

    private static final Duration FIRST = Duration.ofMillis(10);
    private static final Duration START_MAX = Duration.ofMinutes(2);
    private static final Duration CALM_MAX = Duration.ofMinutes(2);
    private static final Duration LOOK = Duration.ofMillis(100);
    private static final Duration FRESH = Duration.ofSeconds(3);

    private final Cluster cluster;
    private final Clients clients;

    Run(Setup setup) {
        this.cluster = new Cluster(setup);
        this.clients = new Clients(cluster);
    }

    Cluster cluster() {
        return cluster;
    }

    Map<String, Long> outcomes() {
        return clients.outcomes();
    }

    /** Starts nodes, clients and all replicas at once, and waits until all is served. */
    void start() {
        start(Duration.ZERO);
    }

    /** @param within replicas are started one after the other in this time, so that what they do at intervals is spread */
    void start(Duration within) {
        cluster.nodes().forEach(NodeHost::boot);
        cluster.world().run(ALONE);
        clients.start();
        cluster.world().run(ALONE);
        Duration pause = within.dividedBy(Math.max(1, cluster.replicas().size()));
        Duration next = FIRST;
        for (ReplicaHost host : cluster.replicas()) {
            cluster.world().after(next, host::boot);
            next = next.plus(pause);
        }
        cluster.world().run(LOOK.plus(within));
        settle(START_MAX);
    }

    /** So long something goes wrong again and again, or until a promise was broken. */
    Weather weather(Duration lasting, Duration every) {
        Weather weather = new Weather(cluster, every);
        weather.begin();
        long end = cluster.world().nanos() + lasting.toNanos();
        while (cluster.world().nanos() < end && cluster.world().violationCount() == 0) {
            cluster.world().run(LOOK);
        }
        weather.end();
        return weather;
    }

    /** Nothing goes wrong any more: in some time everybody must serve what it should, and know how fresh it is. */
    void calm() {
        cluster.world().run(Duration.ofSeconds(15));
        settle(CALM_MAX, this::removeWhoIsGone);
        clients.stop();
        cluster.world().run(Duration.ofSeconds(10));
        level();
    }

    /** As an operator would, where so many are gone that the cluster decides nothing by itself. */
    private void removeWhoIsGone() {
        cluster.leader().map(NodeHost::process).ifPresent(leader -> {
            for (Replica replica : leader.knownTopology().getReplicasList()) {
                if (cluster.replica(replica.getReplicaId()).isGone()) {
                    remove(leader, replica.getReplicaId());
                }
            }
        });
    }

    private static void remove(SimulatedNode leader, String id) {
        try {
            CompletableFuture<Void> unused = leader.registrar().remove(id).exceptionally(refused -> null);
        } catch (StatusRuntimeException tooEarly) {
            // It has not been silent for long enough: it is tried again.
        }
    }

    /** Until everything is well. */
    void settle(Duration max) {
        settle(max, () -> {});
    }

    /** @param look is called again and again meanwhile */
    void settle(Duration max, Runnable look) {
        long begun = cluster.world().nanos();
        while (!isSettled()) {
            cluster.world().run(LOOK);
            look.run();
            if (cluster.world().nanos() - begun > max.toNanos()) {
                cluster.world().violation("after " + max.toSeconds() + " s of calm: " + unsettled());
                break;
            }
        }
    }

    private boolean isSettled() {
        return unsettled().isEmpty();
    }

    /** Empty: each replica serves what is placed on it, no more and no less, and the leader knows it. */
    private String unsettled() {
        SimulatedNode leader = cluster.leader().map(NodeHost::process).orElse(null);
        if (leader == null) {
            return "nobody leads";
        }
        int shards = cluster.setup().shardCount();
        Set<String> placed = new HashSet<>();
        for (Replica replica : leader.knownTopology().getReplicasList()) {
            ReplicaHost host = cluster.replica(replica.getReplicaId());
            if (host.isGone()) {
                if (replica.getPlaced().getRangesCount() > 0) {
                    return host.id() + " is gone, and something is placed on it";
                }
                continue;
            }
            placed.add(host.id());
            String why =
                    unsettled(host, Shards.of(replica.getPlaced(), shards), Shards.of(replica.getServing(), shards));
            if (!why.isEmpty()) {
                return why;
            }
        }
        return cluster.replicas().stream()
                .filter(host -> !host.isGone() && !placed.contains(host.id()))
                .findFirst()
                .map(host -> host.id() + " is not in the topology")
                .orElse("");
    }

    private static String unsettled(ReplicaHost host, Shards placed, Shards shown) {
        SimulatedReplica process = host.process();
        if (process == null) {
            return host.id() + " does not run";
        }
        Shards serving = process.subscriber().serving();
        if (!serving.equals(placed) || !shown.equals(placed)) {
            return host.id() + " serves " + serving + ", the topology shows " + shown + " (expected: " + placed + "); "
                    + process.subscriber().figures();
        }
        boolean isFresh = process.staleness()
                .filter(staleness -> staleness.compareTo(FRESH) <= 0)
                .isPresent();
        return isFresh || placed.isEmpty() ? "" : host.id() + " is stale by " + process.staleness();
    }

    /** After everybody has stopped writing: nobody lacks anything, and the same rows are everywhere. */
    private void level() {
        SimulatedNode leader = cluster.leader().map(NodeHost::process).orElse(null);
        if (leader == null) {
            cluster.world().violation("nobody leads in the end");
            return;
        }
        Store whole = leader.store();
        for (NodeHost host : cluster.nodes()) {
            SimulatedNode node = host.process();
            compare(host.id(), node == null ? null : node.store(), whole.shards(), whole);
        }
        for (ReplicaHost host : cluster.replicas()) {
            SimulatedReplica replica = host.process();
            if (!host.isGone()) {
                compare(
                        host.id(),
                        replica == null ? null : replica.place().present().orElse(null),
                        replica == null ? Shards.NONE : replica.subscriber().serving(),
                        whole);
            }
        }
    }

    private void compare(String id, @Nullable Store store, Shards shards, Store whole) {
        if (store == null || store.appliedIndex() != whole.appliedIndex()) {
            cluster.world()
                    .violation(id + " is at " + (store == null ? "nothing" : store.appliedIndex()) + " (expected: at "
                            + whole.appliedIndex() + ")");
        } else if (!digests(store, shards).equals(digests(whole, shards))) {
            cluster.world().violation(id + " has other rows than the leader");
        }
    }

    private static List<ShardDigest> digests(Store store, Shards shards) {
        return Digests.ofShards(store.digests(), shards, DigestDetail.DIGEST_DETAIL_SHARDS);
    }

    @Override
    public void close() {
        cluster.close();
    }
}
