// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.replica.feed.core.Assignment;
import io.tidemark.replica.feed.core.OwnedShards;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.ConfigurationException;
import io.tidemark.server.config.Option;
import io.tidemark.store.Shards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplicaConfigTest {

    @Test
    void shouldBeDocumentedAsItIs() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("..", "docs", "configuration.md")).stream()
                .dropWhile(line -> !line.startsWith("## `tidemark replica` alone"))
                .takeWhile(line -> !line.startsWith("## `tidemark node` alone"))
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(documented)
                .as("the table of a replica's options in docs/configuration.md: replace it by these lines")
                .isEqualTo(ReplicaConfig.OWN_OPTIONS.stream()
                        .map(Option::toMarkdown)
                        .toList());
    }

    @Test
    void shouldLoadTheExample() {
        ReplicaConfig config = ReplicaConfig.from(Configuration.load(
                ReplicaConfig.OPTIONS,
                Optional.of(Path.of("..", "deploy", "conf", "replica.yaml")),
                Map.of(),
                List.of()));

        assertThat(config.nodes()).isNotEmpty();
    }

    @Test
    void shouldOwnWhatIsPlacedUnlessToldWhich() {
        Assignment assignment = new Assignment(true, Shards.of(3, 4), Shards.NONE, 1, 1);
        OwnedShards.Here empty = new OwnedShards.Here(8, Shards.NONE, Shards.NONE);

        assertThat(load("--cluster.nodes=n1@h").owned().wanted(empty, assignment))
                .isEqualTo(Shards.of(3, 4));
        assertThat(load("--cluster.nodes=n1@h", "--replica.shards=all").owned().wanted(empty, assignment))
                .isEqualTo(Shards.all(8));
        assertThat(load("--cluster.nodes=n1@h", "--replica.shards=1-2+5+900")
                        .owned()
                        .wanted(empty, assignment))
                .isEqualTo(Shards.of(1, 2, 5));
    }

    @Test
    void shouldRefuseWhatDoesNotGoTogether() {
        assertThatThrownBy(() -> load())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("cluster.nodes");
        assertThatThrownBy(() -> load("--cluster.nodes=n1@h", "--feed.idle-probe-interval=5s", "--feed.max-silence=2s"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("feed.idle-probe-interval");
        assertThatThrownBy(() -> load("--cluster.nodes=n1@h", "--replica.shards=5-1"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("replica.shards");
    }

    private static ReplicaConfig load(String... flags) {
        List<String> all = new ArrayList<>(List.of("--id=r1", "--data-dir=/tmp/unused"));
        all.addAll(List.of(flags));
        return ReplicaConfig.from(Configuration.load(ReplicaConfig.OPTIONS, Optional.empty(), Map.of(), all));
    }
}
