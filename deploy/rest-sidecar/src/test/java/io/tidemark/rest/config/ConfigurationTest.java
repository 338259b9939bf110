// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {

    @TempDir
    private Path directory;

    @Test
    void shouldLetFlagsWinOverTheEnvironmentAndThatOverTheFile() throws IOException {
        Path file = directory.resolve("sidecar.yaml");
        Files.writeString(file, """
                cluster: {endpoints: 'a:1,b:1'}
                rest: {port: 1, deadline: 250ms}
                cors.origins: [https://a.example, https://b.example]
                zone: 08
                """);

        SidecarConfig config = SidecarConfig.from(Configuration.load(
                SidecarConfig.OPTIONS,
                file,
                Map.of("TIDEMARK_REST_PORT", "2", "TIDEMARK_HTTP_PORT", "3", "TIDEMARK_JAVA_OPTS", "x", "HOME", "/"),
                List.of("--http.port=4")));

        assertThat(config.restPort()).isEqualTo(2);
        assertThat(config.httpPort()).isEqualTo(4);
        assertThat(config.requests().deadline()).isEqualTo(Duration.ofMillis(250));
        assertThat(config.corsOrigins()).containsExactly("https://a.example", "https://b.example");
        assertThat(config.zone()).isEqualTo("08");
    }

    @Test
    void shouldNameEverythingThatIsWrong() throws IOException {
        Path file = directory.resolve("sidecar.yaml");
        Files.writeString(file, "rest: {prot: 1, deadline: soon}\nzone: [a]\n");

        assertThatThrownBy(() -> Configuration.load(
                        SidecarConfig.OPTIONS,
                        file,
                        Map.of("TIDEMARK_REST_PROT", "1"),
                        List.of("--x", "--rest.max-requests=0")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "sidecar.yaml: unknown option 'rest.prot' (did you mean rest.port?)",
                        "rest.deadline: 'soon' (expected: a duration",
                        "one value for zone expected",
                        "unknown option 'TIDEMARK_REST_PROT' (did you mean TIDEMARK_REST_PORT?)",
                        "'--x' (expected: --name=value)",
                        "rest.max-requests: '0'");
    }

    @Test
    void shouldTakeServersAsAListAndWithCommas() throws IOException {
        Path file = directory.resolve("sidecar.yaml");
        Files.writeString(file, "cluster.endpoints: [10.0.0.1:7400, '[::1]:7401']\n");

        assertThat(endpoints(file)).isEqualTo("10.0.0.1:7400,[::1]:7401");
        assertThat(endpoints(null, "--cluster.endpoints=a:1, b:2")).isEqualTo("a:1, b:2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "a:", ":1", "a:0", "a:65536", "a:b", "a:1,", "::1:1", "a b:1"})
    void shouldRefuseServersThatTheClientWouldRefuse(String servers) {
        assertThatThrownBy(() -> endpoints(null, "--cluster.endpoints=" + servers))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "flag: cluster.endpoints: '" + servers + "' (expected: a list, each host:port of a server)");
    }

    private static String endpoints(@Nullable Path file, String... flags) {
        return SidecarConfig.from(Configuration.load(SidecarConfig.OPTIONS, file, Map.of(), List.of(flags)))
                .endpoints();
    }

    @Test
    void shouldSayWhatIsMissing() {
        assertThatThrownBy(() -> Configuration.load(SidecarConfig.OPTIONS, null, Map.of(), List.of()))
                .hasMessageContaining("cluster.endpoints: missing")
                .hasMessageContaining("TIDEMARK_CLUSTER_ENDPOINTS");
    }

    @Test
    void shouldDescribeItsOptionsAsTheReferenceDoes() throws IOException {
        String reference = Files.readString(Path.of("../../docs/configuration.md"));

        for (Option<?> option : SidecarConfig.OPTIONS) {
            assertThat(reference).contains(option.toMarkdown());
        }
    }
}
