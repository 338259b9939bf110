// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.bench.etcd.proto.KVGrpc;
import io.tidemark.bench.etcd.proto.KeyValue;
import io.tidemark.bench.etcd.proto.PutRequest;
import io.tidemark.bench.etcd.proto.PutResponse;
import io.tidemark.bench.etcd.proto.RangeRequest;
import io.tidemark.bench.etcd.proto.RangeResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The same load on the other system. {@code verify/peers} runs it on the real one. */
class EtcdConnectionTest {

    private static final Plan.RowShape ROWS = new Plan.RowShape(20, 16, 32, Plan.Distribution.UNIFORM);
    private static final Duration SHORT = Duration.ofMillis(200);

    private final Map<ByteString, ByteString> rows = new ConcurrentHashMap<>();
    private final List<RangeRequest> ranges = new CopyOnWriteArrayList<>();

    @SuppressWarnings("NullAway.Init") // before each test
    private Server server;

    @BeforeEach
    void start() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new KVGrpc.KVImplBase() {
                    @Override
                    public void put(PutRequest request, StreamObserver<PutResponse> observer) {
                        rows.put(request.getKey(), request.getValue());
                        observer.onNext(PutResponse.getDefaultInstance());
                        observer.onCompleted();
                    }

                    @Override
                    public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
                        ranges.add(request);
                        RangeResponse.Builder response = RangeResponse.newBuilder();
                        ByteString value = rows.get(request.getKey());
                        if (value != null) {
                            response.addKvs(KeyValue.newBuilder().setValue(value));
                        }
                        observer.onNext(response.build());
                        observer.onCompleted();
                    }
                })
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    @Test
    void shouldPutAndGetUnderTheSameLoop() throws Exception {
        try (EtcdConnection connection = open(Consistency.LINEARIZABLE)) {
            Load load = new Load(List.of(connection), List.of());
            load.preload(ROWS);
            Result result = load.run(Plan.gets(ROWS, 2, Duration.ZERO, SHORT), progress -> {});

            assertThat(rows).hasSize(20);
            assertThat(result.calls()).isPositive();
            assertThat(result.absent()).isZero();
            assertThat(ranges).noneMatch(RangeRequest::getSerializable);
        }
    }

    @Test
    void shouldReadEventuallyByALocalRead() throws Exception {
        try (EtcdConnection connection = open(Consistency.EVENTUAL)) {
            Result result = new Load(List.of(connection), List.of())
                    .run(Plan.gets(ROWS, 1, Duration.ZERO, SHORT), progress -> {});

            assertThat(result.absent()).isEqualTo(result.calls());
            assertThat(ranges).isNotEmpty().allMatch(RangeRequest::getSerializable);
        }
    }

    @Test
    void shouldRefuseWhatEtcdDoesNotHave() {
        assertThatThrownBy(() -> open(Consistency.BOUNDED)).hasMessageContaining("etcd has no such reads");
    }

    private EtcdConnection open(Consistency consistency) {
        return EtcdConnection.open(new Endpoint("127.0.0.1", server.getPort()), consistency, Duration.ofSeconds(10));
    }
}
