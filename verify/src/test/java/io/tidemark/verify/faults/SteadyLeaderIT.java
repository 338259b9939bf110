// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.Standing;
import io.tidemark.verify.process.Place;
import io.tidemark.verify.process.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Under steady load, with heaps so small that they are collected all the time, nobody is elected without need. */
@Tag("faults")
class SteadyLeaderIT {

    private static final String TEST = "steady leader";
    private static final Place SMALL_HEAP =
            new Place("127.0.0.1", List.of(), Map.of(), List.of("-Xmx160m", "-XX:+ExitOnOutOfMemoryError", "-Xlog:gc"));
    private static final Pattern PAUSE = Pattern.compile("Pause .* ([0-9.]+)ms");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration BETWEEN_BATCHES = Duration.ofMillis(40);
    private static final Duration STOOD_STILL_MAX = Duration.ofSeconds(1);
    private static final int BATCH = 20;
    private static final int ROWS = 50_000;
    private static final int REPORT_EVERY = 1_500;

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldNotBeReplacedWhileItWorks() throws Exception {
        Duration lasting = Duration.ofSeconds(Integer.getInteger("tidemark.faults.steady", 30));
        try (Stalls stalls = new Stalls();
                ClusterUnderTest cluster = ClusterUnderTest.start(
                        servers,
                        id -> SMALL_HEAP,
                        3,
                        "--checkpoint.bytes=8MiB",
                        "--feed.recent-bytes=8MiB",
                        "--raft.segment-bytes=4MiB")) {
            Standing leader = cluster.awaitLeader(TIMEOUT);
            ManagedChannel writes = cluster.channel(leader.node());
            Overwriting overwriting = new Overwriting(writes, ROWS, 1_000, TIMEOUT);
            ManagedChannel reads = cluster.channel(cluster.others(leader.node()).get(0));
            var unused = ClusterGrpc.newBlockingStub(writes)
                    .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    .createTable(CreateTableRequest.newBuilder().setTable("t").build());
            long longest = 0;
            int batches = 0;
            long end = System.nanoTime() + lasting.toNanos();
            for (long next = System.nanoTime(); next < end; next += BETWEEN_BATCHES.toNanos()) {
                LockSupport.parkNanos(next - System.nanoTime());
                long begun = System.nanoTime();
                assertThat(overwriting.write(batches * BATCH, BATCH)).isPositive();
                longest = Math.max(longest, System.nanoTime() - begun);
                readLinearizably(reads, "k" + batches % ROWS);
                batches++;
                if (batches % REPORT_EVERY == 0) {
                    Rounds.say(TEST, batches * BATCH + " puts, the slowest batch took " + millis(longest) + " ms");
                }
            }
            for (NodeUnderTest node : cluster.nodes()) {
                Rounds.say(TEST, node.id() + ": " + pauses(node));
            }
            Rounds.say(
                    TEST,
                    lasting.toSeconds() + " s, " + batches * BATCH + " puts, the slowest batch of " + BATCH + " took "
                            + millis(longest) + " ms");
            // A machine that stands still for as long as an election takes is reason enough for one.
            Rounds.say(TEST, "the machine stood still for " + stalls.longest().toMillis() + " ms at most");
            assumeTrue(
                    stalls.longest().compareTo(STOOD_STILL_MAX) < 0,
                    "the machine stood still for " + stalls.longest().toMillis() + " ms");
            assertThat(cluster.awaitLeader(TIMEOUT))
                    .as("logs: " + servers.directory())
                    .extracting(Standing::node, Standing::term)
                    .containsExactly(leader.node(), leader.term());
        }
    }

    private static void readLinearizably(ManagedChannel channel, String key) {
        var unused = KeyValueGrpc.newBlockingStub(channel)
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .get(GetRequest.newBuilder()
                        .setTable("t")
                        .setKey(key)
                        .setReadOptions(ReadOptions.newBuilder().setStrength(Strength.STRENGTH_LINEARIZABLE))
                        .build());
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }

    /** How often it was collected, and for how long at most. */
    private static String pauses(NodeUnderTest node) throws IOException {
        try (Stream<String> lines = Files.lines(node.server().logFile())) {
            double[] millis = lines.map(PAUSE::matcher)
                    .filter(Matcher::find)
                    .mapToDouble(found -> Double.parseDouble(found.group(1)))
                    .toArray();
            double longest = 0;
            for (double one : millis) {
                longest = Math.max(longest, one);
            }
            return millis.length + " pauses, the longest " + longest + " ms";
        }
    }
}
