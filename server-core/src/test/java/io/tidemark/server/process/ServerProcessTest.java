// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    @Test
    void shouldBeReadyBetweenStartAndClose() {
        ServerProcess process = ServerProcess.start("node", config(0), List.of());
        assertThat(process.readiness().reasonsWhyNot()).isEmpty();

        process.readiness().check("store", () -> Optional.of("disk is full"));
        assertThat(process.readiness().reasonsWhyNot()).containsEntry("store", "disk is full");

        process.close();
        process.close();
        assertThat(process.readiness().reasonsWhyNot()).containsEntry("process", "stopping");
    }

    @Test
    void shouldLeaveNothingOpenWhenItCannotStart() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            assertThatThrownBy(() -> ServerProcess.start("node", config(taken.getLocalPort()), List.of()))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("http.port " + taken.getLocalPort());
        }

        ServerProcess.start("node", config(0), List.of()).close();
    }

    @Test
    void shouldSayThatAHostHasNoAddress() {
        ServerConfig config = new ServerConfig(
                "n1", directory, "nosuch.invalid", 0, 1 << 20, Duration.ofSeconds(10), 0, Duration.ofSeconds(1));

        assertThatThrownBy(() -> ServerProcess.start("node", config, List.of()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("host nosuch.invalid has no address");
    }

    @Test
    void shouldTakeItsPortsFileAwayWhenItStops() {
        ServerProcess process = ServerProcess.start("node", config(0), List.of());
        assertThat(directory.resolve("data/ports")).exists();

        process.close();

        assertThat(directory.resolve("data/ports")).doesNotExist();
    }

    @Test
    void shouldNotWaitForHealthWatchersWhenItStops() throws Exception {
        ServerConfig patient = new ServerConfig(
                "n1", directory, "127.0.0.1", 0, 1 << 20, Duration.ofSeconds(10), 0, Duration.ofMinutes(10));
        ServerProcess process = ServerProcess.start("node", patient, List.of());
        String port = Files.readAllLines(directory.resolve("ports")).get(0).substring("client=".length());
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", Integer.parseInt(port))
                .usePlaintext()
                .build();
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
    void shouldAnswerHealthBesideHalfSentRequests() throws Exception {
        try (ServerProcess process = ServerProcess.start("node", config(0), List.of())) {
            assertThat(process.readiness().reasonsWhyNot()).isEmpty();
            int port = Integer.parseInt(
                    Files.readAllLines(directory.resolve("data/ports")).get(1).substring("http=".length()));
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

    private ServerConfig config(int httpPort) {
        return new ServerConfig(
                "n1",
                directory.resolve("data"),
                "127.0.0.1",
                0,
                1 << 20,
                Duration.ofSeconds(10),
                httpPort,
                Duration.ofSeconds(1));
    }
}
