// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.history.Checks;
import io.tidemark.verify.history.History;
import io.tidemark.verify.history.Outcome;
import io.tidemark.verify.history.Recorder;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Nodes are killed and paused while clients write and read: nothing acknowledged is lost, nothing is done twice. */
@Tag("faults")
class KillsAndPausesIT {

    private static final int NODES = 3;
    private static final int CLIENTS = 4;
    private static final int ROWS = 100;
    private static final int PROGRESS = 20;
    private static final Duration PROGRESS_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration LEADER_TIMEOUT = Duration.ofSeconds(30);

    @RegisterExtension
    final Servers servers = new Servers();

    /** What is done to one node in one round, from beginning to end. */
    private interface Fault {
        void strike(ClusterUnderTest cluster, NodeUnderTest node, SplittableRandom random);
    }

    @Test
    void shouldLoseNothingAndDoNothingTwiceWhenNodesAreKilled() throws Exception {
        run("kills", Rounds.of("kills", 3), (cluster, node, random) -> {
            node.server().kill();
            ClusterUnderTest.sleep(random.nextInt(3_000));
            cluster.restart(node);
        });
    }

    @Test
    void shouldLoseNothingAndDoNothingTwiceWhenNodesArePaused() throws Exception {
        run("pauses", Rounds.of("pauses", 2), (cluster, node, random) -> {
            node.server().pause();
            ClusterUnderTest.sleep(random.nextInt(500, 6_000));
            node.server().resume();
        });
    }

    private void run(String name, Rounds rounds, Fault fault) throws InterruptedException {
        long seed = Rounds.seed(name);
        SplittableRandom random = new SplittableRandom(seed);
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, NODES);
                Recorder recorder = new Recorder(new Recorder.Plan(
                        cluster.endpoints(),
                        List.of("t"),
                        CLIENTS,
                        ROWS,
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(60),
                        seed))) {
            recorder.start();
            while (rounds.next()) {
                int round = rounds.done();
                NodeUnderTest leader = cluster.awaitLeader(LEADER_TIMEOUT).node();
                awaitProgress(recorder, round);
                NodeUnderTest victim = round % 2 == 1 ? leader : cluster.nodes().get(random.nextInt(NODES));
                fault.strike(cluster, victim, random);
                Rounds.say(
                        name,
                        "round " + round + " struck " + victim.id() + (victim.equals(leader) ? ", the leader" : "")
                                + "; " + recorder.acknowledgedSoFar() + " writes acknowledged");
            }
            awaitProgress(recorder, rounds.done());
            History history = recorder.finish();
            Rounds.say(
                    name,
                    rounds.done() + " rounds, outcomes "
                            + history.operations().stream()
                                    .collect(Collectors.groupingBy(
                                            operation -> kind(operation.outcome()), Collectors.counting()))
                            + ", through index " + history.throughIndex());
            assertThat(Checks.of(history)).as("logs: " + servers.directory()).isEmpty();
        }
    }

    private static String kind(Outcome outcome) {
        return outcome.getClass().getSimpleName();
    }

    /** Faults strike a cluster that works: some more writes must have been acknowledged since the last. */
    private void awaitProgress(Recorder recorder, int round) {
        long target = recorder.acknowledgedSoFar() + PROGRESS;
        long deadline = System.nanoTime() + PROGRESS_TIMEOUT.toNanos();
        while (recorder.acknowledgedSoFar() < target) {
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("round " + round + ": no " + PROGRESS + " writes acknowledged within "
                        + PROGRESS_TIMEOUT + "; logs: " + servers.directory());
            }
            ClusterUnderTest.sleep(50);
        }
    }
}
