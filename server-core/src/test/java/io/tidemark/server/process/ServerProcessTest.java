// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.google.common.util.concurrent.ListenableFuture;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {

    private static final ServerRole ONLY_TOOLS = opening -> opening.openClientPort(List.of());

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    @Test
    void shouldBeReadyBetweenStartAndClose() {
        ServerProcess process = ServerProcess.start("node", config(0), ONLY_TOOLS);
        assertThat(process.readiness().reasonsWhyNot()).isEmpty();

        process.readiness().check("store", () -> Optional.of("disk is full"));
        assertThat(process.readiness().reasonsWhyNot()).containsEntry("store", "disk is full");

        process.close();
        process.close();
        assertThat(process.readiness().reasonsWhyNot()).containsEntry("process", "stopping");
    }

    /** A directory in the way of their draft stands for a full disk. */
    @Test
    void shouldGoOnWithoutRoomForItsPorts() throws IOException {
        Files.createDirectories(directory.resolve("data/ports.draft"));

        ServerProcess process = ServerProcess.start("node", config(0), ONLY_TOOLS);

        assertThat(process.readiness().reasonsWhyNot()).isEmpty();
        assertThat(process.failure()).isNotDone();
        assertThat(directory.resolve("data/ports")).doesNotExist();
        process.close();
    }

    @Test
    void shouldLeaveNothingOpenWhenItCannotStart() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            assertThatThrownBy(() -> ServerProcess.start("node", config(taken.getLocalPort()), ONLY_TOOLS))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("http.port " + taken.getLocalPort());
        }

        ServerProcess.start("node", config(0), ONLY_TOOLS).close();
    }

    @Test
    void shouldSayThatAHostHasNoAddress() {
        ServerConfig config = config("nosuch.invalid", 0, Duration.ofSeconds(1));

        assertThatThrownBy(() -> ServerProcess.start("node", config, ONLY_TOOLS))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("host nosuch.invalid has no address");
    }

    @Test
    void shouldTakeItsPortsFileAwayWhenItStops() {
        ServerProcess process = ServerProcess.start("node", config(0), ONLY_TOOLS);
        assertThat(directory.resolve("data/ports")).exists();

        process.close();

        assertThat(directory.resolve("data/ports")).doesNotExist();
    }

    @Test
    void shouldNotWaitForHealthWatchersWhenItStops() throws Exception {
        ServerConfig patient = config("127.0.0.1", 0, Duration.ofMinutes(10));
        ServerProcess process = ServerProcess.start("node", patient, ONLY_TOOLS);
        ManagedChannel channel = channel("client");
        try {
            var statuses = HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
            assertThat(statuses.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);

            assertTimeoutPreemptively(Duration.ofSeconds(30), process::close);

            assertThat(statuses.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void shouldAnswerTheCallsUnderWayBeforeItStops() throws Exception {
        CompletableFuture<StreamObserver<GetResponse>> called = new CompletableFuture<>();
        BindableService slow = new KeyValueGrpc.KeyValueImplBase() {
            @Override
            public void get(GetRequest request, StreamObserver<GetResponse> caller) {
                called.complete(caller);
            }
        };
        ServerConfig patient = config("127.0.0.1", 0, Duration.ofMinutes(10));
        CountDownLatch draining = new CountDownLatch(1);
        ServerProcess process = ServerProcess.start("node", patient, opening -> {
            opening.openClientPort(List.of(slow));
            opening.onDrain(draining::countDown);
        });
        ManagedChannel channel = channel("client");
        try {
            ListenableFuture<GetResponse> answer =
                    KeyValueGrpc.newFutureStub(channel).get(GetRequest.getDefaultInstance());
            StreamObserver<GetResponse> caller = called.get(30, TimeUnit.SECONDS);

            CompletableFuture<Void> closed = CompletableFuture.runAsync(process::close);
            assertThat(draining.await(30, TimeUnit.SECONDS)).isTrue();
            assertThat(answer.isDone()).isFalse();
            caller.onNext(GetResponse.getDefaultInstance());
            caller.onCompleted();

            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(GetResponse.getDefaultInstance());
            closed.get(30, TimeUnit.SECONDS);
        } finally {
            channel.shutdownNow();
            process.close();
        }
    }

    @Test
    void shouldAnswerHealthBesideHalfSentRequests() throws Exception {
        try (ServerProcess process = ServerProcess.start("node", config(0), ONLY_TOOLS)) {
            assertThat(process.readiness().reasonsWhyNot()).isEmpty();
            int port = port("http");
            List<Socket> halfSent = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                socket.getOutputStream().write('G');
                halfSent.add(socket);
            }

            int status = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/healthz"))
                                    .timeout(Duration.ofSeconds(30))
                                    .build(),
                            HttpResponse.BodyHandlers.discarding())
                    .statusCode();

            assertThat(status).isEqualTo(200);
            for (Socket socket : halfSent) {
                socket.close();
            }
        }
    }

    @Test
    void shouldServeBothPortsBeforeItIsReadyAndSayWhatReadinessSays() throws Exception {
        AtomicReference<Optional<String>> reason = new AtomicReference<>(Optional.of("no leader"));
        AtomicInteger internal = new AtomicInteger();
        try (ServerProcess process = ServerProcess.start("node", config(0), opening -> {
            internal.set(opening.openInternalPort(List.of()));
            opening.openClientPort(List.of());
            opening.readiness().check("consensus", reason::get);
        })) {
            ManagedChannel channel = channel(internal.get());
            try {
                var statuses = HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
                assertThat(statuses.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
                assertThat(process.readiness().reasonsWhyNot()).containsEntry("consensus", "no leader");
                assertThat(directory.resolve("data/ports")).doesNotExist();

                reason.set(Optional.empty());

                assertThat(statuses.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
                reason.set(Optional.of("no leader again"));
                assertThat(statuses.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
                // Written when it was ready for the first time, and there until it stops.
                assertThat(port("internal")).isEqualTo(internal.get());
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void shouldStopInTheOrderThatItSays() {
        List<String> order = new ArrayList<>();
        ServerProcess process = ServerProcess.start("node", config(0), opening -> {
            opening.onClose(() -> order.add("store"));
            opening.onClose(() -> order.add("consensus"));
            opening.onDrain(() -> order.add("watches"));
            opening.openClientPort(List.of());
        });

        process.close();

        assertThat(order).containsExactly("watches", "consensus", "store");
    }

    @Test
    void shouldCloseWhatARoleOpenedThatFails() {
        List<String> closed = new ArrayList<>();

        assertThatThrownBy(() -> ServerProcess.start("node", config(0), opening -> {
                    opening.onClose(() -> closed.add("store"));
                    opening.openClientPort(List.of());
                    throw new StartException("no");
                }))
                .hasMessage("no");

        assertThat(closed).containsExactly("store");
        ServerProcess.start("node", config(0), ONLY_TOOLS).close();
    }

    @Test
    void shouldEndWithTheReasonOfItsRole() {
        CompletableFuture<Opening> role = new CompletableFuture<>();
        try (ServerProcess process = ServerProcess.start("node", config(0), role::complete)) {
            assertThat(process.failure()).isNotDone();

            role.join().fail(new StartException("wiped"));

            assertThat(process.failure()).isCompletedExceptionally();
        }
    }

    @Test
    void shouldTellOverHttpWhyItIsNotReadyAndHowStaleItIs() throws Exception {
        AtomicReference<Optional<Duration>> staleness = new AtomicReference<>(Optional.empty());
        try (ServerProcess process = ServerProcess.start("node", config(0), opening -> {
            opening.tellStaleness(staleness::get);
            opening.openClientPort(List.of());
        })) {
            assertThat(get("/readyz").body()).isEqualTo("{\"ready\":true,\"reasons\":{},\"staleness_seconds\":null}\n");

            process.readiness().check("store", () -> Optional.of("disk \"a\" is full"));
            staleness.set(Optional.of(Duration.ofMillis(250)));

            HttpResponse<String> answer = get("/readyz");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.body())
                    .isEqualTo("{\"ready\":false,\"reasons\":{\"store\":\"disk \\\"a\\\" is full\"},"
                            + "\"staleness_seconds\":0.25}\n");
        }
    }

    @Test
    void shouldRefuseHeadersThatAreTooLarge() throws Exception {
        try (ServerProcess process = ServerProcess.start("node", config(0), ONLY_TOOLS)) {
            assertThat(process.failure()).isNotDone();
            Metadata large = new Metadata();
            large.put(Metadata.Key.of("large", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(32 << 10));
            ManagedChannel channel = channel("client");
            try {
                assertThatThrownBy(() -> HealthGrpc.newBlockingStub(channel)
                                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(large))
                                .check(HealthCheckRequest.getDefaultInstance()))
                        .isInstanceOf(StatusRuntimeException.class);
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void shouldExposeExactlyTheMetricsThatAreDocumented() throws Exception {
        Set<String> documented = Files.readAllLines(Path.of("..", "docs", "metrics.md")).stream()
                .takeWhile(line -> !line.startsWith("## Every node"))
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .collect(Collectors.toCollection(TreeSet::new));
        try (ServerProcess process = ServerProcess.start("node", config(0), ONLY_TOOLS)) {
            assertThat(process.failure()).isNotDone();
            ManagedChannel channel = channel("client");
            try {
                assertThatThrownBy(() -> HealthGrpc.newBlockingStub(channel)
                                .check(HealthCheckRequest.newBuilder()
                                        .setService("none")
                                        .build()))
                        .isInstanceOf(StatusRuntimeException.class);
            } finally {
                channel.shutdownNow();
            }
            Pattern type = Pattern.compile("# TYPE (\\S+) .*");

            Set<String> exposed = get("/metrics")
                    .body()
                    .lines()
                    .map(type::matcher)
                    .filter(Matcher::matches)
                    .map(matcher -> matcher.group(1))
                    // Depends on the collector and on whether there has been a collection.
                    .filter(name -> !name.startsWith("jvm_gc_"))
                    .collect(Collectors.toCollection(TreeSet::new));

            assertThat(exposed).as("docs/metrics.md lists them").isEqualTo(documented);
        }
    }

    private HttpResponse<String> get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port("http") + path))
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private ManagedChannel channel(String name) throws IOException {
        return channel(port(name));
    }

    private static ManagedChannel channel(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    private int port(String name) throws IOException {
        return Files.readAllLines(directory.resolve("data/ports")).stream()
                .filter(line -> line.startsWith(name + "="))
                .mapToInt(line -> Integer.parseInt(line.substring(name.length() + 1)))
                .findAny()
                .orElseThrow();
    }

    private ServerConfig config(int httpPort) {
        return config("127.0.0.1", httpPort, Duration.ofSeconds(1));
    }

    private ServerConfig config(String host, int httpPort, Duration grace) {
        return new ServerConfig(
                "n1",
                "",
                directory.resolve("data"),
                host,
                host,
                PortConfig.client(0),
                PortConfig.internal(0),
                httpPort,
                grace,
                false);
    }
}
