// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is in the cluster, and who serves what, as the server that was asked knows it.
 *
 * @param clusterId names the cluster for ever
 * @param historyId the history that it is in; another one after a restore or a recovery
 * @param term of the leader that made this topology
 * @param epoch rises with every change, within a term
 * @param shardCount how many shards there are
 * @param replicationFactor how many replicas should own each shard; 0: all
 * @param nodes the raft nodes
 * @param replicas the read replicas
 */
public record Topology(
        String clusterId,
        String historyId,
        long term,
        long epoch,
        int shardCount,
        int replicationFactor,
        List<Node> nodes,
        List<Replica> replicas) {

    public Topology {
        nodes = List.copyOf(nodes);
        replicas = List.copyOf(replicas);
    }

    /** The node that leads, as far as the server knew. */
    public Optional<Node> leader() {
        return nodes.stream()
                .filter(node -> node.role() == ServedBy.Role.LEADER)
                .findFirst();
    }

    /**
     * A raft node. What it does now is what the server last heard.
     *
     * @param id its name
     * @param zone where it stands; may be empty
     * @param address where clients reach it, {@code host:port}
     * @param role what it does now
     * @param appliedIndex the last index that it has applied
     * @param softwareVersion what it runs
     */
    public record Node(
            String id, String zone, String address, ServedBy.Role role, long appliedIndex, String softwareVersion) {}

    /**
     * A read replica. What it does now is what the server last heard.
     *
     * @param id its name
     * @param zone where it stands; may be empty
     * @param address where clients reach it, {@code host:port}
     * @param state where it stands in its life
     * @param placedShards how many shards it should own
     * @param servingShards how many it serves now
     * @param appliedIndex the last index that it has applied
     * @param lastStaleness the staleness that it last reported; null: unknown
     * @param softwareVersion what it runs
     */
    public record Replica(
            String id,
            String zone,
            String address,
            ReplicaState state,
            int placedShards,
            int servingShards,
            long appliedIndex,
            @Nullable Duration lastStaleness,
            String softwareVersion) {

        /** The staleness that it last reported; empty: unknown. */
        public Optional<Duration> staleness() {
            return Optional.ofNullable(lastStaleness);
        }
    }

    /** Where a replica stands in its life. */
    public enum ReplicaState {
        /** Something that this version does not know. */
        UNKNOWN,
        /** Copying its first shards. */
        JOINING,
        /** At work. */
        SERVING,
        /** Handing its shards over. */
        DRAINING,
        /** Serves nothing. */
        DRAINED,
        /** Silent for too long. */
        LOST
    }
}
