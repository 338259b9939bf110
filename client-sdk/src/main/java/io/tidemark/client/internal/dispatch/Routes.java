// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.api.ShardHash;
import io.tidemark.client.internal.routing.Choice;
import io.tidemark.client.internal.routing.Preference;
import io.tidemark.client.internal.routing.RoutingTable;
import io.tidemark.client.internal.routing.Server;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The routing table in force. Any thread chooses by it; changes are made one at a time. */
final class Routes {

    private final Choice choice;
    private volatile RoutingTable table = RoutingTable.ofSeeds(List.of());

    Routes(Choice choice) {
        this.choice = choice;
    }

    RoutingTable table() {
        return table;
    }

    synchronized void replace(RoutingTable other) {
        table = other;
    }

    /** Somebody says that this one leads. */
    synchronized void leads(Server server) {
        if (table.leader() != server) {
            table = table.withLeader(server);
        }
    }

    /** The leader says that it does not lead. */
    synchronized void doesNotLead(Server server) {
        if (table.leader() == server) {
            table = table.withLeader(null);
        }
    }

    /** Whom to ask; null: nobody is known. */
    @Nullable Server choose(Target target, long floor, Collection<Server> tried, long nowNanos) {
        return choose(among(target), floor, tried, nowNanos);
    }

    @Nullable Server choose(Preference among, long floor, Collection<Server> tried, long nowNanos) {
        return choice.choose(among, floor, tried, nowNanos);
    }

    /** Whether a server is of those who are asked before all others. */
    boolean isFirstChoice(Target target, Server server) {
        List<List<Server>> tiers = among(target).tiers();
        return !tiers.isEmpty() && tiers.get(0).contains(server);
    }

    /** Who can answer. */
    Preference among(Target target) {
        RoutingTable now = table;
        if (target instanceof Target.OwnersOf owners) {
            return now.shardCount() == 0
                    ? now.anyone()
                    : now.ofShard(ShardHash.shardOf(owners.table(), owners.key(), now.shardCount()));
        }
        if (target instanceof Target.Leader) {
            return now.writers();
        }
        return target instanceof Target.OwnersOfAll ? now.all() : now.anyone();
    }
}
