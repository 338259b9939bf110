// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Row;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.server.time.Ticker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ForwarderTest {

    private static final Duration LONG = Duration.ofSeconds(20);

    private final Channels channels =
            new Channels(InsecureChannelCredentials.create(), Ticker.system(), 1 << 20, List.of());
    private final Forwarder forwarder = new Forwarder("n1", channels);
    private final AtomicReference<@Nullable Origin> arrived = new AtomicReference<>();
    private @Nullable Server server;

    @AfterEach
    void close() {
        channels.close();
        stopServer();
    }

    @Test
    void answersComeBackAndTheOriginTravels() throws Exception {
        String address = serve(answer -> {
            answer.onNext(GetResponse.newBuilder()
                    .setRow(Row.newBuilder().setKey("k"))
                    .build());
            answer.onCompleted();
        });

        Origin origin = new Origin(1, "r7", "alice");
        ForwardOutcome<GetResponse> outcome = origin.in(Context.current()).call(() -> get(address, LONG));

        GetResponse answer =
                GetResponse.newBuilder().setRow(Row.newBuilder().setKey("k")).build();
        assertThat(outcome).isEqualTo(new ForwardOutcome.Answered<>(answer));
        assertThat(arrived.get()).isEqualTo(new Origin(2, "r7,n1", "alice"));
    }

    @Test
    void theClientPortHonoursNoOrigin() throws Exception {
        String address = serve(0, List.of(), answer -> {
            answer.onNext(GetResponse.getDefaultInstance());
            answer.onCompleted();
        });
        Origin origin = new Origin(1, "r7", "alice");
        origin.in(Context.current()).call(() -> get(address, LONG));
        assertThat(arrived.get()).isEqualTo(Origin.CLIENT);
    }

    @Test
    void hopsThatCannotBeReadAreTheMost() {
        for (String text : new String[] {"x", "-1", "99999999999"}) {
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("tidemark-hops", Metadata.ASCII_STRING_MARSHALLER), text);
            assertThat(Origin.of(headers).mayBeForwarded()).isFalse();
        }
    }

    @Test
    void beyondTheLimitOfHopsNothingIsSent() throws Exception {
        String address = serve(answer -> answer.onCompleted());
        ForwardOutcome<GetResponse> outcome =
                new Origin(2, "r7,n2", null).in(Context.current()).call(() -> get(address, LONG));
        assertThat(refusal(outcome).reason()).isEqualTo(ErrorReason.ERROR_REASON_TOO_MANY_HOPS);
        assertThat(arrived.get()).isNull();
    }

    @Test
    void errorsOfOursPassUnchanged() throws Exception {
        ErrorStatus error = ErrorStatus.of(ErrorReason.ERROR_REASON_OVERLOADED, "too much")
                .withRetryDelay(Duration.ofMillis(70))
                .build();
        String address = serve(answer -> answer.onError(error.toException()));
        assertThat(refusal(get(address, LONG)).toProto()).isEqualTo(error.toProto());
    }

    @Test
    void otherErrorsLeaveTheOutcomeOpen() throws Exception {
        String address = serve(answer -> answer.onError(Status.UNAVAILABLE.asRuntimeException()));
        assertThat(get(address, LONG)).isInstanceOf(ForwardOutcome.Lost.class);
    }

    @Test
    void aServerThatNobodyReachesWasSentNothing() throws Exception {
        assertThat(get("127.0.0.1:" + LoopbackPorts.next(), LONG)).isInstanceOf(ForwardOutcome.NotSent.class);
    }

    @Test
    void aConnectionThatBreaksLeavesTheOutcomeOpen() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        String address = serve(answer -> received.countDown());
        ForwardedCall<GetResponse> call =
                forwarder.call(address, KeyValueGrpc.getGetMethod(), GetRequest.getDefaultInstance(), LONG);
        assertThat(received.await(20, TimeUnit.SECONDS)).isTrue();
        stopServer();
        assertThat(call.outcome().get(20, TimeUnit.SECONDS)).isInstanceOf(ForwardOutcome.Lost.class);
    }

    @Test
    void givingUpLeavesTheOutcomeOpenOnceSent() throws Exception {
        CountDownLatch received = new CountDownLatch(1);
        String address = serve(answer -> received.countDown());
        ForwardedCall<GetResponse> call =
                forwarder.call(address, KeyValueGrpc.getGetMethod(), GetRequest.getDefaultInstance(), LONG);
        assertThat(received.await(20, TimeUnit.SECONDS)).isTrue();
        call.cancel();
        assertThat(call.outcome().get(20, TimeUnit.SECONDS)).isInstanceOf(ForwardOutcome.Lost.class);
    }

    @Test
    void aDeadlineWithoutAnAnswerLeavesTheOutcomeOpen() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        String address = serve(answer -> {
            if (calls.incrementAndGet() == 1) {
                answer.onNext(GetResponse.getDefaultInstance());
                answer.onCompleted();
            }
        });
        // Connects, so that the second call's time is not spent on that.
        assertThat(get(address, LONG)).isInstanceOf(ForwardOutcome.Answered.class);
        assertThat(get(address, Duration.ofMillis(300))).isInstanceOf(ForwardOutcome.Lost.class);
    }

    @Test
    void aServerThatComesBackIsTriedAgainSoon() throws Exception {
        String address = serve(StreamObserver::onCompleted);
        int port = Integer.parseInt(address.substring(address.indexOf(':') + 1));
        stopServer();
        for (int i = 0; i < 5; i++) {
            get(address, LONG);
        }
        serve(port, List.of(new Origins()), answer -> {
            answer.onNext(GetResponse.getDefaultInstance());
            answer.onCompleted();
        });
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!(get(address, LONG) instanceof ForwardOutcome.Answered)) {
            assertThat(System.nanoTime()).as("still not connected").isLessThan(end);
            Thread.onSpinWait();
        }
    }

    private ForwardOutcome<GetResponse> get(String address, Duration timeout) throws Exception {
        return forwarder
                .call(address, KeyValueGrpc.getGetMethod(), GetRequest.getDefaultInstance(), timeout)
                .outcome()
                .get(20, TimeUnit.SECONDS);
    }

    private static ErrorStatus refusal(ForwardOutcome<GetResponse> outcome) {
        if (outcome instanceof ForwardOutcome.Refused<GetResponse> refused) {
            return refused.error();
        }
        throw new AssertionError("expected: an error of ours, not " + outcome);
    }

    private String serve(Consumer<StreamObserver<GetResponse>> behaviour) throws IOException {
        return serve(0, List.of(new Origins()), behaviour);
    }

    private String serve(int port, List<ServerInterceptor> origins, Consumer<StreamObserver<GetResponse>> behaviour)
            throws IOException {
        KeyValueGrpc.KeyValueImplBase service = new KeyValueGrpc.KeyValueImplBase() {
            @Override
            public void get(GetRequest request, StreamObserver<GetResponse> answer) {
                arrived.set(Origin.current());
                behaviour.accept(answer);
            }
        };
        Server started = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                        InsecureServerCredentials.create())
                .directExecutor()
                .addService(ServerInterceptors.intercept(service, origins))
                .build()
                .start();
        server = started;
        return "127.0.0.1:" + started.getPort();
    }

    private void stopServer() {
        Server running = server;
        if (running != null) {
            running.shutdownNow();
            try {
                assertThat(running.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
