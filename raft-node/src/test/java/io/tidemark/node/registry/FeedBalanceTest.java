// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.time.ManualTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Node n1 looks at what it and the others feed; moves happen as they are asked for. */
class FeedBalanceTest {

    private final ManualTime time = new ManualTime();
    private final Topology.Builder topology = Topology.newBuilder();
    private final Map<String, String> moves = new HashMap<>();

    private void node(String id, ServerRole role, String zone, Duration lastHeard) {
        topology.addNodes(Node.newBuilder()
                .setNodeId(id)
                .setInternalAddress(id + ":1")
                .setRole(role)
                .setZone(zone)
                .setMembership(NodeMembership.NODE_MEMBERSHIP_VOTER)
                .setLastHeard(ProtoTimes.duration(lastHeard)));
    }

    private void fed(String nodeId, String zone, int count) {
        for (int i = 0; i < count; i++) {
            topology.addReplicas(Replica.newBuilder()
                    .setReplicaId("r" + topology.getReplicasCount())
                    .setZone(zone)
                    .setUpstreamId(nodeId));
        }
    }

    private long countOf(String nodeId) {
        return topology.getReplicasList().stream()
                .filter(replica -> replica.getUpstreamId().equals(nodeId))
                .count();
    }

    private void run(Duration length) {
        try (FeedBalance balance = new FeedBalance("n1", topology::build, this::move, time, () -> 0.5)) {
            balance.start();
            time.pass(length);
        }
    }

    private void move(String replicaId, java.util.List<String> upstreams) {
        moves.put(replicaId, upstreams.get(0));
        for (Replica.Builder replica : topology.getReplicasBuilderList()) {
            if (replica.getReplicaId().equals(replicaId)) {
                replica.setUpstreamId(upstreams.get(0).substring(0, 2));
            }
        }
    }

    @Test
    void shouldSendReplicasToAFollowerThatFeedsFarFewer() {
        node("n1", ServerRole.SERVER_ROLE_FOLLOWER, "a", Duration.ZERO);
        node("n2", ServerRole.SERVER_ROLE_FOLLOWER, "a", Duration.ZERO);
        fed("n1", "a", 12);

        run(Duration.ofSeconds(12));
        assertThat(moves).as("one at a time").hasSize(1);
        run(Duration.ofMinutes(5));
        assertThat(countOf("n1")).isBetween(6L, 7L);
        assertThat(countOf("n2")).isBetween(5L, 6L);
    }

    @Test
    void shouldKeepWhatIsAboutEven() {
        node("n1", ServerRole.SERVER_ROLE_FOLLOWER, "a", Duration.ZERO);
        node("n2", ServerRole.SERVER_ROLE_FOLLOWER, "a", Duration.ZERO);
        fed("n1", "a", 10);
        fed("n2", "a", 9);
        run(Duration.ofMinutes(5));
        assertThat(moves).isEmpty();
    }

    @Test
    void shouldSendAllToFollowersWhereItLeads() {
        node("n1", ServerRole.SERVER_ROLE_LEADER, "a", Duration.ZERO);
        node("n2", ServerRole.SERVER_ROLE_FOLLOWER, "b", Duration.ZERO);
        node("n3", ServerRole.SERVER_ROLE_FOLLOWER, "b", Duration.ZERO);
        fed("n1", "a", 6);
        run(Duration.ofMinutes(5));
        assertThat(countOf("n1")).isZero();
        assertThat(countOf("n2")).isEqualTo(3);
    }

    @Test
    void shouldSendNobodyAwayFromItsZoneOrToALeader() {
        node("n1", ServerRole.SERVER_ROLE_FOLLOWER, "a", Duration.ZERO);
        node("n2", ServerRole.SERVER_ROLE_FOLLOWER, "b", Duration.ZERO);
        node("n3", ServerRole.SERVER_ROLE_LEADER, "a", Duration.ZERO);
        fed("n1", "a", 20);
        run(Duration.ofMinutes(5));
        assertThat(moves).isEmpty();
    }

    @Test
    void shouldSendNobodyToWhoIsNotHeardOf() {
        node("n1", ServerRole.SERVER_ROLE_LEADER, "a", Duration.ZERO);
        node("n2", ServerRole.SERVER_ROLE_FOLLOWER, "a", Duration.ofSeconds(4));
        fed("n1", "a", 20);
        run(Duration.ofMinutes(5));
        assertThat(moves).isEmpty();
    }
}
