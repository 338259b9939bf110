// SPDX-License-Identifier: Apache-2.0
package io.tidemark.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.tidemark.bench.Connection;
import io.tidemark.bench.Consistency;
import io.tidemark.bench.Endpoint;
import io.tidemark.bench.Kind;
import io.tidemark.bench.Load;
import io.tidemark.bench.Plan;
import io.tidemark.bench.Result;
import io.tidemark.bench.SdkConnection;
import io.tidemark.bench.StubConnection;
import io.tidemark.bench.TidemarkConnection;
import io.tidemark.bench.etcd.proto.KVGrpc;
import io.tidemark.bench.etcd.proto.KeyValue;
import io.tidemark.bench.etcd.proto.PutRequest;
import io.tidemark.bench.etcd.proto.PutResponse;
import io.tidemark.bench.etcd.proto.RangeRequest;
import io.tidemark.bench.etcd.proto.RangeResponse;
import io.tidemark.testkit.TidemarkCluster;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each client does what it is asked, and counts for what it does. */
@Timeout(120)
class ConnectionsTest {

    private static final Plan.RowShape ROWS = new Plan.RowShape(50, 16, 32, Plan.Distribution.UNIFORM);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @RegisterExtension
    static final TidemarkCluster cluster =
            TidemarkCluster.builder().nodes(1).replicas(1).build();

    @Test
    void shouldLoadTidemarkByItsSdk() throws Exception {
        List<Endpoint> nodes = List.of(Endpoint.parse(cluster.endpoint("n1")));
        for (boolean batching : List.of(true, false)) {
            SdkConnection.Options options = new SdkConnection.Options(
                    "bench", Consistency.SESSION, Duration.ofSeconds(5), batching, batching, TIMEOUT);
            try (SdkConnection connection = SdkConnection.open(nodes, options)) {
                Load load = new Load(List.of(connection), List.of());
                load.preload(ROWS);

                assertWorked(load.run(Plan.puts(ROWS, 8, Duration.ZERO, SHORT), progress -> {}), Kind.PUT);
                assertWorked(load.run(Plan.gets(ROWS, 8, Duration.ZERO, SHORT), progress -> {}), Kind.GET);
                assertWorked(
                        Load.runBlocking(
                                Plan.gets(ROWS, 1, Duration.ZERO, SHORT), List.of(connection.blocking()), List.of()),
                        Kind.GET);
            }
        }
    }

    @Test
    void shouldLoadTidemarkByTheBareStub() throws Exception {
        TidemarkConnection.Options options =
                new TidemarkConnection.Options("bench", Consistency.BOUNDED, Duration.ofSeconds(5), false, TIMEOUT);
        try (StubConnection connection = StubConnection.open(Endpoint.parse(cluster.endpoint("r1")), options)) {
            for (long number = 0; number < ROWS.keys(); number++) {
                connection.put(String.format("%016d", number), ByteString.EMPTY);
            }
            cluster.awaitApplied();

            Result result = Load.runBlocking(Plan.gets(ROWS, 2, Duration.ZERO, SHORT), List.of(connection), List.of());

            assertThat(result.failed()).isZero();
            assertThat(result.calls()).isPositive();
        }
    }

    @Test
    void shouldLoadEtcdByJetcd() throws Exception {
        try (FakeEtcd etcd = new FakeEtcd();
                Connection connection = JetcdConnection.open(etcd.endpoint())) {
            Load load = new Load(List.of(connection), List.of());
            load.preload(ROWS);

            assertWorked(load.run(Plan.gets(ROWS, 8, Duration.ZERO, SHORT), progress -> {}), Kind.GET);
            assertThat(etcd.ranges).isNotEmpty().allMatch(RangeRequest::getSerializable);
            assertThat(etcd.rows).hasSize(50);
        }
    }

    private static void assertWorked(Result result, Kind kind) {
        assertThat(result.errors()).isEmpty();
        assertThat(result.absent()).isZero();
        assertThat(result.latencies()).containsOnlyKeys(kind);
        assertThat(result.clientAllocatedPerCall()).isPositive();
    }

    /** As much of etcd as gets and puts take. */
    private static final class FakeEtcd extends KVGrpc.KVImplBase implements AutoCloseable {
        private final Map<ByteString, ByteString> rows = new ConcurrentHashMap<>();
        private final List<RangeRequest> ranges = new CopyOnWriteArrayList<>();
        private final Server server;

        FakeEtcd() throws java.io.IOException {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .addService(this)
                    .build()
                    .start();
        }

        Endpoint endpoint() {
            return new Endpoint("127.0.0.1", server.getPort());
        }

        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> observer) {
            rows.put(request.getKey(), request.getValue());
            observer.onNext(PutResponse.getDefaultInstance());
            observer.onCompleted();
        }

        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
            ranges.add(request);
            List<KeyValue> found = new ArrayList<>();
            ByteString value = rows.get(request.getKey());
            if (value != null) {
                found.add(KeyValue.newBuilder()
                        .setKey(request.getKey())
                        .setValue(value)
                        .build());
            }
            observer.onNext(RangeResponse.newBuilder()
                    .addAllKvs(found)
                    .setCount(found.size())
                    .build());
            observer.onCompleted();
        }

        @Override
        public void close() {
            Server unused = server.shutdownNow();
        }
    }
}
