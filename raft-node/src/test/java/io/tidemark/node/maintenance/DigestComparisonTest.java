// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.DigestMismatch;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Node;
import io.tidemark.proto.v1.ServerMismatch;
import io.tidemark.proto.v1.ServerNotCompared;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.VerifyDepth;
import io.tidemark.proto.v1.VerifyDigestsRequest;
import io.tidemark.proto.v1.VerifyDigestsResponse;
import io.tidemark.server.call.FakeServerCall;
import io.tidemark.server.call.Workers;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.server.time.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The comparison over real connections to servers that answer as a test likes. */
class DigestComparisonTest {

    private final List<Server> servers = new ArrayList<>();
    private final Topology.Builder topology = Topology.newBuilder();
    private final Channels channels =
            new Channels(InsecureChannelCredentials.create(), Ticker.system(), 1 << 20, List.of());
    private final Workers workers = new Workers("comparing", 1, 1);
    private final DigestComparison comparison = new DigestComparison("n1", topology::build, channels, workers);

    @AfterEach
    void close() {
        workers.close();
        channels.close();
        servers.forEach(Server::shutdownNow);
    }

    @Test
    void shouldFindNothingWhereAllAreEqual() throws Exception {
        server("n1", 4096, "a");
        server("n2", 4096, "a");

        VerifyDigestsResponse last = compared();

        assertThat(last.getMismatchesList()).isEmpty();
        assertThat(last.getNotComparedList()).isEmpty();
        assertThat(last.getIndex()).isEqualTo(4096);
        assertThat(last.getServerIdsList()).containsExactly("n1", "n2");
    }

    @Test
    void shouldCompareAtAnIndexThatAllHave() throws Exception {
        server("n1", 8192, "a");
        server("n2", 4096, "a");

        assertThat(compared().getIndex()).isEqualTo(4096);
    }

    @Test
    void shouldNameWhoDiffersFromTheMajority() throws Exception {
        server("n1", 4096, "a");
        server("n2", 4096, "b");
        server("n3", 4096, "a");

        assertThat(compared().getMismatchesList())
                .containsExactly(ServerMismatch.newBuilder()
                        .setServerId("n2")
                        .setMismatch(DigestMismatch.newBuilder()
                                .setIndex(4096)
                                .setShard(7)
                                .addBuckets(1))
                        .build());
    }

    @Test
    void shouldNameBothWhereNobodyIsInTheMajority() throws Exception {
        server("n1", 4096, "a");
        server("n2", 4096, "b");

        assertThat(compared().getMismatchesList())
                .extracting(ServerMismatch::getServerId)
                .containsExactly("n1", "n2");
    }

    @Test
    void shouldCompareTheOthersWithoutWhoCannotBeReached() throws Exception {
        server("n1", 4096, "a");
        server("n2", 4096, "a");
        topology.addNodes(Node.newBuilder().setNodeId("n3").setInternalAddress("127.0.0.1:" + LoopbackPorts.next()));

        for (VerifyDepth depth : List.of(VerifyDepth.VERIFY_DEPTH_KEPT, VerifyDepth.VERIFY_DEPTH_DISK)) {
            VerifyDigestsResponse last = compared(depth);
            assertThat(last.getServerIdsList()).containsExactly("n1", "n2");
            assertThat(last.getNotComparedList()).singleElement().satisfies(absent -> {
                assertThat(absent.getServerId()).isEqualTo("n3");
                assertThat(absent.getWhy()).contains("UNAVAILABLE");
            });
        }
    }

    @Test
    void shouldWaitForWhoHasJustBegun() throws Exception {
        server("n1", 4096, "a");
        AtomicInteger asked = new AtomicInteger();
        serve("n2", request -> {
            if (asked.incrementAndGet() < 3) {
                throw ErrorStatus.of(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED, "none are kept yet")
                        .toException();
            }
            return digests(4096, "a");
        });

        VerifyDigestsResponse last = compared();

        assertThat(last.getServerIdsList()).containsExactly("n1", "n2");
        assertThat(last.getNotComparedList()).isEmpty();
    }

    @Test
    void shouldNotCompareDigestsOfAnotherVersion() throws Exception {
        server("n1", 4096, "a");
        serve("n2", asked -> digests(4096, "b").toBuilder().setDigestVersion(1).build());

        VerifyDigestsResponse last = compared();

        assertThat(last.getMismatchesList()).isEmpty();
        assertThat(last.getNotComparedList())
                .containsExactly(ServerNotCompared.newBuilder()
                        .setServerId("n2")
                        .setWhy("it keeps digests of version 1, others of 2")
                        .build());
    }

