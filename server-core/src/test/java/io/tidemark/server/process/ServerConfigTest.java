// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.config.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class ServerConfigTest {

    @Test
    void shouldBeDocumentedAsItIs() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("..", "docs", "configuration.md")).stream()
                .dropWhile(line -> !line.startsWith("## `tidemark node` and"))
                .takeWhile(line -> !line.startsWith("## `tidemark replica` alone"))
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(documented)
                .as("the table in docs/configuration.md: replace it by these lines")
                .isEqualTo(ServerConfig.OPTIONS.stream().map(Option::toMarkdown).toList());
    }
}
