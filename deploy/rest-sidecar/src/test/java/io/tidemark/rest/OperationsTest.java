// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.tidemark.rest.Http.Answer;
import io.tidemark.rest.json.ContractJson;
import io.tidemark.rest.server.Sidecar;
import io.tidemark.rest.server.StartException;
import io.tidemark.testkit.LocalCluster;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/** What whoever runs it sees. */
class OperationsTest {

    @Test
    void shouldTellOfItsHealthAndHowStaleItIs() {
        Http operators = new Http(Running.SIDECAR.httpPort());

        Answer ready = operators.get("/readyz");

        assertThat(operators.get("/healthz").status()).isEqualTo(200);
        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.json().get("ready").booleanValue()).isTrue();
        assertThat(Double.parseDouble(ready.json().get("stalenessMs").stringValue()))
                .isPositive();
        assertThat(Running.HTTP.get("/readyz").status()).isEqualTo(200);
        assertThat(operators.get("/v1/limits").status()).isEqualTo(404);
    }

    @Test
    void shouldRefuseOnePortForBothItsServers() {
        assertThatThrownBy(() -> Running.sidecar("--rest.port=18080", "--http.port=18080"))
                .hasMessageContaining("rest.port and http.port: both are 18080");
    }

    @Test
    void shouldCountRequests() {
        Running.HTTP.get("/v1/limits");

        String metrics = new Http(Running.SIDECAR.httpPort()).get("/metrics").body();

        assertThat(metrics)
                .contains(
                        "tidemark_sidecar_requests_seconds_count{method=\"GET\",route=\"Cluster/GetLimits\",status=\"200\"}")
                .contains("tidemark_sidecar_watches")
                .contains("tidemark_client_calls");
    }

    @Test
    void shouldWriteALineForEachRequestWithoutItsParameters() {
        String path = "/v1/tables/" + Running.table() + "/row";

        List<String> lines = accessLog("text", path + "?key=secret");

        assertThat(lines)
                .singleElement(as(InstanceOfAssertFactories.STRING))
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z INFO {2}access \\S+ GET " + path
                        + " 404 \\d+ bytes \\d+ ms");
    }

    @Test
    void shouldWriteEachRequestAsAJsonObjectWhereTheLogIsJson() {
        String path = "/v1/tables/" + Running.table() + "/row";

        List<String> lines = accessLog("json", path + "?key=secret");

        assertThat(lines).singleElement().satisfies(line -> {
            JsonNode event = ContractJson.EXACT.readTree(line);
            assertThat(event.get("timestamp").longValue()).isPositive();
            assertThat(event.get("level").stringValue()).isEqualTo("INFO");
            assertThat(event.get("loggerName").stringValue()).isEqualTo("tidemark.access");
            assertThat(event.get("formattedMessage").stringValue()).contains(" GET " + path + " 404 ");
        });
    }

    /** What a sidecar has written of one request when it has ended. */
    private static List<String> accessLog(String form, String target) {
        Logger log = (Logger) LoggerFactory.getLogger("tidemark.access");
        PrintStream err = System.err;
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        log.setLevel(Level.INFO);
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
        try (Sidecar sidecar = Running.sidecar("--log.format=" + form)) {
            System.setErr(err);
            new Http(sidecar.restPort()).get(target);
        } finally {
            System.setErr(err);
            log.setLevel(null);
        }
        return written.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains(" GET "))
                .toList();
    }

    @Test
    void shouldCountWhatBrowsersAskBeforeTheyCall() {
        Http operators = new Http(Running.SIDECAR.httpPort());

        Running.HTTP.send("OPTIONS", "/v1/limits", null);

        assertThat(operators.get("/metrics").body()).contains("method=\"none\",route=\"none\",status=\"204\"");
    }

    @Test
    void shouldExposeExactlyTheMetricsThatAreDocumented() throws Exception {
        Set<String> documented = Files.readAllLines(Path.of("..", "..", "docs", "metrics.md")).stream()
                .filter(line -> line.startsWith("| `tidemark_sidecar_"))
                .map(line -> line.substring(3, line.indexOf('`', 3)))
                .collect(Collectors.toCollection(TreeSet::new));
        Running.HTTP.get("/v1/limits");

        String metrics = new Http(Running.SIDECAR.httpPort()).get("/metrics").body();
        Set<String> exposed = metrics.lines()
                .filter(line -> line.startsWith("# TYPE tidemark_sidecar_"))
                .map(line -> line.split(" ", -1)[2])
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(exposed).as("docs/metrics.md lists them").isEqualTo(documented);
        assertThat(metrics).contains("jvm_memory_used_bytes", "process_cpu_usage", "process_files_open_files");
    }

    @Test
    void shouldNotBeReadyWithoutServersAndGoOnWhenTheyAreBack() {
        try (LocalCluster cluster = LocalCluster.builder().nodes(1).replicas(1).start()) {
            try (Sidecar sidecar = Running.sidecarOf(cluster, "--rest.deadline=1s")) {
                Http http = new Http(sidecar.restPort());
                // The first one connects, and may not be answered within its second, nor be told from one that was.
                assertThat(eventually(() -> isWritten(http.putJson("/v1/tables/t/rows/a", "1"))))
                        .isTrue();
                String[] servers = {"n1", "r1"};

                cluster.stop(servers);
                Answer read = http.get("/v1/tables/t/rows/a");
                Answer write = http.putJson("/v1/tables/t/rows/a", "2");
                Answer ready = http.get("/readyz");
                cluster.start(servers);

                assertThat(read.status()).isIn(503, 504);
                assertThat(read.header("content-type")).isEqualTo("application/problem+json");
                assertThat(write.status()).isIn(503, 504);
                assertThat(ready.status()).isEqualTo(503);
                assertThat(ready.header("retry-after")).isNotEmpty();
                assertThat(http.get("/healthz").status()).isEqualTo(200);
                assertThat(eventually(() -> isWritten(http.putJson("/v1/tables/t/rows/b", "3"))))
                        .isTrue();
                assertThat(eventually(() -> http.get("/readyz").status() == 200))
                        .isTrue();
            }
        }
    }

    @Test
    void shouldLetRequestsEndWhenItStops() throws Exception {
        Sidecar stopping = Running.sidecar("--stop.grace=1m");
        Http http = new Http(stopping.restPort());
        String rows = "/v1/tables/" + Running.table() + "/rows/a";
        http.putJson(rows, "1");
        Http operators = new Http(stopping.httpPort());
        // The writes count until their answers have left, of which their caller may know before the sidecar does.
        assertThat(eventually(() -> operators.get("/metrics").body().contains("requests_under_way 0.0")))
                .isTrue();
        CompletableFuture<Answer> slow = CompletableFuture.supplyAsync(() -> http.get(
                rows,
                "Tidemark-Read",
                "eventual, min-index=999999999, serve-unmet, max-wait=9s",
                "Tidemark-Timeout",
                "30s"));
        boolean under =
                eventually(() -> operators.get("/metrics").body().contains("tidemark_sidecar_requests_under_way 1.0"));
        assertThat(under).as(operators.get("/metrics").body()).isTrue();

        CompletableFuture<Void> closed = CompletableFuture.runAsync(stopping::close);
        assertThat(eventually(() -> operators.get("/readyz").status() == 503)).isTrue();
        Answer ready = operators.get("/readyz");
        assertThat(ready.header("tidemark-reason")).isEqualTo("STOPPING");
        assertThat(ready.header("retry-after")).isEqualTo("1");
        closed.join();

        assertThat(slow.get().status()).as(slow.get().body()).isEqualTo(200);
    }

    @Test
    void shouldSayWhichPortIsTaken() {
        assertThatThrownBy(() -> Running.sidecar("--rest.port=" + Running.SIDECAR.restPort()))
                .isInstanceOf(StartException.class)
                .hasMessageContaining(Integer.toString(Running.SIDECAR.restPort()));
    }

    @Test
    void shouldShowItsConfigurationAndRefuseAWrongOne() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();

        int shown = RestSidecar.run(
                List.of("--print-config", "--cluster.endpoints=a:1", "--rest.port=1"),
                new PrintStream(out),
                new PrintStream(err));
        int refused = RestSidecar.run(List.of("--rest.prot=1"), new PrintStream(out), new PrintStream(err));

        assertThat(shown).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("rest.port: '1'  # flag", "http.port: '7403'  # default");
        assertThat(refused).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("unknown option 'rest.prot' (did you mean rest.port?)");
    }

    /** Now, or by an earlier attempt that was answered too late. */
    private static boolean isWritten(Answer answer) {
        return Set.of(200, 201, 204).contains(answer.status());
    }

    private static boolean eventually(BooleanSupplier holds) {
        long end = System.nanoTime() + 30_000_000_000L;
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
        }
        return true;
    }
}
