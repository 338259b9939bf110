// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
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
