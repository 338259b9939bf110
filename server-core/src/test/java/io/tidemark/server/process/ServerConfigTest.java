// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServerConfigTest {

    @Test
    void shouldBeDocumentedAsItIs() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("..", "docs", "configuration.md")).stream()
                .dropWhile(line -> !line.startsWith("## `tidemark node` and"))
                .takeWhile(line -> !line.startsWith("## `tidemark node` alone"))
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(documented)
                .as("the table in docs/configuration.md: replace it by these lines")
                .isEqualTo(ServerConfig.OPTIONS.stream().map(Option::toMarkdown).toList());
    }

    @ParameterizedTest
    @ValueSource(strings = "replica.yaml")
    void shouldLoadTheExamples(String name) {
        Path file = Path.of("..", "deploy", "conf", name);

        ServerConfig config =
                ServerConfig.from(Configuration.load(ServerConfig.OPTIONS, Optional.of(file), Map.of(), List.of()));

        assertThat(config.client().port()).isEqualTo(7400);
        assertThat(config.dataDir()).isEqualTo(Path.of("/var/lib/tidemark", config.id()));
    }
}
