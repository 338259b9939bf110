// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.tidemark.server.process.DataDirectory;
import io.tidemark.server.process.StartException;
import io.tidemark.verify.faults.ClusterUnderTest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What every server process does, whatever its role. */
class ServerProcessIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldStartServeAndStopANode() throws Exception {
        startServeAndStop("node", servers.startNode("s1"));
    }

    @Test
    void shouldStartServeAndStopAReplica() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 1)) {
            startServeAndStop("replica", cluster.startReplica("s1"));
        }
    }

    private static void startServeAndStop(String role, ServerUnderTest server) throws Exception {
        server.awaitReady(TIMEOUT);

        server.awaitLogLine(
                Pattern.compile("ready role=" + role + " id=s1 client=127.0.0.1:" + server.clientPort()), TIMEOUT);
        assertThat(get(server, "/healthz").body()).isEqualTo("ok\n");
        assertThat(get(server, "/readyz").statusCode()).isEqualTo(200);
        assertThat(get(server, "/nonsense").statusCode()).isEqualTo(404);
        assertThat(health(server, 10)).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
        assertThat(reflectedServices(server))
                .contains("grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.channelz.v1.Channelz");

        assertThat(server.stop()).isZero();
        server.awaitLogLine(Pattern.compile("drained role=" + role), TIMEOUT);
    }

    @Test
    void shouldStartAgainOnItsDataAfterAKill() {
        ServerUnderTest node = servers.startNode("n1");
        node.awaitReady(TIMEOUT);
        node.kill();

        node.start();
        node.awaitReady(TIMEOUT);

        assertThat(health(node, 10)).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    void shouldStandStillWhilePaused() {
        ServerUnderTest node = servers.startNode("n1");
        node.awaitReady(TIMEOUT);

        node.pause();
        assertThatThrownBy(() -> health(node, 1))
                .isInstanceOf(StatusRuntimeException.class)
                .extracting(e -> ((StatusRuntimeException) e).getStatus().getCode())
                .isEqualTo(Status.Code.DEADLINE_EXCEEDED);

        node.resume();
        assertThat(health(node, 30)).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    void shouldRefuseADataDirectoryThatIsInUse() {
        ServerUnderTest first = servers.startNode("n1");
        first.awaitReady(TIMEOUT);

        ServerUnderTest second = servers.startNode("n2", "--data-dir=" + first.dataDir());

        assertThat(second.awaitEnd(TIMEOUT)).isEqualTo(2);
        assertThat(second.logLines())
                .singleElement()
                .asString()
                .contains("data directory " + first.dataDir() + " is in use by process " + first.pid());
        assertThat(health(first, 10)).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    }

    @Test
    void shouldStillBeRefusedADirectoryWhoseHolderRefusedAnotherInItsOwnProcess() throws Exception {
        Path path = servers.directory().resolve("held");
        try (DataDirectory held = DataDirectory.open(path)) {
            // Closing any descriptor of a locked file would drop this process's lock.
            assertThatThrownBy(() -> DataDirectory.open(path)).isInstanceOf(StartException.class);

            ServerUnderTest other = servers.startNode("n1", "--data-dir=" + held.path());

            assertThat(other.awaitEnd(TIMEOUT)).isEqualTo(2);
            assertThat(other.logLines())
                    .anyMatch(line -> line.contains(
                            "is in use by process " + ProcessHandle.current().pid()));
        }
    }

    @Test
    void shouldRefuseAPortThatIsTaken() {
        ServerUnderTest first = servers.startNode("n1");
        first.awaitReady(TIMEOUT);

        ServerUnderTest second = servers.startNode("n2", "--client.port=" + first.clientPort());

        assertThat(second.awaitEnd(TIMEOUT)).isEqualTo(2);
        assertThat(second.logLines())
                .singleElement()
                .asString()
                .contains("client.port " + first.clientPort() + " on 127.0.0.1 cannot be opened");
        assertThat(Files.exists(second.dataDir().resolve("ports"))).isFalse();
    }

    @Test
    void shouldNameEverythingThatIsWrongWithItsConfiguration() {
        ServerUnderTest node = servers.startNode("n1", "--client.prot=1", "--stop.grace=soon");

        assertThat(node.awaitEnd(TIMEOUT)).isEqualTo(2);
        assertThat(node.logLines())
                .anyMatch(line -> line.contains("unknown option 'client.prot' (did you mean client.port?)"))
                .anyMatch(line -> line.contains("stop.grace: 'soon' (expected: a duration"))
                .noneMatch(line -> line.contains("\tat "));
    }

    private static HttpResponse<String> get(ServerUnderTest server, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.httpPort() + path))
                                .timeout(TIMEOUT)
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static HealthCheckResponse.ServingStatus health(ServerUnderTest server, int seconds) {
        ManagedChannel channel = channel(server);
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(seconds, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
        } finally {
            channel.shutdownNow();
        }
    }

    private static List<String> reflectedServices(ServerUnderTest server) throws Exception {
        ManagedChannel channel = channel(server);
        CompletableFuture<List<String>> names = new CompletableFuture<>();
        try {
            StreamObserver<ServerReflectionRequest> requests = ServerReflectionGrpc.newStub(channel)
                    .serverReflectionInfo(new StreamObserver<>() {
                        @Override
                        public void onNext(ServerReflectionResponse response) {
                            names.complete(response.getListServicesResponse().getServiceList().stream()
                                    .map(ServiceResponse::getName)
                                    .toList());
                        }

                        @Override
                        public void onError(Throwable failure) {
                            names.completeExceptionally(failure);
                        }

                        @Override
                        public void onCompleted() {}
                    });
            requests.onNext(
                    ServerReflectionRequest.newBuilder().setListServices("").build());
            List<String> found = names.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
            requests.onCompleted();
            return found;
        } finally {
            channel.shutdownNow();
        }
    }

    private static ManagedChannel channel(ServerUnderTest server) {
        return NettyChannelBuilder.forAddress("127.0.0.1", server.clientPort())
                .usePlaintext()
                .build();
    }
}
