// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import io.grpc.ChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.BirthGrpc;
import io.tidemark.proto.v1.ExchangeBirthRequest;
import io.tidemark.proto.v1.ExchangeBirthResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Over gRPC, with a channel for each address. Thread-safe. */
public final class GrpcBirthTransport implements BirthTransport {

    /** Bounds a round, and with it how old what a round brought can be. */
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
    private final ChannelCredentials credentials;

    public GrpcBirthTransport(ChannelCredentials credentials) {
        this.credentials = credentials;
    }

    @Override
    public CompletableFuture<ExchangeBirthResponse> ask(String address, ExchangeBirthRequest request) {
        ManagedChannel channel = channels.computeIfAbsent(
                address,
                a -> NettyChannelBuilder.forTarget(a, credentials)
                        .directExecutor()
                        .build());
        // Whoever starts later is found by the next round, not by this channel's growing patience.
        channel.resetConnectBackoff();
        CompletableFuture<ExchangeBirthResponse> answered = new CompletableFuture<>();
        BirthGrpc.newStub(channel)
                .withDeadlineAfter(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                .exchangeBirth(request, new StreamObserver<>() {
                    @Override
                    public void onNext(ExchangeBirthResponse answer) {
                        answered.complete(answer);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        answered.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {
                        answered.completeExceptionally(new IllegalStateException("an empty answer"));
                    }
                });
        return answered;
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
