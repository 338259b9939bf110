// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import static io.tidemark.server.watch.WatchedStore.put;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.FeedRequest;
import io.tidemark.proto.v1.FeedResponse;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.feed.core.FeedCounts;
import io.tidemark.server.feed.core.FeedOptions;
import io.tidemark.server.feed.core.ReadIndex;
import io.tidemark.server.time.SystemTimers;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.watch.WatchedStore;
import io.tidemark.store.Shards;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A subscriber that gives all the credit there is and takes nothing, over a real connection. */
@Timeout(120)
class SlowSubscriberTest {

    private static final int SHARDS = 16;
    private static final int ROWS = 24;
    private static final String VALUE = "v".repeat(256 << 10);

    /** What gRPC and both systems' sockets take of what nobody reads, the message that went beyond, and some more. */
    private static final long UNDER_WAY_MAX = 4 << 20;

    private final WatchedStore rig = new WatchedStore(WatchedStore.HISTORY, 1 << 20, SHARDS);
    private final SystemTimers timers = new SystemTimers("timers");
    private final ExecutorService workers = Executors.newFixedThreadPool(2);
    private final ExecutorService disk = Executors.newFixedThreadPool(2);
    private final Feeds feeds = new Feeds(
            "n1",
            () -> "c1",
            rig::store,
            () -> CompletableFuture.completedFuture(new ReadIndex(rig.store().appliedIndex(), 7)),
            Topology::getDefaultInstance,
            Subscribers.NONE,
            new FeedOptions(
                    10,
                    FeedOptions.defaults().messageBytes(),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(3),
                    4,
                    3,
                    Duration.ofMillis(50)),
            Ticker.system(),
            timers,
            workers,
            disk::execute);
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void open() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .directExecutor()
                .addService(new ReplicationGrpc.ReplicationImplBase() {
                    @Override
                    public StreamObserver<FeedRequest> feed(StreamObserver<FeedResponse> to) {
                        return feeds.feed(to);
                    }
                })
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() throws InterruptedException {
        channel.shutdownNow();
        server.shutdownNow();
        boolean unused = server.awaitTermination(10, TimeUnit.SECONDS);
        workers.shutdownNow();
        disk.shutdownNow();
        timers.close();
        rig.close();
    }

    private ClientCall<FeedRequest, FeedResponse> subscribe(String id, ClientCall.Listener<FeedResponse> listener) {
        ClientCall<FeedRequest, FeedResponse> call =
                channel.newCall(ReplicationGrpc.getFeedMethod(), CallOptions.DEFAULT);
        call.start(listener, new Metadata());
        call.sendMessage(FeedRequest.newBuilder()
                .setHello(FeedHello.newBuilder()
                        .setSubscriberId(id)
                        .setIncarnationId("i1")
                        .setDiskId("d1")
                        .setClusterId("c1")
                        .setHistoryId(WatchedStore.HISTORY.text())
                        .setAppliedIndex(rig.store().appliedIndex())
                        .setHeldShards(Shards.all(SHARDS).toProto())
                        .addFeedVersions(1)
                        .setInitialCreditBytes(Long.MAX_VALUE))
                .build());
        return call;
    }

    private void write() {
        for (int i = 0; i < ROWS; i++) {
            long unused = rig.commit(put("t", "k" + i, VALUE));
        }
    }

    private static void await(BooleanSupplier holds) {
        while (!holds.getAsBoolean()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Test
    void shouldHoldNothingForItAndHurtNobodyAndBeCutOff() {
        FeedCounts counts = feeds.counts();
        long first = rig.commit(put("t", "k", "v"));
        ClientCall<FeedRequest, FeedResponse> slow = subscribe("slow", new ClientCall.Listener<>() {});
        await(() -> counts.begun() == 1);

        write();
        await(() -> counts.roomStalls() > 0);
        write();

        AtomicLong through = new AtomicLong();
        ClientCall<?, ?>[] quick = new ClientCall<?, ?>[1];
        quick[0] = subscribe("quick", new ClientCall.Listener<>() {
            @Override
            public void onMessage(FeedResponse message) {
                through.accumulateAndGet(message.getThrough().getThroughIndex(), Math::max);
                quick[0].request(1);
            }
        });
        quick[0].request(1);
        long last = rig.commit(put("t", "k", "later"));
        await(() -> through.get() == last);

        await(() -> counts.ended(FeedCounts.End.TOO_SLOW) == 1);
        assertThat(counts.bytes()).as("of 12 MiB that were written").isLessThan(UNDER_WAY_MAX);
        assertThat(last).isEqualTo(first + 2L * ROWS + 1);
        assertThat(feeds.lagMax(last)).as("of the one that is left").isZero();
        slow.cancel("the test is over", null);
    }
}
