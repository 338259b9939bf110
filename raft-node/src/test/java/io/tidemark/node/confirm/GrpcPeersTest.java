// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Context;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.node.consensus.Member;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.ReplicationGrpc;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.time.Ticker;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GrpcPeersTest {

    private static final Duration WITHIN = Duration.ofSeconds(30);

    /** A round is begun by one read for many: it outlives the call of the one. */
    @Test
    void shouldAskOnWhenTheCallThatAskedHasEnded() throws Exception {
        CompletableFuture<StreamObserver<ConfirmTermResponse>> asked = new CompletableFuture<>();
        Server server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .addService(new ReplicationGrpc.ReplicationImplBase() {
                    @Override
                    public void confirmTerm(ConfirmTermRequest request, StreamObserver<ConfirmTermResponse> to) {
                        asked.complete(to);
                    }
                })
                .build()
                .start();
        try (Channels channels =
                new Channels(InsecureChannelCredentials.create(), Ticker.system(), 1 << 20, List.of())) {
            String address = "127.0.0.1:" + server.getPort();
            Member peer = new Member("n2", address, address, address);
            Context.CancellableContext call = Context.current().withCancellation();
            CompletableFuture<ConfirmTermResponse> answer = call.call(
                    () -> new GrpcPeers(channels).confirmTerm(peer, ConfirmTermRequest.getDefaultInstance(), WITHIN));

            StreamObserver<ConfirmTermResponse> to = asked.get(30, TimeUnit.SECONDS);
            call.cancel(null);
            to.onNext(ConfirmTermResponse.newBuilder().setTerm(7).build());
            to.onCompleted();

            assertThat(answer.get(30, TimeUnit.SECONDS).getTerm()).isEqualTo(7);
        } finally {
            server.shutdownNow();
        }
    }
}
