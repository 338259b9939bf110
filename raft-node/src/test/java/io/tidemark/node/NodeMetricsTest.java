// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.config.Configuration;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node that runs tells what docs/metrics.md says, and nothing else. */
@Timeout(120)
class NodeMetricsTest {

    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) .*");

    @TempDir
    private Path directory;

    @Test
    void shouldExposeExactlyTheMetricsThatAreDocumented() throws Exception {
        Set<String> documented = Files.readAllLines(Path.of("..", "docs", "metrics.md")).stream()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .filter(name -> !name.startsWith("tidemark_replica_") && !name.startsWith("tidemark_sidecar_"))
                .collect(Collectors.toCollection(TreeSet::new));
        NodeConfig config = NodeConfig.from(Configuration.load(
                NodeConfig.OPTIONS,
                Optional.empty(),
                Map.of(),
                List.of(
                        "--id=n1",
                        "--data-dir=" + directory.resolve("data"),
                        "--raft.port=0",
                        "--internal.port=0",
                        "--client.port=0",
                        "--http.port=0")));

        Set<String> exposed;
        String page;
        try (Node node = Node.start(config)) {
            int port = httpPort();
            assertThat(node.failure()).isNotDone();
            // It knows of a leader, itself, before it has applied the first entry of its term; and some figures are
            // made each second.
            do {
                page = get("http://127.0.0.1:" + port + "/metrics");
            } while (!page.contains("tidemark_node_raft_ready 1.0") || !page.contains("tidemark_node_replicas{"));
            exposed = page.lines()
                    .map(TYPE::matcher)
                    .filter(Matcher::matches)
                    .map(matcher -> matcher.group(1))
                    .collect(Collectors.toCollection(TreeSet::new));
        }

        Set<String> ofRatis = exposed.stream()
                .filter(name -> name.startsWith("tidemark_ratis_"))
                .collect(Collectors.toSet());
        assertThat(ofRatis)
                .as("these are what operators are told to watch")
                .containsAll(documented.stream()
                        .filter(name -> name.startsWith("tidemark_ratis_"))
                        .toList());
        exposed.removeIf(NodeMetricsTest::depends);
        documented.removeIf(NodeMetricsTest::depends);
        assertThat(exposed).as("docs/metrics.md lists them").isEqualTo(documented);
        assertThat(page)
                .contains("tidemark_node_raft_role{role=\"leader\"} 1.0")
                .contains("tidemark_node_raft_voters 1.0");
    }

    /** On the collector of the JVM, on Ratis, on whether there was an error, on whether there are other nodes. */
    private static boolean depends(String name) {
        return name.startsWith("jvm_gc_")
                || name.startsWith("tidemark_ratis_")
                || name.equals("tidemark_grpc_failures_total")
                || name.equals("tidemark_node_raft_follower_lag")
                || name.equals("tidemark_node_heard_seconds")
                || name.equals("tidemark_node_clock_difference_seconds");
    }

    private int httpPort() throws IOException {
        Path file = directory.resolve("data/ports");
        while (!Files.exists(file)) {
            LockSupport.parkNanos(10_000_000);
        }
        Properties ports = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            ports.load(reader);
        }
        return Integer.parseInt(ports.getProperty("http"));
    }

    private static String get(String uri) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(uri))
                                .timeout(Duration.ofSeconds(30))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
