// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.consensus.Consensus;
import io.tidemark.node.consensus.ConsensusOptions;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.StartMode;
import io.tidemark.node.sweep.SweepOptions;
import io.tidemark.node.sweep.Sweeper;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.forward.Origins;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A node as far as writing goes: consensus, store, write path, sweeper, and an internal port that takes forwarded writes. */
final class WritingNode implements AutoCloseable {

    static final ValueForms FORMS = (bytes, contentType, form) -> {
        if (form == ValueForm.VALUE_FORM_JSON) {
            throw ErrorStatus.of(ErrorReason.ERROR_REASON_VALUE_FORM_UNAVAILABLE, "no JSON here")
                    .toException();
        }
        Value.Builder value = Value.newBuilder().setContentType(contentType);
        return form == ValueForm.VALUE_FORM_TEXT
                ? value.setTextBytes(bytes).build()
                : value.setBytes(bytes).build();
    };

    private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(2);
    private final Channels channels;
    private final Server server;
    private final Consensus consensus;
    private final NodeWrites writes;

    WritingNode(Member self, List<Member> members, Path directory, StoreBirth birth, NodeWriteOptions options)
            throws IOException {
        ConsensusLeadership leadership = new ConsensusLeadership(self.id());
        consensus = Consensus.start(
                new ConsensusOptions(
                        directory,
                        "test",
                        self,
                        StoreOptions.defaults(),
                        Duration.ofMillis(600),
                        Duration.ofMillis(1200),
                        1000,
                        64 << 20,
                        20,
                        1 << 20),
                new StartMode.Bootstrap(members, birth),
                leadership);
        Timers timers = this::after;
        channels = new Channels(InsecureChannelCredentials.create(), Ticker.system(), 8 << 20, List.of());
        WritePath path = new WritePath(
                consensus::propose,
                WriteLimits.defaults(),
                Ticker.system(),
                Moment::wallNanos,
                () -> store().transitionVersion(),
                executor);
        Sweeper sweeper = new Sweeper(
                this::store,
                path,
                leadership,
                new SweepOptions(Duration.ofMillis(50), 100, 10_000),
                Ticker.system(),
                timers,
                executor);
        writes = new NodeWrites(
                self.id(),
                this::store,
                leadership,
                path,
                new Forwarder(self.id(), channels),
                FORMS,
                headers(self.id()),
                options,
                directory.toFile()::getUsableSpace,
                Ticker.system(),
                timers,
                () -> ThreadLocalRandom.current().nextDouble(),
                sweeper::tableDropped);
        server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), port(self.internalAddress())),
                        InsecureServerCredentials.create())
                .directExecutor()
                .addService(ServerInterceptors.intercept(new Service(writes), new Origins()))
                .build()
                .start();
        leadership.of(consensus);
    }

    static AnswerHeaders headers(String id) {
        return (store, readIndex, readTime) -> {
            ResponseHeader.Builder header = ResponseHeader.newBuilder()
                    .setHistoryId(store.history().text())
                    .setServedBy(id)
                    .setAppliedIndex(store.appliedIndex())
                    .setReadIndex(readIndex);
            return header(header, readTime);
        };
    }

    private static ResponseHeader header(ResponseHeader.Builder header, @Nullable LogTime readTime) {
        return readTime == null
                ? header.build()
                : header.setReadTime(readTime.toTimestamp()).build();
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    private Timers.Pending after(Duration delay, Runnable call) {
        ScheduledFuture<?> scheduled = executor.schedule(call, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> scheduled.cancel(false);
    }

    Consensus consensus() {
        return consensus;
    }

    NodeWrites writes() {
        return writes;
    }

    Store store() {
        return consensus
                .store()
                .orElseThrow(
                        () -> Status.UNAVAILABLE.withDescription("no store").asRuntimeException());
    }

    @Override
    public void close() {
        server.shutdownNow();
        channels.close();
        consensus.close();
        executor.shutdownNow();
    }

    /** The writes of {@code KeyValue}, with nothing around them. */
    private static final class Service extends KeyValueGrpc.KeyValueImplBase {
        private final NodeWrites writes;

        Service(NodeWrites writes) {
            this.writes = writes;
        }

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> answer) {
            give(answer, writes.put(request));
        }

        @Override
        public void commit(CommitRequest request, StreamObserver<CommitResponse> answer) {
            give(answer, writes.commit(request));
        }

        @Override
        public void batchWrite(BatchWriteRequest request, StreamObserver<BatchWriteResponse> answer) {
            give(answer, writes.batchWrite(request));
        }

        private static <A> void give(StreamObserver<A> answer, CompletableFuture<A> result) {
            CompletableFuture<A> unused = result.whenComplete((value, failure) -> {
                if (failure != null) {
                    answer.onError(failure);
                } else {
                    answer.onNext(value);
                    answer.onCompleted();
                }
            });
        }
    }
}
