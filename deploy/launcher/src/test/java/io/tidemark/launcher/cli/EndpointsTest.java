// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.OptionSpec;

class EndpointsTest {

    @TempDir
    private Path directory = Path.of("replaced by JUnit");

    private void writeDevCluster(long pid) throws IOException {
        Files.createDirectories(directory.resolve("tidemark-dev"));
        Files.writeString(directory.resolve("tidemark-dev/cluster.json"), """
                {"servers": [
                  {"role": "replica", "id": "r1", "client": "127.0.0.1:3", "pid": %1$d, "log": "r1.log"},
                  {"role": "node", "id": "n1", "client": "127.0.0.1:1", "internal": "127.0.0.1:2", "pid": %1$d},
                  {"role": "sidecar", "id": "s1", "http": "127.0.0.1:4", "pid": %1$d}]}
                """.formatted(pid));
    }

    @Test
    void shouldTakeWhatWasSaidLast() throws IOException {
        writeDevCluster(ProcessHandle.current().pid());
        Map<String, String> environment = Map.of("TIDEMARK_ENDPOINTS", "b:1,c:2");

        assertThat(Endpoints.choose("a:1", environment, directory).addresses()).containsExactly("a:1");
        assertThat(Endpoints.choose(null, environment, directory).addresses()).containsExactly("b:1", "c:2");
        assertThat(Endpoints.choose(null, Map.of(), directory).addresses())
                .containsExactly("127.0.0.1:1", "127.0.0.1:3");
        assertThat(Endpoints.choose(null, Map.of(), directory).source()).isEqualTo("tidemark-dev/cluster.json");
        assertThat(Endpoints.choose(null, Map.of(), directory.resolve("elsewhere")))
                .isEqualTo(new Endpoints(List.of("127.0.0.1:7400"), "the usual port of this machine"));
    }

    @Test
    void shouldNotGoByAClusterThatIsGone() throws IOException {
        // No process has this id: it is above what any kernel gives out.
        writeDevCluster(Integer.MAX_VALUE);

        assertThat(Endpoints.choose(null, Map.of(), directory).addresses()).containsExactly("127.0.0.1:7400");

        Files.writeString(directory.resolve("tidemark-dev/cluster.json"), "{\"servers\": [{]");
        assertThat(Endpoints.choose(null, Map.of(), directory).addresses()).containsExactly("127.0.0.1:7400");
    }

    @Test
    void shouldPutLoadOnNodesOfADevelopmentCluster() throws IOException {
        OptionSpec endpoints = OptionSpec.builder("--endpoints", "--endpoint").build();

        assertThat(new UsualNodes(Map.of(), directory).defaultValue(endpoints)).isNull();
        writeDevCluster(ProcessHandle.current().pid());
        assertThat(new UsualNodes(Map.of(), directory).defaultValue(endpoints)).isEqualTo("127.0.0.1:1");
        assertThat(new UsualNodes(Map.of("TIDEMARK_ENDPOINTS", "b:1"), directory).defaultValue(endpoints))
                .isNull();
        assertThat(new UsualNodes(Map.of(), directory)
                        .defaultValue(OptionSpec.builder("--table").build()))
                .isNull();
    }

    @Test
    void shouldRefuseWhatNamesNoServers() {
        for (String text : List.of("", "a", "a:", ":1", "a:1,", "a:b")) {
            assertThatThrownBy(() -> Endpoints.choose(text, Map.of(), directory))
                    .as(text)
                    .hasMessageContaining("(expected: host:port, several separated by commas)");
        }
    }
}
