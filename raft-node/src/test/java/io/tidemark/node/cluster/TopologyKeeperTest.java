// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.Progress;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ShardBootstrap;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TopologyKeeperTest {

    private static final String HISTORY = "0123456789abcdef";
    private static final Member N1 = FakeGroup.member("n1", 100);
    private static final Member N2 = FakeGroup.member("n2", 200);
    private static final Member N3 = FakeGroup.member("n3", 300);
    private static final Member N4 = FakeGroup.member("n4", 400);

    private final FakeGroup group = new FakeGroup("n1", N1, N2, N3);
    private final FakeInquiries inquiries = new FakeInquiries();
    private final ManualTime time = new ManualTime();
    private final Set<Member> joining = new HashSet<>();
    private @Nullable ClusterReplicas replicas = ClusterReplicas.NONE;
    private final List<TopologyVersion> told = new ArrayList<>();
    private int ownReports;
    private final TopologyKeeper keeper = new TopologyKeeper(
            group,
            inquiries,
            () -> {
                ownReports++;
                return FakeInquiries.status("n1", "a", 7);
            },
            () -> Optional.of(new ClusterFacts("c", HISTORY, 16)),
            () -> Set.copyOf(joining),
            () -> Optional.ofNullable(replicas),
            time,
            time);

    @Test
    void shouldMakeATopologyOfItsOwnTermWhenItLeads() {
        lead(3);

        assertThat(keeper.current().getVersion()).isEqualTo(version(3, 1));
        assertThat(keeper.current().getNodesList()).extracting(Node::getNodeId).containsExactly("n1", "n2", "n3");
        assertThat(keeper.current().getNodes(1).getInternalAddress()).isEqualTo(N2.internalAddress());
        assertThat(node("n2").hasLastHeard()).isFalse();
    }

    @Test
    void shouldCountAVersionOnlyWhenSomethingIsNewThatIsNotSoft() {
        lead(3);
        inquiries.statuses.put(N2.internalAddress(), FakeInquiries.status("n2", "b", 5));
        time.pass(Duration.ofSeconds(1));
        assertThat(keeper.version()).isEqualTo(version(3, 2));
        assertThat(node("n2").getZone()).isEqualTo("b");

        inquiries.statuses.put(N2.internalAddress(), FakeInquiries.status("n2", "b", 6));
        time.pass(Duration.ofSeconds(5));
        assertThat(keeper.version()).isEqualTo(version(3, 2));
        assertThat(node("n2").getAppliedIndex()).isEqualTo(6);
        assertThat(told).containsExactly(version(3, 1), version(3, 2));
    }

    @Test
    void shouldTellHowLongASilentNodeHasBeenSilent() {
        inquiries.statuses.put(N2.internalAddress(), FakeInquiries.status("n2", "b", 5));
        lead(3);
        inquiries.statuses.clear();
        time.pass(Duration.ofSeconds(9));

        assertThat(keeper.lastHeard().get("n2")).isGreaterThanOrEqualTo(Duration.ofSeconds(9));
        assertThat(node("n2").getLastHeard().getSeconds()).isEqualTo(9);
        assertThat(keeper.lastHeard()).doesNotContainKey("n3");
    }

    @Test
    void shouldReportOfItselfOnceForEachLookAround() {
        inquiries.statuses.put(N2.internalAddress(), FakeInquiries.status("n2", "b", 5));
        inquiries.statuses.put(N3.internalAddress(), FakeInquiries.status("n3", "c", 5));
        lead(3);
        assertThat(ownReports).isEqualTo(1);
        time.pass(Duration.ofSeconds(3));
        assertThat(ownReports).isEqualTo(4);
    }

    @Test
    void shouldForgetWhoLeft() {
        inquiries.statuses.put(N2.internalAddress(), FakeInquiries.status("n2", "b", 5));
        lead(3);
        assertThat(keeper.lastHeard()).containsKey("n2");
        group.membership = new Membership(9, Set.of(N1, N3), Set.of());
        keeper.refresh();
        assertThat(keeper.lastHeard()).isEmpty();
    }

    @Test
    void shouldNotTakeAnotherServersWordForANodes() {
        inquiries.statuses.put(N2.internalAddress(), FakeInquiries.status("n9", "b", 5));
        lead(3);

        assertThat(keeper.lastHeard()).isEmpty();
    }

    @Test
    void shouldShowWhoJoinsAndWhoLeaves() {
        lead(3);
        joining.add(N4);
        keeper.refresh();
        assertThat(node("n4").getMembership()).isEqualTo(NodeMembership.NODE_MEMBERSHIP_JOINING);

        joining.clear();
        group.membership = new Membership(9, Set.of(N1, N2, N4), Set.of(N1, N2, N3));
        keeper.refresh();
        assertThat(node("n3").getMembership()).isEqualTo(NodeMembership.NODE_MEMBERSHIP_LEAVING);
        assertThat(node("n4").getMembership()).isEqualTo(NodeMembership.NODE_MEMBERSHIP_VOTER);
        assertThat(keeper.version()).isEqualTo(version(3, 3));
    }

    @Test
    void shouldCountAVersionForWhatReplicasServeAndNoneForWhatIsSoft() {
        lead(3);
        replicas = replicas(r1(4));
        keeper.replicasChanged();
        assertThat(keeper.version()).isEqualTo(version(3, 2));
        assertThat(keeper.current().getRegistryIndex()).isEqualTo(8);
        assertThat(keeper.current().getReplicationFactor()).isEqualTo(2);
        assertThat(keeper.current().getReplicas(0)).isEqualTo(r1(4));

        replicas = replicas(r1(5));
        keeper.replicasChanged();
        assertThat(keeper.version()).isEqualTo(version(3, 2));
        assertThat(keeper.current().getReplicas(0)).isEqualTo(r1(5));

        replicas = replicas(r1(5).toBuilder().clearServing().build());
        keeper.replicasChanged();
        assertThat(keeper.version()).isEqualTo(version(3, 3));
    }

    @Test
    void shouldMakeNoTopologyWithoutItsReplicas() {
        replicas = null;
        lead(3);
        assertThat(keeper.isKnown()).isFalse();
    }

    private static ClusterReplicas replicas(Replica... all) {
        return new ClusterReplicas(8, 2, List.of(all));
    }

    private static Replica r1(int softly) {
        ShardSet shards = ShardSet.newBuilder()
                .addRanges(ShardRange.newBuilder().setFirst(1).setLast(2))
                .build();
        return Replica.newBuilder()
                .setReplicaId("r1")
                .setServing(shards)
                .setAppliedIndex(softly)
                .setCpuLoad(softly)
                .setLastHeard(com.google.protobuf.Duration.newBuilder().setSeconds(softly))
                .addBootstraps(ShardBootstrap.newBuilder()
                        .setShard(7)
                        .setProgress(Progress.newBuilder().setDone(softly)))
                .build();
    }

    @Test
    void shouldHaveTheLeadersTopologyWhenItFollows() {
        group.leader = N2;
        inquiries.topologies.put(N2.internalAddress(), topology(4, 8));
        keeper.listen(topology -> told.add(topology.getVersion()));
        keeper.refresh();
        time.pass(Duration.ofSeconds(1));

        assertThat(keeper.version()).isEqualTo(version(4, 8));
        assertThat(node("n1").getAppliedIndex()).isEqualTo(7);
        assertThat(told).containsExactly(version(4, 8));
    }

    @Test
    void shouldNotGoBackToADeposedLeadersTopology() {
        group.leader = N2;
        inquiries.topologies.put(N2.internalAddress(), topology(4, 8));
        keeper.refresh();
        group.leader = N3;
        inquiries.topologies.put(N3.internalAddress(), topology(3, 99));
        keeper.refresh();

        assertThat(keeper.version()).isEqualTo(version(4, 8));
    }

    /** The next leader begins with that very version. */
    @Test
    void shouldMakeNoVersionOfATermThatItDoesNotLead() {
        lead(3);
        replicas = replicas(r1(4));
        group.afterLeads = () -> {
            group.leads = false;
            group.term = 4;
        };
        keeper.replicasChanged();

        assertThat(keeper.version()).isEqualTo(version(3, 1));
        assertThat(told).containsExactly(version(3, 1));
    }

    @Test
    void shouldGoOnAboveTheTopologyThatItHadWhenItBecomesTheLeader() {
        group.leader = N2;
        inquiries.topologies.put(N2.internalAddress(), topology(4, 8));
        keeper.refresh();
        lead(5);

        assertThat(keeper.version()).isEqualTo(version(5, 1));
    }

    private void lead(long term) {
        group.leads = true;
        group.term = term;
        keeper.listen(topology -> told.add(topology.getVersion()));
        keeper.refresh();
    }

    private Node node(String id) {
        return keeper.current().getNodesList().stream()
                .filter(node -> node.getNodeId().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static TopologyVersion version(long term, long epoch) {
        return TopologyVersion.newBuilder()
                .setHistoryId(HISTORY)
                .setTerm(term)
                .setEpoch(epoch)
                .build();
    }

    private static Topology topology(long term, long epoch) {
        return Topology.newBuilder()
                .setVersion(version(term, epoch))
                .addNodes(Node.newBuilder().setNodeId("n1"))
                .addNodes(Node.newBuilder().setNodeId("n2"))
                .build();
    }
}
