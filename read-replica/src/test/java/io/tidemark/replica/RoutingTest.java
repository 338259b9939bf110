// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ShardHash;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Moved;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.replica.feed.core.FakeNode;
import io.tidemark.server.config.Configuration;
import io.tidemark.store.Shards;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole replica, on which some shards are placed: where its callers are sent with all others, and when shards leave. */
@Timeout(120)
class RoutingTest {

    private static final Shards K1 = shardOf("k1");
    private static final Shards K2 = shardOf("k2");

    @TempDir
    Path directory = Path.of("unset");

    private final List<AutoCloseable> open = new ArrayList<>();
    private FakeNode node = unset();
    private FakeNode other = unset();
    private Replica otherReplica = Replica.getDefaultInstance();
    private Properties ports = new Properties();
    private io.tidemark.replica.@Nullable Replica replica;
    private long epoch;

    @SuppressWarnings("NullAway") // set before each test
    private static FakeNode unset() {
        return null;
    }

    private static Shards shardOf(String key) {
        return Shards.of(ShardHash.shardOf("t", key, 1024));
    }

    @BeforeEach
    void begin() throws IOException {
        node = new FakeNode(directory.resolve("node"), 0);
        for (int i = 0; i < 20; i++) {
            node.put("k" + i, "v" + i);
        }
        other = new FakeNode("r2", directory.resolve("other"), 0);
        otherReplica = Replica.newBuilder()
                .setReplicaId("r2")
                .setInternalAddress("127.0.0.1:" + other.port())
                .setServing(Shards.of(K2.plus(K1).toProto(), 1024).toProto())
                .setState(ReplicaState.REPLICA_STATE_SERVING)
                .build();
        replica = io.tidemark.replica.Replica.start(ReplicaConfig.from(Configuration.load(
                ReplicaConfig.OPTIONS,
                Optional.empty(),
                Map.of(),
                List.of(
                        "--id=r1",
                        "--data-dir=" + directory.resolve("r1"),
                        "--client.port=0",
                        "--internal.port=0",
                        "--http.port=0",
                        "--stop.grace=1s",
                        "--cluster.nodes=n1@127.0.0.1:1/" + node.port() + "/1"))));
        await(() -> node.isFeeding());
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
        if (replica != null) {
            replica.close();
        }
        other.close();
        node.close();
    }

