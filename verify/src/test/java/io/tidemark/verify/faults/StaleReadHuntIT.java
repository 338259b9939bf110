// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.util.Durations;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.ProbeRequest;
import io.tidemark.proto.v1.ProbeResponse;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.Standing;
import io.tidemark.verify.process.Servers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A leader is paused, others lead on and acknowledge writes, then reads are queued at the old one, which wakes up believing
 * that it leads. Whatever it answers must not be older than it was asked to be, nor older than it says.
 */
@Tag("faults")
class StaleReadHuntIT {

    private static final int NODES = 3;
    private static final int READS_OF_A_KIND = 8;
    private static final Duration LEADER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(20);
    private static final int ROUNDS_THAT_TELL = 20;
    private static final String TABLE = "t";
    private static final String KEY = "k";

    @RegisterExtension
    final Servers servers = new Servers();

    private final List<String> stale = new ArrayList<>();
    private final Map<String, Integer> answers = new TreeMap<>();

    /** What was acknowledged, and when that was known. */
    private record Acknowledged(long index, long nanos) {}

    /** A read under way. */
    private record Queued(String kind, Duration maxStaleness, ListenableFuture<ResponseHeader> answer) {}

    @Test
    void shouldNeverReadWhatIsOlderThanAsked() throws Exception {
        Rounds rounds = Rounds.of("hunts", 2);
        SplittableRandom random = new SplittableRandom(Rounds.seed("stale-read hunt"));
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, NODES)) {
            Standing first = cluster.awaitLeader(LEADER_TIMEOUT);
            var unused = ClusterGrpc.newBlockingStub(cluster.channel(first.node()))
                    .withDeadlineAfter(CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    .createTable(CreateTableRequest.newBuilder().setTable(TABLE).build());
            while (rounds.next()) {
                hunt(cluster, rounds.done(), random);
            }
        }
        Rounds.say("stale-read hunt", rounds.done() + " rounds, answers " + answers + ", stale " + stale.size());
        assertThat(stale).as("logs: " + servers.directory()).isEmpty();
        // Else the old leader had nothing old to give, and nothing was hunted.
        if (rounds.done() >= ROUNDS_THAT_TELL) {
            assertThat(answers).containsKey("eventual (older)");
        }
    }

    private void hunt(ClusterUnderTest cluster, int round, SplittableRandom random) throws InterruptedException {
        Standing old = cluster.awaitLeader(LEADER_TIMEOUT);
        ManagedChannel channel = cluster.channel(old.node());
        put(channel, round + " at the old leader");
        // Also makes sure that the connection stands: what is sent later waits in the socket of the paused process.
        await(queue(channel, "warm", linearizable(), Duration.ZERO), new Acknowledged(0, System.nanoTime()), 0, round);
        old.node().server().pause();
        Acknowledged acknowledged;
        long resumed;
        List<Queued> queued = new ArrayList<>();
        try {
            List<NodeUnderTest> others = cluster.others(old.node());
            Standing leader = cluster.awaitLeader(others, old.term(), LEADER_TIMEOUT);
            PutResponse written = put(cluster.channel(leader.node()), round + " at the new leader");
            acknowledged = new Acknowledged(written.getIndex(), System.nanoTime());
            for (int i = 0; i < READS_OF_A_KIND; i++) {
                queued.add(queue(channel, "linearizable", linearizable(), Duration.ZERO));
                queued.add(probe(channel));
                queued.add(bounded(channel, Duration.ofMillis(50)));
                queued.add(bounded(channel, Duration.ofMillis(200)));
                queued.add(queue(
                        channel,
                        "eventual",
                        ReadOptions.newBuilder()
                                .setStrength(Strength.STRENGTH_EVENTUAL)
                                .build(),
                        Duration.ofDays(1)));
            }
            ClusterUnderTest.sleep(random.nextInt(250, 1_000));
        } finally {
            resumed = System.nanoTime();
            old.node().server().resume();
        }
        // These fall into the moments in which it learns what has happened.
        for (int i = 0; i < READS_OF_A_KIND; i++) {
            queued.add(queue(channel, "linearizable", linearizable(), Duration.ZERO));
            queued.add(bounded(channel, Duration.ofMillis(100)));
            ClusterUnderTest.sleep(random.nextInt(20));
        }
        for (Queued each : queued) {
            await(each, acknowledged, resumed, round);
        }
    }

    private void await(Queued read, Acknowledged acknowledged, long resumed, int round) throws InterruptedException {
        try {
            ResponseHeader header = read.answer().get(CALL_TIMEOUT.toSeconds() + 5, TimeUnit.SECONDS);
            boolean old = header.getReadIndex() < acknowledged.index();
            answers.merge(read.kind() + (old ? " (older)" : " (new)"), 1, Integer::sum);
            if (!old) {
                return;
            }
            // It was answered after the process went on, so its age is at least this.
            Duration age = Duration.ofNanos(resumed - acknowledged.nanos());
            if (read.maxStaleness().compareTo(age) < 0) {
                stale.add("round " + round + ": " + read.kind() + " was answered as of " + header.getReadIndex()
                        + ", but " + acknowledged.index() + " had been acknowledged " + age + " before: " + header);
            }
            if (header.hasStaleness() && Durations.toNanos(header.getStaleness()) < age.toNanos()) {
                stale.add("round " + round + ": " + read.kind() + " says a staleness of "
                        + Durations.toString(header.getStaleness()) + " as of " + header.getReadIndex() + ", but "
                        + acknowledged.index() + " had been acknowledged " + age + " before");
            }
        } catch (ExecutionException e) {
            answers.merge(read.kind() + " (" + reason(e) + ")", 1, Integer::sum);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new AssertionError(read.kind() + " has no answer beyond its deadline", e);
        }
    }

    private static String reason(ExecutionException failure) {
        return failure.getCause() instanceof StatusRuntimeException status
                ? io.tidemark.api.ErrorStatus.from(status)
                        .map(error -> error.reason().name())
                        .orElse(status.getStatus().getCode().name())
                : String.valueOf(failure.getCause());
    }

    private static ReadOptions linearizable() {
        return ReadOptions.newBuilder()
                .setStrength(Strength.STRENGTH_LINEARIZABLE)
                .build();
    }

    private static Queued bounded(ManagedChannel channel, Duration maxStaleness) {
        return queue(
                channel,
                "bounded by " + maxStaleness.toMillis() + " ms",
                ReadOptions.newBuilder()
                        .setMaxStaleness(Durations.fromMillis(maxStaleness.toMillis()))
                        .build(),
                maxStaleness);
    }

    private static Queued queue(ManagedChannel channel, String kind, ReadOptions options, Duration maxStaleness) {
        ListenableFuture<GetResponse> answer = KeyValueGrpc.newFutureStub(channel)
                .withDeadlineAfter(CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .get(GetRequest.newBuilder()
                        .setTable(TABLE)
                        .setKey(KEY)
                        .setReadOptions(options)
                        .build());
        return new Queued(kind, maxStaleness, header(answer, GetResponse::getHeader));
    }

    private static Queued probe(ManagedChannel channel) {
        ListenableFuture<ProbeResponse> answer = KeyValueGrpc.newFutureStub(channel)
                .withDeadlineAfter(CALL_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .probe(ProbeRequest.getDefaultInstance());
        return new Queued("probe", Duration.ZERO, header(answer, ProbeResponse::getHeader));
    }

    private static <T> ListenableFuture<ResponseHeader> header(
            ListenableFuture<T> answer, com.google.common.base.Function<T, ResponseHeader> header) {
        return com.google.common.util.concurrent.Futures.transform(answer, header, Runnable::run);
    }

    private static PutResponse put(ManagedChannel channel, String value) {
        long deadline = System.nanoTime() + LEADER_TIMEOUT.toNanos();
        while (true) {
            try {
                return KeyValueGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(5, TimeUnit.SECONDS)
                        .put(PutRequest.newBuilder()
                                .setTable(TABLE)
                                .setKey(KEY)
                                .setValue(Value.newBuilder().setText(value))
                                .build());
            } catch (StatusRuntimeException e) {
                if (System.nanoTime() - deadline >= 0) {
                    throw e;
                }
                ClusterUnderTest.sleep(20);
            }
        }
    }
}
