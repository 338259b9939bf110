// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/**
 * Who may feed this replica, and who is asked next: each once before any is asked again, followers before the leader, those of the
 * own zone first, and of these rather one that feeds few. Chance has its part in that: many replicas that look for another upstream
 * at once know the same, and must not all go to the same one.
 */
final class Upstreams {

    private final String replicaId;
    private final Set<String> seeds;
    private final String zone;
    private final DoubleSupplier chance;

    private List<Node> nodes = List.of();
    /** How many others each node feeds. */
    private Map<String, Integer> fed = Map.of();

    private final Set<String> recommended = new LinkedHashSet<>();
    private final Set<String> tried = new HashSet<>();

    /** @param seeds the addresses that the replica was started with */
    Upstreams(String replicaId, Collection<String> seeds, String zone, DoubleSupplier chance) {
        this.replicaId = replicaId;
        this.seeds = new LinkedHashSet<>(seeds);
        this.zone = zone;
        this.chance = chance;
    }

    /** What the cluster is made of now. */
    void learn(Topology topology) {
        if (topology.getNodesCount() > 0) {
            nodes = List.copyOf(topology.getNodesList());
        }
        Map<String, Integer> count = new HashMap<>();
        for (Replica replica : topology.getReplicasList()) {
            if (!replica.getReplicaId().equals(replicaId)) {
                count.merge(replica.getUpstreamId(), 1, Integer::sum);
            }
        }
        fed = count;
    }

    boolean knowsNodes() {
        return !nodes.isEmpty();
    }

    /** Somebody who should know said so. */
    void recommend(Collection<String> addresses) {
        recommended.addAll(addresses);
    }

    /** Whether there is anybody beside this one. */
    boolean hasOther(String address) {
        return ranked().stream().anyMatch(other -> !other.equals(address));
    }

    /** Whom to ask now. */
    String next() {
        List<String> ranked = ranked();
        List<String> left =
                ranked.stream().filter(address -> !tried.contains(address)).toList();
        if (left.isEmpty()) {
            tried.clear();
            left = ranked;
        }
        String next = left.get(0);
        recommended.remove(next);
        tried.add(next);
        return next;
    }

    /** Whether everybody has been asked in vain. */
    boolean isExhausted() {
        return tried.containsAll(ranked());
    }

    /** This one feeds: when it is lost, all others are asked before it. */
    void succeeded(String address) {
        tried.clear();
        tried.add(address);
    }

    private List<String> ranked() {
        Map<String, Double> order = new LinkedHashMap<>();
        recommended.forEach(address -> order.put(address, -1.0));
        for (Node node : nodes) {
            if (!node.getInternalAddress().isEmpty()
                    && node.getMembership() != NodeMembership.NODE_MEMBERSHIP_JOINING
                    && node.getMembership() != NodeMembership.NODE_MEMBERSHIP_LEAVING) {
                order.putIfAbsent(node.getInternalAddress(), rank(node) + burden(node));
            }
        }
        // After those that are known to be there.
        seeds.forEach(address -> order.putIfAbsent(address, nodes.isEmpty() ? 0 : 8 + chance.getAsDouble()));
        List<String> ranked = new ArrayList<>(order.keySet());
        ranked.sort(Comparator.comparingDouble(address -> order.getOrDefault(address, 0.0)));
        return ranked;
    }

    /** Below 1, so that it decides between equals only. */
    private double burden(Node node) {
        double burden = (1 + fed.getOrDefault(node.getNodeId(), 0)) * (0.5 + chance.getAsDouble());
        return burden / (1 + burden);
    }

    private double rank(Node node) {
        double leads = node.getRole() == ServerRole.SERVER_ROLE_LEADER ? 4 : 0;
        return leads + (node.getZone().equals(zone) ? 0 : 2);
    }
}