    @Test
    void shouldSayWhyNobodyCouldBeAsked() throws Exception {
        topology.addNodes(Node.newBuilder().setNodeId("n1").setInternalAddress("127.0.0.1:" + LoopbackPorts.next()));
        Caller caller = new Caller(null);

        comparison.compare(VerifyDepth.VERIFY_DEPTH_KEPT, caller);

        ErrorStatus told = ErrorStatus.from(caller.awaitFailure()).orElseThrow();
        assertThat(told.reason()).isEqualTo(ErrorReason.ERROR_REASON_STOPPING);
        assertThat(told.message()).contains("n1");
    }

    /** Who has read the end of one comparison may ask for the next at once. */
    @Test
    void shouldBeFreeAgainBeforeTheCallerIsTold() throws Exception {
        server("n1", 4096, "a");
        Caller second = new Caller(null);
        Caller first = new Caller(() -> comparison.compare(VerifyDepth.VERIFY_DEPTH_KEPT, second));

        comparison.compare(VerifyDepth.VERIFY_DEPTH_KEPT, first);

        assertThat(first.awaitLast().getIndex()).isEqualTo(4096);
        assertThat(second.awaitLast().getIndex()).isEqualTo(4096);
    }

    private VerifyDigestsResponse compared() throws Exception {
        return compared(VerifyDepth.VERIFY_DEPTH_KEPT);
    }

    private VerifyDigestsResponse compared(VerifyDepth depth) throws Exception {
        Caller caller = new Caller(null);
        comparison.compare(depth, caller);
        return caller.awaitLast();
    }

    /** Keeps digests of every index up to the newest. */
    private void server(String id, long newest, String content) throws IOException {
        serve(id, asked -> digests(asked.hasIndex() ? asked.getIndex() : newest, content));
    }

    private static GetDigestsResponse digests(long index, String content) {
        return GetDigestsResponse.newBuilder()
                .setIndex(index)
                .setDigestVersion(2)
                .addDigests(ShardDigest.newBuilder()
                        .setShard(7)
                        .setDigest(ByteString.copyFromUtf8(content))
                        .addBucketDigests(ByteString.copyFromUtf8("same"))
                        .addBucketDigests(ByteString.copyFromUtf8(content)))
                .build();
    }

    private void serve(String id, Function<GetDigestsRequest, GetDigestsResponse> kept) throws IOException {
        Server server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .addService(new MaintenanceGrpc.MaintenanceImplBase() {
                    @Override
                    public void getDigests(GetDigestsRequest request, StreamObserver<GetDigestsResponse> caller) {
                        try {
                            caller.onNext(kept.apply(request));
                            caller.onCompleted();
                        } catch (StatusRuntimeException refused) {
                            caller.onError(refused);
                        }
                    }

                    @Override
                    public void verifyDigests(
                            VerifyDigestsRequest request, StreamObserver<VerifyDigestsResponse> caller) {
                        caller.onNext(VerifyDigestsResponse.newBuilder()
                                .addServerIds(id)
                                .build());
                        caller.onCompleted();
                    }
                })
                .build()
                .start();
        servers.add(server);
        topology.addNodes(Node.newBuilder().setNodeId(id).setInternalAddress("127.0.0.1:" + server.getPort()));
    }

    /** Takes every message, and hands out the last one. */
    private static final class Caller extends FakeServerCall<VerifyDigestsResponse> {

        private final @Nullable Runnable atTheEnd;
        private final BlockingQueue<Object> end = new LinkedBlockingQueue<>();

        Caller(@Nullable Runnable atTheEnd) {
            this.atTheEnd = atTheEnd;
        }

        VerifyDigestsResponse awaitLast() throws InterruptedException {
            return (VerifyDigestsResponse) awaitEnd();
        }

        Throwable awaitFailure() throws InterruptedException {
            return (Throwable) awaitEnd();
        }

        private Object awaitEnd() throws InterruptedException {
            Object last = end.poll(60, TimeUnit.SECONDS);
            assertThat(last).as("the end of the comparison").isNotNull();
            return last;
        }

        @Override
        public void onError(Throwable failure) {
            super.onError(failure);
            end.add(failure);
        }

        @Override
        public void onCompleted() {
            super.onCompleted();
            try {
                if (atTheEnd != null) {
                    atTheEnd.run();
                }
                end.add(last());
            } catch (RuntimeException e) {
                end.add(e);
            }
        }
    }
}
