// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.serve;

import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.service.Topologies;
import io.tidemark.store.Shards;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The topology as the feed told it. One thread tells; any asks. */
public final class KnownTopology implements Topologies {

    /** Another replica, and what it serves. */
    private record Peer(String internalAddress, boolean isNear, Shards serving) {}

    private final String replicaId;
    private final String zone;
    private final List<String> seeds;
    private final List<Consumer<Topology>> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();
    private volatile Topology current = Topology.getDefaultInstance();
    private volatile List<Peer> peers = List.of();

    /**
     * Knows nobody yet.
     *
     * @param replicaId this one's
     * @param seeds internal addresses of nodes, while no others are known
     */
    public KnownTopology(String replicaId, String zone, List<String> seeds) {
        this.replicaId = replicaId;
        this.zone = zone;
        this.seeds = List.copyOf(seeds);
    }

    /** It is this now. */
    public void become(Topology topology) {
        current = topology;
        peers = topology.getReplicasList().stream()
                .filter(replica -> !replica.getReplicaId().equals(replicaId)
                        && !replica.getInternalAddress().isEmpty())
                .map(replica -> peer(replica, topology.getShardCount()))
                .filter(peer -> !peer.serving().isEmpty())
                .toList();
        listeners.forEach(listener -> listener.accept(topology));
    }

    @Override
    public Topology current() {
        return current;
    }

    @Override
    public Registration listen(Consumer<Topology> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    /** Whom to pass writes on to, best first: the leader, and then whoever may know a newer one. */
    List<String> nodesForWrites() {
        return nodes(true);
    }

    private Peer peer(Replica replica, int shardCount) {
        Shards serving;
        try {
            serving = Shards.of(replica.getServing(), shardCount);
        } catch (IllegalArgumentException notUnderstood) {
            serving = Shards.NONE;
        }
        return new Peer(replica.getInternalAddress(), replica.getZone().equals(zone), serving);
    }

    /** Another replica that serves all of these, a near one if there is; each in its turn. */
    Optional<String> replicaFor(Shards shards) {
        List<Peer> able = peers.stream()
                .filter(peer -> peer.serving().containsAll(shards))
                .toList();
        List<Peer> near = able.stream().filter(Peer::isNear).toList();
        List<Peer> best = near.isEmpty() ? able : near;
        return best.isEmpty()
                ? Optional.empty()
                : Optional.of(best.get(Math.floorMod(turn.getAndIncrement(), best.size()))
                        .internalAddress());
    }

    /** Whom to pass reads on to, best first: those near, so that the leader is spared. */
    List<String> nodesForReads() {
        return nodes(false);
    }

    private List<String> nodes(boolean leaderFirst) {
        List<String> first = new ArrayList<>();
        List<String> rest = new ArrayList<>();
        for (Node node : current.getNodesList()) {
            boolean leads = node.getRole() == ServerRole.SERVER_ROLE_LEADER;
            boolean isFirst = leaderFirst ? leads : !leads && node.getZone().equals(zone);
            if (!node.getInternalAddress().isEmpty() && node.getRole() != ServerRole.SERVER_ROLE_JOINING) {
                (isFirst ? first : rest).add(node.getInternalAddress());
            }
        }
        first.addAll(rest);
        return first.isEmpty() ? seeds : first;
    }
}
