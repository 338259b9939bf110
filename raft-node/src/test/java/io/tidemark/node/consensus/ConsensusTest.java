// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import static io.tidemark.node.consensus.TestGroup.await;
import static io.tidemark.node.consensus.TestGroup.get;
import static io.tidemark.node.consensus.TestGroup.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.server.process.StartException;
import io.tidemark.store.proto.v1.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsensusTest {

    @TempDir
    private Path root;

    private TestGroup group;

    @BeforeEach
    void start() throws IOException {
        group = TestGroup.of(root);
    }

    @AfterEach
    void stop() {
        group.close();
        group.assertToldInOrder();
    }

    @Test
    void shouldBeReadyOnceTheFirstEntryOfItsTermIsApplied() {
        String leader = group.awaitLeader();
        group.put("a", "1");
        group.kill(leader);
        String next = group.awaitLeader();
        Consensus node = group.node(next);
        TestGroup.Told told = group.told(next);
        await("to be told", () -> told.events.contains("ready " + node.term()));
        assertThat(told.appliedBeforeReady)
                .isGreaterThanOrEqualTo(node.membership().raftIndex());
        await("all to be applied", () -> node.appliedIndex() == node.commitIndex());
        assertThat(told.applied).isEqualTo(node.appliedIndex());
    }

    @Test
    void shouldShowOnAllNodesWhatWasProposed() {
        group.put("a", "1");
        Consensus leader = group.node(group.awaitLeader());
        assertThat(get(store(leader), "a")).isEqualTo("1");
        assertThat(leader.appliedIndex()).isLessThanOrEqualTo(leader.commitIndex());
        assertThat(leader.membership().voters()).isEqualTo(group.members("n1", "n2", "n3"));
        assertThat(leader.membership().isJoint()).isFalse();
        group.assertAllEqual();
        assertThat(get(store(group.node(group.follower())), "a")).isEqualTo("1");
    }

    @Test
    void shouldRefuseAProposalOnAFollowerWithAHint() {
        String leader = group.awaitLeader();
        Consensus follower = group.node(group.follower());
        await("the leader to be known", () -> follower.leader().isPresent());
        ProposalOutcome outcome =
                follower.propose(TestGroup.entry(group.putCommand("a", "1"))).join();
        assertThat(outcome).isEqualTo(new ProposalOutcome.NotLeader(group.member(leader)));
    }

    @Test
    void shouldGoOnWithoutItsLeader() {
        group.put("a", "1");
        String leader = group.awaitLeader();
        group.kill(leader);
        group.put("a", "2");
        group.restart(leader);
        group.put("b", "3");
        group.assertAllEqual();
        assertThat(get(store(group.node(leader)), "a")).isEqualTo("2");
    }

    @Test
    void shouldCampaignAtOnceInPlaceOfALeaderThatIsGone(@TempDir Path own) throws IOException {
        try (TestGroup patient = TestGroup.of(own, Duration.ofMinutes(1), "n1", "n2", "n3")) {
            String leader = patient.awaitLeader();
            Member gone = patient.member(leader);
            patient.put("a", "1");
            String furthest = patient.node(leader).furthestOther().orElseThrow();
            patient.kill(leader);

            patient.node(furthest).campaign(gone);

            await(furthest + " to lead", () -> patient.node(furthest).isReady());
            assertThat(patient.node(furthest).leaderSilence()).isZero();
        }
    }

    @Test
    void shouldNotCampaignInPlaceOfWhoDoesNotLead() {
        String leader = group.awaitLeader();
        long term = group.node(leader).term();
        List<String> others =
                Stream.of("n1", "n2", "n3").filter(id -> !id.equals(leader)).toList();

        group.node(others.get(0)).campaign(group.member(others.get(1)));
        group.put("a", "1");

        assertThat(group.node(leader).isReady()).isTrue();
        assertThat(group.node(leader).term()).isEqualTo(term);
    }

    /** The leader is alone, so what it logs cannot be committed: nobody may say that it was not done. */
    @Test
    void shouldNotKnowTheOutcomeOfWhatWasLoggedAndNotCommitted(@TempDir Path own) throws IOException {
        // It goes on for long enough without the others to log something, however slowly these end.
        try (TestGroup patient = TestGroup.of(own, Duration.ofSeconds(3), "n1", "n2", "n3")) {
            String leader = patient.awaitLeader();
            List.of("n1", "n2", "n3").stream().filter(id -> !id.equals(leader)).forEach(patient::kill);
            CompletableFuture<ProposalOutcome> outcome =
                    patient.node(leader).propose(TestGroup.entry(patient.putCommand("a", "1")));
            assertThat(outcome.join()).isInstanceOf(ProposalOutcome.Unknown.class);
            await("the leader to step down", () -> patient.node(leader).role() != Role.LEADER);
        }
    }

    @Test
    void shouldRestartFromCheckpointsAndLog() {
        long seed = System.nanoTime();
        System.out.println("seed: " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 250; i++) {
            group.put("k" + random.nextInt(50), "v" + i);
            if (i % 100 == 50) {
                group.node(group.follower()).checkpoint();
            }
        }
        group.assertAllEqual();
        for (String id : List.of("n1", "n2", "n3")) {
            if (random.nextBoolean()) {
                group.kill(id);
            } else {
                group.stop(id);
            }
        }
        List.of("n1", "n2", "n3").forEach(group::restart);
        group.put("after", "1");
        group.assertAllEqual();
    }

    /** Nobody tells a node that is alone what is committed, so it has everything yet to apply. */
    @Test
    void shouldTellHowMuchOfItsLogANodeHasYetToApply() {
        List<String> ids = List.of("n1", "n2", "n3");
        ids.forEach(group::stop);
        group.makeNoCheckpoints();
        ids.forEach(group::restart);
        int writes = 120;
        for (int i = 0; i < writes; i++) {
            group.put("k" + i, "v");
        }
        group.assertAllEqual();
        ids.forEach(group::kill);

        Consensus alone = group.restart("n1");
        assertThat(alone.unappliedEntries()).isGreaterThanOrEqualTo(writes);

        group.restart("n2");
        group.restart("n3");
        await("all to be applied", () -> alone.unappliedEntries() == 0);
    }

    @Test
    void shouldTakeInAnEmptyNodeFromACheckpointWhileWritesGoOn() throws Exception {
        for (int i = 0; i < 400; i++) {
            group.put("k" + i % 90, "v" + i + "x".repeat(300));
        }
        await("the log to be purged", () -> {
            group.put("purge", "p".repeat(300));
            return group.node(group.awaitLeader()).firstLogIndex() > 0;
        });
        AtomicBoolean done = new AtomicBoolean();
        List<Throwable> failures = new ArrayList<>();
        Thread writer = new Thread(() -> {
            for (int i = 0; !done.get(); i++) {
                group.put("w" + i % 20, "v" + i);
            }
        });
        writer.setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
        writer.start();
        group.newMember("n4");
        group.start("n4", new StartMode.Join());
        assertThat(group.node("n4").store()).isEmpty();
        ChangeOutcome outcome = group.node(group.awaitLeader())
                .changeMembership(group.members("n1", "n2", "n3"), group.members("n1", "n2", "n3", "n4"))
                .join();
        done.set(true);
        writer.join();
        assertThat(failures).isEmpty();
        assertThat(outcome).isEqualTo(new ChangeOutcome.Done());
        group.assertAllEqual();

        group.kill("n4");
        group.put("k1", "while n4 was away");
        group.restart("n4");
        group.assertAllEqual();
        assertThat(group.node("n4").membership().voters()).hasSize(4);
    }

    @Test
    void shouldBringANodeThatFellBehindTheLogUpToDate() {
        String follower = group.follower();
        group.kill(follower);
        long behind = group.node(group.awaitLeader()).appliedIndex();
        for (int i = 0; i < 400; i++) {
            group.put("k" + i % 90, "v" + i + "x".repeat(300));
        }
        await("the log to be purged", () -> {
            group.put("purge", "p".repeat(300));
            return group.node(group.awaitLeader()).firstLogIndex() > behind + 1;
        });
        group.restart(follower);
        group.assertAllEqual();
        group.kill(follower);
        group.restart(follower);
        group.put("after", "1");
        group.assertAllEqual();
    }

    @Test
    void shouldReplaceANodeAndRefuseAChangeOfWhatIsNotSoAnyMore() throws IOException {
        group.put("a", "1");
        group.newMember("n4");
        group.start("n4", new StartMode.Join());
        String gone = group.follower();
        group.kill(gone);
        List<String> kept = List.of("n1", "n2", "n3").stream()
                .filter(id -> !id.equals(gone))
                .toList();
        Consensus leader = group.node(group.awaitLeader());
        assertThat(leader.changeMembership(group.members("n1", "n4"), group.members("n1", "n2", "n3", "n4"))
                        .join())
                .isInstanceOf(ChangeOutcome.Refused.class);
        assertThat(leader.changeMembership(
                                group.members("n1", "n2", "n3"), group.members(kept.get(0), kept.get(1), "n4"))
                        .join())
                .isEqualTo(new ChangeOutcome.Done());
        group.put("a", "2");
        group.assertAllEqual();
        assertThat(leader.membership().voters()).isEqualTo(group.members(kept.get(0), kept.get(1), "n4"));
    }

    @Test
    void shouldRefuseToChangeAddresses() {
        Member moved = new Member("n1", "127.0.0.1:1", "elsewhere:2", "elsewhere:3");
        assertThat(group.node(group.awaitLeader())
                        .changeMembership(
                                group.members("n1", "n2", "n3"), Set.of(moved, group.member("n2"), group.member("n3")))
                        .join())
                .isInstanceOf(ChangeOutcome.Refused.class);
    }

    @Test
    void shouldHandLeadershipOver() {
        group.put("a", "1");
        String leader = group.awaitLeader();
        String follower = group.follower();
        await("the transfer", () -> {
            group.put("a", "2");
            ChangeOutcome outcome = group.node(group.awaitLeader())
                    .transferLeadership(follower, Duration.ofSeconds(2))
                    .join();
            return outcome.equals(new ChangeOutcome.Done());
        });
        assertThat(group.awaitLeader()).isEqualTo(follower).isNotEqualTo(leader);
    }

    /** The one that is down cannot take it, and who leads must not win it back. */
    @Test
    void shouldHandLeadershipOverToWhoeverIsFurthest() {
        group.put("a", "1");
        String leader = group.awaitLeader();
        String down = group.follower();
        String up = List.of("n1", "n2", "n3").stream()
                .filter(id -> !id.equals(leader) && !id.equals(down))
                .findFirst()
                .orElseThrow();
        group.kill(down);
        group.put("a", "2");
        assertThat(group.node(leader).furthestOther()).hasValue(up);
        ChangeOutcome outcome = group.node(leader)
                .transferLeadership(null, Duration.ofSeconds(5))
                .join();
        assertThat(outcome).isEqualTo(new ChangeOutcome.Done());
        assertThat(group.node(leader).leader()).map(Member::id).hasValue(up);
    }

    @Test
    void shouldStopAtAnEntryThatItDoesNotKnow() {
        group.put("a", "1");
        String leader = group.awaitLeader();
        ProposalOutcome outcome = group.node(leader)
                .propose(Entry.newBuilder().setTransitionVersion(99).build().toByteString())
                .join();
        assertThat(outcome).isInstanceOf(ProposalOutcome.Unknown.class);
        // The third may never learn that the entry is committed.
        await("a majority to stop", () -> group.stopped().size() >= 2);
        assertThat(group.node(leader).role()).isEqualTo(Role.NONE);
        assertThat(get(store(group.node(leader)), "a")).isEqualTo("1");
    }

    @Test
    void shouldRefuseDirectoriesThatAreNotItsOwn() throws IOException {
        ConsensusOptions options = group.options("n1");
        group.kill("n1");
        assertThatThrownBy(() -> Consensus.start(
                        options,
                        new StartMode.Bootstrap(List.of(options.self()), group.birth()),
                        new ConsensusListener() {}))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("started before");
        ConsensusOptions other = ConsensusOptions.of(options.directory(), "another", options.self());
        assertThatThrownBy(() -> Consensus.start(other, new StartMode.Restart(), new ConsensusListener() {}))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("belongs to cluster test");
        ConsensusOptions empty = ConsensusOptions.of(root.resolve("empty"), TestGroup.CLUSTER, options.self());
        assertThatThrownBy(() -> Consensus.start(empty, new StartMode.Restart(), new ConsensusListener() {}))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("join under a new id");
        Disk.deleteTree(NodeLayout.raft(options.directory()));
        assertThatThrownBy(() -> group.restart("n1"))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("lost its log");
    }
}
