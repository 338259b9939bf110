// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.proto.v1.AddNodeRequest;
import io.tidemark.proto.v1.AddNodeResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.NodeMembership;
import io.tidemark.proto.v1.RemoveNodeRequest;
import io.tidemark.proto.v1.RemoveNodeResponse;
import io.tidemark.proto.v1.ReplaceNodeRequest;
import io.tidemark.proto.v1.ReplaceNodeResponse;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TransferLeadershipRequest;
import io.tidemark.proto.v1.TransferLeadershipResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that come, go and lead, as an operator has them do so. */
@Timeout(180)
class MembersTest {

    @TempDir
    private Path directory;

    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = TestCluster.of(directory, "n1", "n2", "n3");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void shouldAddANodeThatThenVotesServesAndComesBack() {
        cluster.put("n1", "before", "1");
        cluster.start("n4");
        String follower = cluster.follower();
        List<AddNodeResponse> answers = add(follower, cluster.addressesOf("n4"));

        assertThat(answers)
                .anySatisfy(now -> assertThat(now.getProgress().getStage()).contains("n4"));
        AddNodeResponse last = answers.get(answers.size() - 1);
        assertThat(last.getNode().getNodeId()).isEqualTo("n4");
        assertThat(last.getNode().getMembership()).isEqualTo(NodeMembership.NODE_MEMBERSHIP_VOTER);
        cluster.awaitReady("n4");
        awaitVoters(Set.of("n1", "n2", "n3", "n4"), "n1", "n2", "n3", "n4");
        assertThat(cluster.get("n4", "before").getRow().getValue().getText()).isEqualTo("1");

        cluster.stop("n4");
        cluster.put("n1", "meanwhile", "2");
        cluster.start("n4");
        cluster.awaitReady("n4");
        assertThat(cluster.get("n4", "meanwhile").getRow().getValue().getText()).isEqualTo("2");
        cluster.put("n4", "there", "3");
    }

    @Test
    void shouldRefuseWhatCannotBeDone() {
        String leader = cluster.leader();
        AddNodeRequest absent = AddNodeRequest.newBuilder()
                .setNodeId("n9")
                .setClientAddress("127.0.0.1:1")
                .setInternalAddress("127.0.0.1:2")
                .setRaftAddress("127.0.0.1:3")
                .build();
        assertRefused(ErrorReason.ERROR_REASON_INVALID_FIELD, "does not answer", () -> add(leader, absent));
        assertRefused(
                ErrorReason.ERROR_REASON_MEMBER_EXISTS,
                "n2",
                () -> add(
                        leader,
                        cluster.addressesOf("n2").toBuilder().setNodeId("n9").build()));
        assertRefused(ErrorReason.ERROR_REASON_MEMBER_EXISTS, "n2", () -> add(leader, cluster.addressesOf("n2")));
        assertRefused(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND, "n9", () -> remove(leader, "n9"));
        assertRefused(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND, "n9", () -> transfer(leader, "n9"));

        String gone = cluster.follower();
        cluster.stop(gone);
        String other = cluster.follower();
        assertRefused(ErrorReason.ERROR_REASON_WOULD_LOSE_MAJORITY, "removing " + other, () -> remove(leader, other));
        assertRefused(ErrorReason.ERROR_REASON_STOPPING, gone + " does not answer", () -> transfer(other, gone));
        assertThat(cluster.leader()).isEqualTo(leader);
    }

    @Test
    void shouldRemoveAFollowerAndThenTheLeader() {
        String leader = cluster.leader();
        cluster.start("n4");
        add(leader, cluster.addressesOf("n4"));
        cluster.awaitReady("n4");
        Set<String> left = new TreeSet<>(Set.of("n1", "n2", "n3", "n4"));
        String removed =
                left.stream().filter(id -> !id.equals(leader)).findFirst().orElseThrow();
        remove(removed, removed);
        left.remove(removed);
        cluster.stop(removed);
        awaitVoters(left, left.toArray(new String[0]));

        String asked = cluster.follower();
        remove(asked, leader);
        left.remove(leader);
        cluster.stop(leader);
        awaitVoters(left, left.toArray(new String[0]));
        assertThat(cluster.leader()).isNotEqualTo(leader);
        cluster.put(asked, "after", "1");
    }

    @Test
    void shouldRemoveTheLeaderThatIsAskedItself() {
        String leader = cluster.leader();
        remove(leader, leader);
        cluster.stop(leader);
        assertThat(cluster.leader()).isNotEqualTo(leader);
    }

    @Test
    void shouldReplaceANodeThatIsGone() {
        String dead = cluster.follower();
        cluster.stop(dead);
        cluster.start("n4");
        String asked = cluster.leader();
        List<ReplaceNodeResponse> answers = new ArrayList<>();
        cluster.maintenance(asked)
                .replaceNode(ReplaceNodeRequest.newBuilder()
                        .setDeadNodeId(dead)
                        .setNewNode(cluster.addressesOf("n4"))
                        .build())
                .forEachRemaining(answers::add);
        assertThat(answers.get(answers.size() - 1).getNode().getNodeId()).isEqualTo("n4");
        Set<String> voters = new TreeSet<>(Set.of("n1", "n2", "n3", "n4"));
        voters.remove(dead);
        cluster.awaitReady("n4");
        awaitVoters(voters, voters.toArray(new String[0]));
        cluster.put("n4", "after", "1");
    }

    @Test
    void shouldHandLeadershipOverToWhoIsNamedOrToTheFurthest() {
        String leader = cluster.leader();
        String next = cluster.follower();
        TransferLeadershipResponse named = transfer(next, next);
        assertThat(named.getLeaderId()).isEqualTo(next);
        assertThat(named.getTerm()).isPositive();
        assertThat(cluster.leader()).isEqualTo(next);

        cluster.stop(leader);
        String third = cluster.follower();
        TransferLeadershipResponse furthest =
                cluster.maintenance(next).transferLeadership(TransferLeadershipRequest.getDefaultInstance());
        assertThat(furthest.getLeaderId()).as("the only other that answers").isEqualTo(third);
        assertThat(cluster.leader()).isEqualTo(third);
    }

    private List<AddNodeResponse> add(String asked, AddNodeRequest request) {
        List<AddNodeResponse> answers = new ArrayList<>();
        cluster.maintenance(asked).addNode(request).forEachRemaining(answers::add);
        return answers;
    }

    private List<RemoveNodeResponse> remove(String asked, String id) {
        List<RemoveNodeResponse> answers = new ArrayList<>();
        cluster.maintenance(asked)
                .removeNode(RemoveNodeRequest.newBuilder().setNodeId(id).build())
                .forEachRemaining(answers::add);
        return answers;
    }

    private TransferLeadershipResponse transfer(String asked, String to) {
        return cluster.maintenance(asked)
                .transferLeadership(
                        TransferLeadershipRequest.newBuilder().setNodeId(to).build());
    }

    private static void assertRefused(ErrorReason reason, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .satisfies(e -> assertThat(TestCluster.reason(e)).isEqualTo(reason));
    }

    private void awaitVoters(Set<String> voters, String... asked) {
        for (String id : asked) {
            TestCluster.await(
                    id + " knows that " + voters + " vote",
                    () -> votersOf(cluster.topology(id)).equals(voters));
        }
    }

    private static Set<String> votersOf(Topology topology) {
        Set<String> voters = new TreeSet<>();
        topology.getNodesList().forEach(node -> {
            if (node.getMembership() == NodeMembership.NODE_MEMBERSHIP_VOTER) {
                voters.add(node.getNodeId());
            }
        });
        return voters;
    }
}
