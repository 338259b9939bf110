// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.proto.v1.Replica;
import java.util.List;
import java.util.Optional;

/**
 * The replicas as the leader's topology shows them.
 *
 * @param registryIndex the commit that changed the registry last
 * @param replicationFactor how many replicas should own each shard; zero: all
 * @param replicas by their ids, with what is soft
 */
public record ClusterReplicas(long registryIndex, int replicationFactor, List<Replica> replicas) {

    /** Of a cluster that never had any. */
    public static final ClusterReplicas NONE = new ClusterReplicas(0, 0, List.of());

    public ClusterReplicas {
        replicas = List.copyOf(replicas);
    }

    /** Empty: there is none of that id. */
    public Optional<Replica> get(String replicaId) {
        return replicas.stream()
                .filter(replica -> replica.getReplicaId().equals(replicaId))
                .findFirst();
    }

    /** What changes without a new version of the topology, except of shards on their way in. */
    static Replica softOf(Replica replica) {
        Replica.Builder soft = Replica.newBuilder()
                .setAppliedIndex(replica.getAppliedIndex())
                .setHorizon(replica.getHorizon())
                .setUpstreamId(replica.getUpstreamId())
                .setRequestRate(replica.getRequestRate())
                .setCpuLoad(replica.getCpuLoad());
        if (replica.hasStaleness()) {
            soft.setStaleness(replica.getStaleness());
        }
        if (replica.hasLastHeard()) {
            soft.setLastHeard(replica.getLastHeard());
        }
        return soft.build();
    }

    /** What a change of is a new version of the topology. */
    static Replica withoutSoft(Replica replica) {
        Replica.Builder hard = replica.toBuilder()
                .clearAppliedIndex()
                .clearHorizon()
                .clearStaleness()
                .clearUpstreamId()
                .clearLastHeard()
                .clearRequestRate()
                .clearCpuLoad();
        hard.getBootstrapsBuilderList()
                .forEach(bootstrap -> bootstrap.clearStage().clearProgress());
        return hard.build();
    }
}
