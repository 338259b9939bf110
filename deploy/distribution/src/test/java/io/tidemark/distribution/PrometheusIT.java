// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.tidemark.server.process.LoopbackPorts;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real Prometheus scrapes a real cluster and its sidecar with the configuration that is shipped, where {@code prometheus} is there. */
@Timeout(120)
class PrometheusIT {

    private static final long WAIT_SECONDS = 60;

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = LoopbackPorts.next();

    @TempDir
    Path directory = Path.of("replaced by JUnit");

    @Test
    void shouldScrapeEveryServerAndEvaluateEveryRule() throws Exception {
        Program prometheus = Program.orSkip("prometheus");
        try (ClusterWithMetrics cluster = ClusterWithMetrics.start(directory.resolve("cluster"))) {
            Process process = new ProcessBuilder(
                            prometheus.path().toString(),
                            "--config.file=" + configuration(cluster.httpPorts()),
                            "--storage.tsdb.path=" + directory.resolve("data"),
                            "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("prometheus.log").toFile())
                    .start();
            try {
                await("query?query=" + encoded("count(up == 1)"), answer -> answer.contains("\"4\""));
                String info = await(
                        "query?query=" + encoded("tidemark_server_info{cluster=\"compose\"}"),
                        answer -> !results(answer).isEmpty());
                assertThat(results(info))
                        .extracting(result -> Yaml.text(Yaml.within(result, "metric"), "id"))
                        .containsExactlyInAnyOrder("n1", "n2", "r1");
                String rules = await("rules", answer -> !answer.contains("\"health\":\"unknown\""));
                List<JsonObject> all = Yaml.objects(data(rules), "groups").stream()
                        .flatMap(group -> Yaml.objects(group, "rules").stream())
                        .toList();
                assertThat(all).hasSameSizeAs(Expressions.alerts());
                assertThat(all)
                        .allSatisfy(
                                rule -> assertThat(Yaml.text(rule, "health")).isEqualTo("ok"));
                assertThat(all).noneMatch(rule -> Yaml.text(rule, "state").equals("firing"));
            } finally {
                process.destroy();
                assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    /** What is shipped, but for its targets and its patience. */
    private Path configuration(Map<String, Integer> ports) throws IOException {
        String targets = ports.values().stream()
                .map(httpPort -> "\"127.0.0.1:" + httpPort + "\"")
                .collect(Collectors.joining(", ", "targets: [", "]"));
        String shipped = SourceTree.read(SourceTree.MONITORING.resolve("prometheus.yml"));
        String changed = shipped.replaceAll("targets: \\[.*]", targets).replace("_interval: 15s", "_interval: 1s");
        Files.copy(SourceTree.MONITORING.resolve("alerts.yml"), directory.resolve("alerts.yml"));
        return Files.writeString(directory.resolve("prometheus.yml"), changed);
    }

    /** Asks until the answer is as expected. */
    private String await(String what, Predicate<String> asExpected) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
        String answer = "";
        while (System.nanoTime() < deadline) {
            try {
                answer = http.send(
                                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + what))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
                if (answer.startsWith("{\"status\":\"success\"") && asExpected.test(answer)) {
                    return answer;
                }
            } catch (IOException notUpYet) {
                answer = notUpYet.toString();
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError(what + ": " + answer + "\n" + SourceTree.read(directory.resolve("prometheus.log")));
    }

    private static List<JsonObject> results(String answer) {
        return Yaml.objects(data(answer), "result");
    }

    private static JsonObject data(String answer) {
        JsonElement parsed = JsonParser.parseString(answer);
        return Yaml.within(parsed.getAsJsonObject(), "data");
    }

    private static String encoded(String query) {
        return URLEncoder.encode(query, StandardCharsets.UTF_8);
    }
}
