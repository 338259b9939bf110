// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.routing;

import io.tidemark.proto.v1.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who is asked for what, by one topology. Immutable; swapped as a whole.
 *
 * @param topology null: none is known yet
 * @param byShard whom to ask for the rows of each shard; empty while no topology is known
 * @param all whom to ask for the rows of all shards at once
 * @param anyone whom to ask for anything
 * @param nodes the raft nodes
 * @param ownersOfAll who serves every shard
 * @param leader the one that leads; null: not known
 * @param writers whom to give a write: the leader, or else a node that passes it on
 */
public record RoutingTable(
        @Nullable Topology topology,
        List<Preference> byShard,
        Preference all,
        Preference anyone,
        Preference nodes,
        Set<Server> ownersOfAll,
        @Nullable Server leader,
        Preference writers) {

    /** While nobody is known but the seeds. */
    public static RoutingTable ofSeeds(List<Server> seeds) {
        Preference anyone = new Preference(List.of(seeds));
        return new RoutingTable(null, List.of(), anyone, anyone, anyone, Set.of(), null, anyone);
    }

    /** Whom to ask for the rows of a shard. */
    public Preference ofShard(int shard) {
        return byShard.isEmpty() ? anyone : byShard.get(shard);
    }

    /** How many shards there are; 0: not known. */
    public int shardCount() {
        return byShard.size();
    }

    /** The same with another leader. */
    public RoutingTable withLeader(@Nullable Server other) {
        if (other == null) {
            return new RoutingTable(topology, byShard, all, anyone, nodes, ownersOfAll, null, nodes);
        }
        List<List<Server>> tiers = new ArrayList<>();
        tiers.add(List.of(other));
        for (List<Server> tier : nodes.tiers()) {
            tiers.add(tier.stream().filter(server -> server != other).toList());
        }
        return new RoutingTable(topology, byShard, all, anyone, nodes, ownersOfAll, other, new Preference(tiers));
    }
}