    private static void await(BooleanSupplier holds) {
        for (int i = 0; i < 6000 && !holds.getAsBoolean(); i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        assertThat(holds.getAsBoolean()).isTrue();
    }

    /** Whether it should be sent requests, as an orchestrator asks it. */
    private boolean isReady() {
        URI address = URI.create("http://127.0.0.1:" + ports().getProperty("http") + "/readyz");
        try {
            return HttpClient.newHttpClient()
                            .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldBeReadyWhereNothingIsPlacedOnIt() {
        place(Shards.NONE, Shards.NONE, Shards.NONE);
        await(this::isReady);

        place(K1, Shards.NONE, K1);
        await(this::isReady);
        node.breakCopiesOff(true);
        epoch++;
        node.place(epoch, K2, K1, otherReplica);
        await(() -> node.lastHeartbeat().getServing().getRangesCount() == 0);
        await(() -> !isReady());

        epoch++;
        node.place(epoch, Shards.NONE, Shards.NONE, otherReplica);
        await(this::isReady);
    }

    /** Until the replica says that it serves just these. */
    private void place(Shards placed, Shards released, Shards served) {
        epoch++;
        node.place(epoch, placed, released, otherReplica);
        await(() -> Shards.of(node.lastHeartbeat().getServing(), 1024).equals(served));
    }

    private Properties ports() {
        Path file = directory.resolve("r1").resolve("ports");
        await(() -> Files.exists(file));
        try (Reader reader = Files.newBufferedReader(file)) {
            ports.load(reader);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return ports;
    }

    private ManagedChannel channel(String port) {
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        "127.0.0.1", Integer.parseInt(ports().getProperty(port)))
                .usePlaintext()
                .build();
        open.add(channel::shutdownNow);
        return channel;
    }

    private KeyValueGrpc.KeyValueBlockingStub client() {
        return KeyValueGrpc.newBlockingStub(channel("client")).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static String servedBy(KeyValueGrpc.KeyValueBlockingStub client, String key) {
        GetResponse answer = client.get(GetRequest.newBuilder()
                .setTable("t")
                .setKey(key)
                .setReadOptions(ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL))
                .build());
        return answer.getHeader().getServedBy();
    }

    @Test
    void shouldPassReadsOnToAReplicaThatServesThemAndElseToANode() {
        place(K1, Shards.NONE, K1);
        KeyValueGrpc.KeyValueBlockingStub client = client();

        assertThat(servedBy(client, "k1")).isEqualTo("r1");
        assertThat(servedBy(client, "k2")).isEqualTo("r2");
        assertThat(servedBy(client, "k3")).isEqualTo("n1");
        assertThat(other.hops).containsExactly("Get 1 r1");
        assertThat(node.hops).containsExactly("Get 1 r1");

        other.close();
        assertThat(servedBy(client, "k2"))
                .as("it is gone, and nobody knows yet")
                .isEqualTo("n1");
    }

    @Test
    void shouldPassABatchOnToWhoServesAllOfIt() {
        place(K1, Shards.NONE, K1);
        var unused = client().batchGet(BatchGetRequest.newBuilder()
                .addKeys(RowKey.newBuilder().setTable("t").setKey("k1"))
                .addKeys(RowKey.newBuilder().setTable("t").setKey("k2"))
                .build());
        assertThat(other.hops).containsExactly("BatchGet 1 r1");
    }

    @Test
    void shouldPassOnToANodeWhatAReplicaPassedOn() {
        place(K1, Shards.NONE, K1);
        Metadata hops = new Metadata();
        hops.put(Metadata.Key.of("tidemark-hops", Metadata.ASCII_STRING_MARSHALLER), "1");
        hops.put(Metadata.Key.of("tidemark-forwarded-by", Metadata.ASCII_STRING_MARSHALLER), "r3");
        KeyValueGrpc.KeyValueBlockingStub inner = KeyValueGrpc.newBlockingStub(channel("internal"))
                .withDeadlineAfter(30, TimeUnit.SECONDS)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(hops));

        assertThat(servedBy(inner, "k2")).isEqualTo("n1");
        assertThat(node.hops).containsExactly("Get 2 r3,r1");
        assertThat(other.hops).isEmpty();
    }

    /** A watch, and how it ended. */
    private static final class Watcher implements StreamObserver<WatchResponse> {
        private final List<WatchResponse> messages = new CopyOnWriteArrayList<>();
        private final CompletableFuture<ErrorStatus> ended = new CompletableFuture<>();

        @Override
        public void onNext(WatchResponse message) {
            messages.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            ErrorStatus.from(failure).ifPresentOrElse(ended::complete, () -> ended.completeExceptionally(failure));
        }

        @Override
        public void onCompleted() {
            ended.completeExceptionally(new AssertionError("completed"));
        }
    }

    private Watcher watch(Shards shards) {
        Watcher watcher = new Watcher();
        KeyValueGrpc.newStub(channel("client"))
                .watch(WatchRequest.newBuilder().setShards(shards.toProto()).build(), watcher);
        await(() -> !watcher.messages.isEmpty());
        return watcher;
    }

    @Test
    void shouldEndTheWatchesOfAShardThatLeavesAndSayHowFarTheyGot() throws Exception {
        Shards both = K1.plus(K2);
        place(both, Shards.NONE, both);
        Watcher ofBoth = watch(both);
        Watcher ofKept = watch(K2);
        node.put("k1", "seen");
        await(() -> ofBoth.messages.stream().anyMatch(message -> message.getEventsCount() > 0));

        place(K2, K1, K2);
        ErrorStatus error = ofBoth.ended.get(30, TimeUnit.SECONDS);
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_MOVED);
        Moved moved = error.detail(Moved.class).orElseThrow();
        assertThat(moved.getThroughIndex())
                .as("the last commit was seen")
                .isEqualTo(node.rig.store().appliedIndex());
        assertThat(Shards.of(moved.getShards(), 1024)).isEqualTo(K1);
        assertThat(moved.getTopologyVersion().getEpoch()).isEqualTo(epoch);
        assertThat(ofKept.ended).isNotDone();
        assertThat(servedBy(client(), "k1")).as("another one serves it").isEqualTo("r2");
    }

    @Test
    void shouldSayThatItStopsBeforeItDoes() throws Exception {
        place(K1, Shards.NONE, K1);
        Watcher watcher = watch(K1);
        io.tidemark.replica.Replica stopped = java.util.Objects.requireNonNull(replica);
        replica = null;
        stopped.close();

        assertThat(watcher.ended.get(30, TimeUnit.SECONDS).reason()).isEqualTo(ErrorReason.ERROR_REASON_MOVED);
        assertThat(node.lastHeartbeat().getState()).isEqualTo(ReplicaState.REPLICA_STATE_DRAINED);
        assertThat(Shards.of(node.lastHeartbeat().getServing(), 1024)).isEqualTo(Shards.NONE);
    }
}
