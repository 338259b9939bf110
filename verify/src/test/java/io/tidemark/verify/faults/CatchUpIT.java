// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.KeyValueGrpc.KeyValueBlockingStub;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutMutation;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.RaiseHorizonRequest;
import io.tidemark.proto.v1.RaiseHorizonResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.process.Place;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A replica that was away, or whose source goes away: it comes to have all there is, by the shorter way. */
@Tag("faults")
class CatchUpIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int COMMITS = 40;
    private static final int COMMITS_THAT_FILL_A_HEAP = 150;
    private static final int ROWS_PER_COMMIT = 1_000;
    private static final String FILLING = "x".repeat(1_000);
    private static final Pattern ANEW = Pattern.compile("follows upstream=.* with a new store");
    private static final Pattern RESUMED = Pattern.compile("follows upstream=.* resumed_shards=1024");
    private static final Pattern COPIES = Pattern.compile("copies shards=1024 from=");
    private static final Pattern SENT = Pattern.compile("(?m)^tidemark_bootstrap_bytes_total\\S* [1-9]");
    private static final ReadOptions LINEARIZABLE =
            ReadOptions.newBuilder().setStrength(Strength.STRENGTH_LINEARIZABLE).build();

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldFollowTheFeedWithinTheHorizonAndBeginAnewBehindIt() {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                servers, 3, "--store.auto-create-tables=true", "--raft.election-min=3s", "--raft.election-max=6s")) {
            put(cluster, "k", "first");
            ServerUnderTest replica = cluster.startReplica("r1");
            replica.awaitReady(TIMEOUT);
            assertThat(read(replica, "k")).isEqualTo("first");
            replica.stop();

            put(cluster, "k", "while away");
            replica.start();
            replica.awaitReady(TIMEOUT);
            assertThat(read(replica, "k")).isEqualTo("while away");
            assertThat(lines(replica, RESUMED)).isEqualTo(1);
            assertThat(lines(replica, ANEW)).isEqualTo(1);
            assertThat(lines(replica, COPIES)).isEqualTo(1);
            replica.stop();

            raiseHorizon(cluster, put(cluster, "k", "while away for long"));
            replica.start();
            replica.awaitReady(TIMEOUT);
            assertThat(read(replica, "k")).isEqualTo("while away for long");
            assertThat(lines(replica, RESUMED)).isEqualTo(1);
            assertThat(lines(replica, ANEW)).isEqualTo(2);
            assertThat(lines(replica, COPIES)).isEqualTo(2);
        }
    }

    @Test
    void shouldBeginItsCopyAnewElsewhereWhenTheSourceDies() {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                servers, 3, "--store.auto-create-tables=true", "--raft.election-min=3s", "--raft.election-max=6s")) {
            for (int i = 0; i < COMMITS; i++) {
                fill(cluster, i);
            }
            ServerUnderTest replica = cluster.startReplica("r1");
            NodeUnderTest source = sourceOfCopy(cluster);
            source.server().kill();

            put(cluster, "k0-0", "later");
            replica.awaitReady(TIMEOUT);
            assertThat(read(replica, "k0-0")).isEqualTo("later");
            for (int i = 1; i < COMMITS; i++) {
                assertThat(read(replica, "k" + i + "-" + (ROWS_PER_COMMIT - i))).isEqualTo(FILLING);
            }
            assertThat(lines(replica, COPIES)).isGreaterThan(1);
            cluster.restart(source);
            assertThat(WrongRowIT.verify(cluster, source)).isEmpty();
        }
    }

    @Test
    void shouldCostWhoFeedsItNoMemoryWhileItStandsStill() {
        // What is written meanwhile would not fit into the heap of whoever kept it for the replica.
        Place small = new Place("127.0.0.1", List.of(), Map.of(), List.of("-Xmx160m", "-XX:+ExitOnOutOfMemoryError"));
        String[] frugal = {"--checkpoint.bytes=8MiB", "--feed.recent-bytes=8MiB"};
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                servers,
                id -> small,
                3,
                frugal[0],
                frugal[1],
                "--raft.segment-bytes=4MiB",
                "--store.auto-create-tables=true")) {
            put(cluster, "k", "v");
            ServerUnderTest replica = cluster.startReplica("r1", frugal);
            replica.awaitReady(TIMEOUT);
            assertThat(read(replica, "k")).isEqualTo("v");

            replica.pause();
            for (int i = 0; i < COMMITS_THAT_FILL_A_HEAP; i++) {
                fill(cluster, i);
            }
            assertThat(cluster.nodes()).allMatch(node -> node.server().isAlive());
            replica.resume();

            String last = "k" + (COMMITS_THAT_FILL_A_HEAP - 1) + "-7";
            // Before, it says that it cannot prove how fresh it is.
            ClusterUnderTest.await("the replica to catch up", TIMEOUT, () -> isRead(replica, last));
            assertThat(read(replica, last)).isEqualTo(FILLING);
            assertThat(read(replica, "k0-0")).isEqualTo(FILLING);
            assertThat(cluster.nodes()).allMatch(node -> node.server().isAlive());
        }
    }

    /** Somebody has started a second replica with the id of the first, on a disk of its own. */
    @Test
    void shouldNotLetAnotherOfItsNameDisturbAReplica() {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                servers,
                3,
                "--store.auto-create-tables=true",
                "--replica.loss-timeout=2s",
                "--raft.election-min=3s",
                "--raft.election-max=6s")) {
            put(cluster, "k", "v");
            ServerUnderTest first = cluster.startReplica("r1");
            first.awaitReady(TIMEOUT);
            assertThat(read(first, "k")).isEqualTo("v");
            long feeds = lines(first, Pattern.compile("follows upstream="));

            ServerUnderTest second = cluster.startReplica("second", "--id=r1");
            Pattern refused = Pattern.compile("replica r1 .*disk");
            second.awaitLogLine(refused, TIMEOUT);
            for (int i = 0; i < 20; i++) {
                put(cluster, "k", "v" + i);
                assertThat(read(first, "k")).isEqualTo("v" + i);
            }
            ClusterUnderTest.await(
                    "the second to have been refused by several", TIMEOUT, () -> lines(second, refused) >= 4);
            assertThat(lines(first, Pattern.compile("follows upstream="))).isEqualTo(feeds);

            // The name is free once the first is lost.
            first.kill();
            second.awaitReady(TIMEOUT);
            assertThat(read(second, "k")).isEqualTo("v19");
        }
    }

    private static void fill(ClusterUnderTest cluster, int number) {
        CommitRequest.Builder commit = CommitRequest.newBuilder();
        for (int i = 0; i < ROWS_PER_COMMIT; i++) {
            commit.addMutations(Mutation.newBuilder()
                    .setTable("t")
                    .setPut(PutMutation.newBuilder()
                            .setKey("k" + number + "-" + i)
                            .setValue(Value.newBuilder().setText(FILLING))));
        }
        CommitResponse unused = keyValue(cluster).commit(commit.build());
    }

    private static long put(ClusterUnderTest cluster, String key, String value) {
        return keyValue(cluster)
                .put(PutRequest.newBuilder()
                        .setTable("t")
                        .setKey(key)
                        .setValue(Value.newBuilder().setText(value))
                        .build())
                .getIndex();
    }

    private static KeyValueBlockingStub keyValue(ClusterUnderTest cluster) {
        return KeyValueGrpc.newBlockingStub(
                        cluster.channel(cluster.awaitLeader(TIMEOUT).node()))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }

    private static void raiseHorizon(ClusterUnderTest cluster, long index) {
        NodeUnderTest leader = cluster.awaitLeader(TIMEOUT).node();
        String history = keyValue(cluster)
                .get(GetRequest.newBuilder().setTable("t").setKey("k").build())
                .getHeader()
                .getHistoryId();
        RaiseHorizonResponse raised = MaintenanceGrpc.newBlockingStub(cluster.channel(leader))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .raiseHorizon(RaiseHorizonRequest.newBuilder()
                        .setHorizon(index)
                        .setHistoryId(history)
                        .build());
        // Whoever the replica will ask must know.
        cluster.nodes()
                .forEach(node -> ClusterUnderTest.await(
                        node.id() + " to have applied it",
                        TIMEOUT,
                        () -> cluster.standing(node)
                                .filter(now ->
                                        now.appliedIndex() >= raised.getHeader().getReadIndex())
                                .isPresent()));
    }

    private static boolean isRead(ServerUnderTest replica, String key) {
        try {
            return !read(replica, key).isEmpty();
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    private static String read(ServerUnderTest replica, String key) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", replica.clientPort(), InsecureChannelCredentials.create())
                .build();
        try {
            GetResponse answer = KeyValueGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    .get(GetRequest.newBuilder()
                            .setTable("t")
                            .setKey(key)
                            .setReadOptions(LINEARIZABLE)
                            .setValueForm(ValueForm.VALUE_FORM_TEXT)
                            .build());
            assertThat(answer.getHeader().getServedBy()).isEqualTo("r1");
            return answer.getRow().getValue().getText();
        } finally {
            channel.shutdownNow();
        }
    }

    /** Of which some has been sent. */
    private static NodeUnderTest sourceOfCopy(ClusterUnderTest cluster) {
        List<NodeUnderTest> found = new ArrayList<>();
        ClusterUnderTest.await("a copy to be under way", TIMEOUT, () -> {
            cluster.nodes().stream()
                    .filter(node -> SENT.matcher(metrics(node.server())).find())
                    .forEach(found::add);
            return !found.isEmpty();
        });
        return found.get(0);
    }

    private static String metrics(ServerUnderTest server) {
        try {
            return HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + "/metrics"))
                                    .timeout(TIMEOUT)
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static long lines(ServerUnderTest server, Pattern pattern) {
        return server.logLines().stream()
                .filter(line -> pattern.matcher(line).find())
                .count();
    }
}
