// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.Value;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.Standing;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** How long nobody can write after the leader was killed, at default settings and under load. */
@Tag("faults")
class FailOverIT {

    private static final int NODES = 3;
    private static final int WRITERS_PER_NODE = 2;
    private static final Duration LEADER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration MEDIAN_MAX = Duration.ofMillis(1_500);
    private static final Duration MAX = Duration.ofSeconds(5);

    @RegisterExtension
    final Servers servers = new Servers();

    /** The first acknowledgement in a term above {@code term}. */
    private static final class FirstWrite {
        private final long term;
        private final AtomicLong nanos = new AtomicLong();
        private final CountDownLatch seen = new CountDownLatch(1);

        FirstWrite(long term) {
            this.term = term;
        }

        void note(long writeTerm) {
            if (writeTerm > term && nanos.compareAndSet(0, System.nanoTime())) {
                seen.countDown();
            }
        }
    }

    private volatile FirstWrite awaited = new FirstWrite(Long.MAX_VALUE);
    private volatile boolean stopping;

    @Test
    void shouldWriteAgainSoonAfterTheLeaderIsKilled() throws Exception {
        Rounds rounds = Rounds.of("failovers", 2);
        List<Duration> times = endLeaders(rounds, ServerUnderTest::kill);
        Rounds.say("fail-over", Rounds.distribution(times));
        // A few rounds beside a build say whether writes go on, and nothing of how soon.
        if (rounds.done() >= 20) {
            assertThat(times).as("logs: " + servers.directory()).allMatch(time -> time.compareTo(MAX) <= 0);
            assertThat(Rounds.median(times)).isLessThanOrEqualTo(MEDIAN_MAX);
        }
    }

    @Test
    void shouldNotWaitForSilenceWhenTheLeaderIsKilled() throws Exception {
        Duration silence = LEADER_TIMEOUT.plusSeconds(10);

        List<Duration> times = endLeaders(
                Rounds.of("deaths", 1),
                ServerUnderTest::kill,
                "--raft.election-min=" + silence.toSeconds() + "s",
                "--raft.election-max=" + silence.plusSeconds(5).toSeconds() + "s");

        assertThat(times).as("logs: " + servers.directory()).allMatch(time -> time.compareTo(silence) < 0);
    }

    /** Nobody has to find out that it is gone, and nobody asks it in vain. */
    @Test
    void shouldHandOverBeforeItStops() throws Exception {
        List<Path> logs = new ArrayList<>();
        List<Duration> times = endLeaders(Rounds.of("stops", 2), leader -> {
            int unused = leader.stop();
            logs.add(leader.logFile());
        });

        Rounds.say("stopped in order", Rounds.distribution(times));
        for (Path log : logs) {
            assertThat(log).content().containsPattern("handing leadership over to n\\d: Done");
        }
    }

    private List<Duration> endLeaders(Rounds rounds, Consumer<ServerUnderTest> end, String... flags) throws Exception {
        List<Duration> times = new ArrayList<>();
        List<Thread> writers = new ArrayList<>();
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, NODES, flags)) {
            var unused = ClusterGrpc.newBlockingStub(
                            cluster.channel(cluster.awaitLeader(LEADER_TIMEOUT).node()))
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .createTable(CreateTableRequest.newBuilder().setTable("t").build());
            for (NodeUnderTest node : cluster.nodes()) {
                for (int i = 0; i < WRITERS_PER_NODE; i++) {
                    ManagedChannel channel = cluster.channel(node);
                    Thread writer = new Thread(() -> write(channel), "writer-" + node.id() + "-" + i);
                    writers.add(writer);
                    writer.start();
                }
            }
            try {
                while (rounds.next()) {
                    int round = rounds.done();
                    Standing leader = cluster.awaitLeader(LEADER_TIMEOUT);
                    FirstWrite first = new FirstWrite(leader.term());
                    awaited = first;
                    long killed = System.nanoTime();
                    end.accept(leader.node().server());
                    assertThat(first.seen.await(LEADER_TIMEOUT.toSeconds(), TimeUnit.SECONDS))
                            .as("a write in round " + round + "; logs: " + servers.directory())
                            .isTrue();
                    times.add(Duration.ofNanos(first.nanos.get() - killed));
                    Standing next = cluster.awaitLeader(cluster.others(leader.node()), leader.term(), LEADER_TIMEOUT);
                    Rounds.say(
                            "fail-over",
                            "round " + round + ": "
                                    + times.get(times.size() - 1).toMillis() + " ms, term "
                                    + leader.term() + " of " + leader.node().id() + " to " + next.term() + " of "
                                    + next.node().id());
                    cluster.restart(leader.node());
                }
            } finally {
                stopping = true;
                for (Thread writer : writers) {
                    writer.join();
                }
            }
        }
        return times;
    }

    /** One write after the other at one node, as a client does that does not know who leads. */
    private void write(ManagedChannel channel) {
        for (int i = 0; !stopping; i++) {
            try {
                PutResponse response = KeyValueGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(10, TimeUnit.SECONDS)
                        .put(PutRequest.newBuilder()
                                .setTable("t")
                                .setKey("k" + i % 100)
                                .setValue(Value.newBuilder().setText("v" + i))
                                .build());
                awaited.note(response.getHeader().getTerm());
            } catch (StatusRuntimeException e) {
                ClusterUnderTest.sleep(20);
            }
        }
    }
}
