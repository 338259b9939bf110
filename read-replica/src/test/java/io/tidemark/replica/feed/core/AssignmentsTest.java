// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ShardRelease;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.store.Shards;
import org.junit.jupiter.api.Test;

class AssignmentsTest {

    private static final OwnedShards.Here HERE = new OwnedShards.Here(8, Shards.of(0, 1, 2, 3), Shards.of(0, 1, 2));

    private final Assignments assignments = new Assignments("r1", "i1");

    private static Topology topology(long term, long epoch, Replica.Builder self) {
        return topology("h", term, epoch, self);
    }

    private static Topology topology(String history, long term, long epoch, Replica.Builder self) {
        return Topology.newBuilder()
                .setVersion(TopologyVersion.newBuilder()
                        .setHistoryId(history)
                        .setTerm(term)
                        .setEpoch(epoch))
                .setShardCount(8)
                .setRegistryIndex(epoch)
                .addReplicas(Replica.newBuilder()
                        .setReplicaId("r0")
                        .setPlaced(Shards.of(7).toProto()))
                .addReplicas(self)
                .build();
    }

    private static Replica.Builder self(Shards placed, long term, long number, Shards released) {
        return Replica.newBuilder()
                .setReplicaId("r1")
                .setState(ReplicaState.REPLICA_STATE_SERVING)
                .setPlaced(placed.toProto())
                .setRelease(ShardRelease.newBuilder()
                        .setIncarnationId("i1")
                        .setTerm(term)
                        .setNumber(number)
                        .setShards(released.toProto()));
    }

    private Shards wanted() {
        return OwnedShards.placed().wanted(HERE, assignments.current());
    }

    @Test
    void shouldKeepWhatIsHereWhileNothingIsKnown() {
        assertThat(wanted()).isEqualTo(HERE.held());
        assertThat(assignments.learn(Topology.getDefaultInstance())).isTrue();
        assertThat(wanted()).isEqualTo(HERE.held());
    }

    @Test
    void shouldTakeWhatIsPlacedAndKeepWhatItServesUntilThatIsReleased() {
        assignments.learn(topology(1, 1, self(Shards.of(2, 5), 1, 1, Shards.NONE)));
        assertThat(wanted())
                .as("3 is not placed here, and nobody was served with it")
                .isEqualTo(Shards.of(0, 1, 2, 5));

        assignments.learn(topology(1, 2, self(Shards.of(2, 5), 1, 2, Shards.of(1))));
        assertThat(wanted()).isEqualTo(Shards.of(0, 2, 5));
        assertThat(assignments.current().releaseNumber()).isEqualTo(2);
    }

    @Test
    void shouldHeedNoOlderTopology() {
        assignments.learn(topology(2, 1, self(Shards.of(2), 2, 1, Shards.NONE)));

        assertThat(assignments.learn(topology(1, 9, self(Shards.of(5), 1, 4, Shards.of(0, 1, 2)))))
                .isFalse();
        assertThat(assignments.learn(topology(2, 0, self(Shards.of(5), 2, 4, Shards.of(0, 1, 2)))))
                .isFalse();
        assertThat(wanted()).isEqualTo(Shards.of(0, 1, 2));
    }

    /** As after a recovery: the process lives through it, and terms begin anew. */
    @Test
    void shouldFollowReleasesOfAnotherHistoryFromTheFirstOn() {
        assignments.learn(topology("h", 7, 5, self(Shards.of(2), 7, 9, Shards.NONE)));

        assertThat(assignments.learn(topology("later", 1, 1, self(Shards.of(5), 1, 1, Shards.of(0, 1, 2)))))
                .isTrue();

        assertThat(assignments.current().isCertain()).isTrue();
        assertThat(wanted()).isEqualTo(Shards.of(5));
    }

    @Test
    void shouldGiveUpNothingWhenItIsNotSpokenOf() {
        assignments.learn(topology(1, 1, self(Shards.of(5), 1, 3, Shards.of(0, 1))));
        assertThat(wanted()).isEqualTo(Shards.of(2, 5));

        Replica.Builder lost = self(Shards.NONE, 1, 4, Shards.of(0, 1, 2)).setState(ReplicaState.REPLICA_STATE_LOST);
        assertThat(assignments.learn(topology(1, 2, lost))).isTrue();
        assertThat(wanted()).as("lost").isEqualTo(Shards.of(0, 1, 2, 3, 5));

        Replica.Builder otherLife = self(Shards.NONE, 1, 5, Shards.of(0, 1, 2));
        otherLife.getReleaseBuilder().setIncarnationId("i0");
        assignments.learn(topology(1, 3, otherLife));
        assertThat(wanted()).as("an earlier life").isEqualTo(Shards.of(0, 1, 2, 3, 5));

        assignments.learn(topology(1, 4, Replica.newBuilder().setReplicaId("r2")));
        assertThat(wanted()).as("not registered").isEqualTo(Shards.of(0, 1, 2, 3, 5));

        assignments.learn(topology(1, 5, self(Shards.of(4), 1, 2, Shards.of(0, 1, 2))));
        assertThat(wanted()).as("an earlier release").isEqualTo(Shards.of(0, 1, 2, 3, 5));
        assertThat(assignments.current().releaseNumber())
                .as("what it said that it knows stays so")
                .isEqualTo(3);
    }

    @Test
    void shouldGiveUpNothingForAnAssignmentThatIsNotUnderstood() {
        assignments.learn(topology(1, 1, self(Shards.of(900), 1, 1, Shards.of(0))));
        assertThat(wanted()).isEqualTo(HERE.held());
    }

    @Test
    void shouldOwnTheSameAlwaysWhereAnOperatorSaysSo() {
        assertThat(OwnedShards.all().wanted(HERE, assignments.current())).isEqualTo(Shards.all(8));
        assertThat(OwnedShards.of(Shards.of(2, 900)).wanted(HERE, assignments.current()))
                .isEqualTo(Shards.of(2));
    }
}
