// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ShardRelease;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.service.Topologies;
import io.tidemark.store.Shards;

/**
 * What the topologies say of this replica. They come from whoever feeds it, and a node may be behind the one before, so an older one than
 * is known is not heeded, nor an older release.
 */
public final class Assignments {

    private final String replicaId;
    private final String incarnationId;
    private Topology newest = Topology.getDefaultInstance();
    private Assignment current = Assignment.NONE;

    /** Nothing is known yet. */
    public Assignments(String replicaId, String incarnationId) {
        this.replicaId = replicaId;
        this.incarnationId = incarnationId;
    }

    /** Whether it is not older than what is known. Then it counts from now on. */
    public boolean learn(Topology topology) {
        boolean isSameHistory =
                topology.getVersion().getHistoryId().equals(newest.getVersion().getHistoryId());
        if (Topologies.isOlder(topology.getVersion(), newest.getVersion())
                || (isSameHistory && topology.getRegistryIndex() < newest.getRegistryIndex())) {
            return false;
        }
        newest = topology;
        // A recovered cluster counts its terms from the beginning, and this replica its shards.
        Assignment known = isSameHistory ? current : Assignment.NONE;
        current = topology.getReplicasList().stream()
                .filter(replica -> replica.getReplicaId().equals(replicaId))
                .findFirst()
                .map(self -> of(self, known, topology.getShardCount()))
                .orElseGet(known::uncertain);
        return true;
    }

    private Assignment of(Replica self, Assignment known, int shardCount) {
        ShardRelease release = self.getRelease();
        boolean isCertain = self.hasRelease()
                && release.getIncarnationId().equals(incarnationId)
                && self.getState() != ReplicaState.REPLICA_STATE_LOST
                && !isBefore(release, known);
        if (!isCertain) {
            return known.uncertain();
        }
        try {
            return new Assignment(
                    true,
                    Shards.of(self.getPlaced(), shardCount),
                    Shards.of(release.getShards(), shardCount),
                    release.getTerm(),
                    release.getNumber());
        } catch (IllegalArgumentException notUnderstood) {
            return known.uncertain();
        }
    }

    private static boolean isBefore(ShardRelease release, Assignment known) {
        return release.getTerm() < known.releaseTerm()
                || (release.getTerm() == known.releaseTerm() && release.getNumber() < known.releaseNumber());
    }

    public Assignment current() {
        return current;
    }
}
