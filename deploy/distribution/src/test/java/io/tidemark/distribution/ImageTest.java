// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.rest.server.Sidecar;
import io.tidemark.testkit.LocalCluster;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** {@code deploy/image}, as far as it can be tried without an engine for containers. */
@Timeout(120)
class ImageTest {

    private static final Path IMAGE = SourceTree.DEPLOY.resolve("image");

    @Test
    void shouldExposeThePortsOfEveryRole() {
        Set<Integer> ports = new TreeSet<>();
        for (String role : List.of("node", "replica")) {
            ports.addAll(ServerOptions.read(role, Optional.of(file(role)), Map.of(), List.of())
                    .ports()
                    .values());
        }
        ports.addAll(SidecarOptions.read(Optional.of(file(SidecarOptions.ROLE)), Map.of(), List.of())
                .ports()
                .values());

        String exposed = SourceTree.read(IMAGE.resolve("Dockerfile"))
                .lines()
                .filter(line -> line.startsWith("EXPOSE "))
                .findFirst()
                .orElseThrow();
        assertThat(Arrays.stream(exposed.substring("EXPOSE ".length()).split(" ", -1))
                        .map(Integer::valueOf))
                .containsExactlyElementsOf(ports);
    }

    /** In HTTP of its own, which each of the two servers of HTTP must understand. */
    @Test
    void shouldTellTheHealthOfASidecar() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().start();
                Sidecar sidecar = Sidecar.start(SidecarOptions.read(
                                Optional.empty(),
                                Map.of(),
                                List.of(
                                        "--cluster.endpoints=" + String.join(",", cluster.endpoints()),
                                        "--rest.port=0",
                                        "--http.port=0"))
                        .config())) {
            assertThat(healthcheck(sidecar.httpPort(), "/healthz").outputIfWell())
                    .isEqualTo("{\"alive\":true}\n");
            assertThat(healthcheck(sidecar.httpPort(), "/readyz").outputIfWell())
                    .startsWith("{\"ready\":true,");

            cluster.stop("n1", "r1");
            Program.Outcome notReady = healthcheck(sidecar.httpPort(), "/readyz");
            assertThat(notReady.exitCode()).isOne();
            assertThat(notReady.output()).contains("\"status\":503");
            assertThat(healthcheck(sidecar.httpPort(), "/healthz").exitCode()).isZero();
        }
    }

    private static Program.Outcome healthcheck(int port, String path) throws Exception {
        return Program.orSkip("env")
                .run(
                        "TIDEMARK_HTTP_PORT=" + port,
                        // As long as HEALTHCHECK gives it.
                        "timeout",
                        "3",
                        "bash",
                        IMAGE.resolve("healthcheck").toString(),
                        path);
    }

    private static Path file(String role) {
        return SourceTree.DEPLOY.resolve("conf").resolve(role + ".yaml");
    }
}
