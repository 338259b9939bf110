// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static io.tidemark.node.consensus.TestGroup.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MembershipTest {

    private static final Duration ELECTION_MIN = Duration.ofMillis(600);

    @TempDir
    private Path root;

    @Test
    void shouldGoOnWithThreeOfFiveAndTellFigures() throws IOException {
        try (TestGroup group = TestGroup.of(root, ELECTION_MIN, "n1", "n2", "n3", "n4", "n5")) {
            group.put("a", "1");
            group.kill(group.awaitLeader());
            group.kill(group.awaitLeader());
            group.put("a", "2");
            group.assertAllEqual();
            String leader = group.awaitLeader();
            ConsensusFigures figures = group.node(leader).figures();
            assertThat(figures.followerLag()).hasSize(4);
            assertThat(figures.electionsBegun()).isPositive();
            assertThat(figures.logBytes()).isPositive();
            assertThat(figures.term()).isEqualTo(group.node(leader).term());
            List<String> names = new ArrayList<>();
            figures.watch(new FigureListener() {
                @Override
                public void added(Figure figure) {
                    names.add(figure.name());
                    assertThat(figure.tags().get("member")).startsWith(leader + "@");
                }

                @Override
                public void removed(Figure figure) {}
            });
            assertThat(names).contains("ratis.log_worker.flushTime.seconds.p99", "ratis.log_worker.flushTime.count");
            assertThat(names).doesNotHaveDuplicates();
        }
    }

    @Test
    void shouldShowBothSetsOfVotersWhileTheyChangeAndStopWhoWasRemoved() throws IOException {
        try (TestGroup group = TestGroup.of(root, ELECTION_MIN, "n1", "n2", "n3")) {
            group.newMember("n4");
            group.start("n4", new StartMode.Join());
            Set<Member> three = group.members("n1", "n2", "n3");
            Set<Member> four = group.members("n1", "n2", "n3", "n4");
            Consensus leader = group.node(group.awaitLeader());
            CompletableFuture<ChangeOutcome> change;
            HeldAppends held = HeldAppends.ofJointConfigurations();
            try {
                change = leader.changeMembership(three, four);
                await("both sets to vote", () -> leader.membership().isJoint());
                assertThat(leader.membership().voters()).isEqualTo(four);
                assertThat(leader.membership().oldVoters()).isEqualTo(three);
                assertThat(change).isNotDone();
            } finally {
                held.close();
            }
            assertThat(change.join()).isEqualTo(new ChangeOutcome.Done());
            assertThat(leader.membership().isJoint()).isFalse();

            assertThat(leader.changeMembership(four, three).join()).isEqualTo(new ChangeOutcome.Done());
            await(
                    "the removed node to stop",
                    () -> group.node("n4").role() == Role.NONE
                            && group.stopped().stream().anyMatch(told -> told.startsWith("n4: ")));
            group.put("a", "1");
        }
    }

    @Test
    void shouldGiveLeadershipAwayWhileItMustNotLead() throws IOException {
        try (TestGroup group = TestGroup.of(root, ELECTION_MIN, "n1", "n2", "n3")) {
            group.put("a", "1");
            String first = group.awaitLeader();
            group.node(first).mayLead("clock", false);
            await("another leader", () -> !group.awaitLeader().equals(first));
            String second = group.awaitLeader();
            group.put("a", "2");
            group.node(first).mayLead("clock", true);
            group.node(second).stall(true);
            await("another leader", () -> !group.awaitLeader().equals(second));
            group.put("a", "3");
            group.assertAllEqual();
        }
    }

    @Test
    void shouldSayWhenTooMuchIsUnderWay() throws IOException {
        try (TestGroup group = TestGroup.of(root, Duration.ofSeconds(3), "n1", "n2", "n3")) {
            String leader = group.awaitLeader();
            // It goes on for long enough without them that all of it is proposed.
            List.of("n1", "n2", "n3").stream().filter(id -> !id.equals(leader)).forEach(group::kill);
            List<CompletableFuture<ProposalOutcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 1200; i++) {
                outcomes.add(group.node(leader).propose(TestGroup.entry(group.putCommand("a", "v" + i))));
            }
            assertThat(outcomes.stream().map(CompletableFuture::join))
                    .contains(new ProposalOutcome.Overloaded())
                    .hasAtLeastOneElementOfType(ProposalOutcome.Unknown.class);
        }
    }
}
