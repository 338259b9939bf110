// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.routing;

import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a routing table of a topology. For the rows of a shard: the replicas that serve it, those of our own zone first; then raft
 * nodes, followers before the leader; then, lest we be cut off by addresses that do not lead from here, whoever we began with.
 */
public final class TableMaker {

    private final @Nullable String zone;
    private final Function<String, Server> servers;

    /**
     * Makes tables of these servers.
     *
     * @param zone ours; null: all are alike
     * @param servers the server at an address
     */
    public TableMaker(@Nullable String zone, Function<String, Server> servers) {
        this.zone = zone;
        this.servers = servers;
    }

    private record Placed(Server server, boolean near) {}

    /**
     * A table.
     *
     * @param seeds who is asked when all others fail
     */
    public RoutingTable make(Topology topology, List<Server> seeds) {
        List<Placed> followers = new ArrayList<>();
        List<Placed> allNodes = new ArrayList<>();
        Server leader = null;
        for (Node node : topology.getNodesList()) {
            if (node.getClientAddress().isEmpty() || node.getMembership() == NodeMembership.NODE_MEMBERSHIP_JOINING) {
                continue;
            }
            Server server = known(node.getClientAddress(), node.getNodeId());
            Placed placed = new Placed(server, isNear(node.getZone()));
            allNodes.add(placed);
            if (node.getRole() == ServerRole.SERVER_ROLE_LEADER) {
                leader = server;
            } else {
                followers.add(placed);
            }
        }
        List<Placed> replicas = new ArrayList<>();
        List<Placed> ownAll = new ArrayList<>();
        List<List<Placed>> owners = new ArrayList<>();
        for (int shard = 0; shard < topology.getShardCount(); shard++) {
            owners.add(new ArrayList<>());
        }
        for (Replica replica : topology.getReplicasList()) {
            if (!serves(replica)) {
                continue;
            }
            Placed placed =
                    new Placed(known(replica.getClientAddress(), replica.getReplicaId()), isNear(replica.getZone()));
            replicas.add(placed);
            int shards = 0;
            for (ShardRange range : replica.getServing().getRangesList()) {
                int last = Math.min(range.getLast(), owners.size() - 1);
                for (int shard = Math.max(0, range.getFirst()); shard <= last; shard++) {
                    owners.get(shard).add(placed);
                    shards++;
                }
            }
            if (shards == owners.size()) {
                ownAll.add(placed);
            }
        }
        List<List<Server>> lastResort = new ArrayList<>();
        lastResort.add(servers(followers, true));
        lastResort.add(servers(followers, false));
        lastResort.add(leader == null ? List.of() : List.of(leader));
        lastResort.add(without(seeds, replicas, allNodes));

        Map<List<Placed>, Preference> same = new HashMap<>();
        List<Preference> byShard = new ArrayList<>(owners.size());
        for (List<Placed> some : owners) {
            byShard.add(same.computeIfAbsent(some, key -> preference(key, lastResort)));
        }
        Set<Server> ownersOfAll = new HashSet<>();
        ownAll.forEach(one -> ownersOfAll.add(one.server()));
        allNodes.forEach(one -> ownersOfAll.add(one.server()));
        Preference nodes =
                new Preference(List.of(servers(allNodes, true), servers(allNodes, false), lastResort.get(3)));
        return new RoutingTable(
                        topology,
                        List.copyOf(byShard),
                        preference(ownAll, lastResort),
                        preference(replicas, lastResort),
                        nodes,
                        ownersOfAll,
                        null,
                        nodes)
                .withLeader(leader);
    }

    private Server known(String address, String id) {
        Server server = servers.apply(address);
        server.identified(id);
        return server;
    }

    private boolean isNear(String other) {
        return zone == null || zone.equals(other);
    }

    private static boolean serves(Replica replica) {
        return !replica.getClientAddress().isEmpty()
                && (replica.getState() == ReplicaState.REPLICA_STATE_SERVING
                        || replica.getState() == ReplicaState.REPLICA_STATE_JOINING
                        || replica.getState() == ReplicaState.REPLICA_STATE_DRAINING);
    }

    private static Preference preference(List<Placed> first, List<List<Server>> lastResort) {
        List<List<Server>> tiers = new ArrayList<>();
        tiers.add(servers(first, true));
        tiers.add(servers(first, false));
        tiers.addAll(lastResort);
        return new Preference(tiers);
    }

    private static List<Server> servers(List<Placed> placed, boolean near) {
        return placed.stream()
                .filter(one -> one.near() == near)
                .map(Placed::server)
                .distinct()
                .toList();
    }

    private static List<Server> without(List<Server> seeds, List<Placed> replicas, List<Placed> nodes) {
        return seeds.stream()
                .filter(seed -> replicas.stream().noneMatch(one -> one.server() == seed)
                        && nodes.stream().noneMatch(one -> one.server() == seed))
                .toList();
    }
}
