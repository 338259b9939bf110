// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.tidemark.verify.process.Servers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Each route of the sidecar's own document does what it is for, asked by curl, with three nodes and three replicas behind. */
@Timeout(300)
class SidecarRoutesIT {

    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    /** For how many seconds a stream is read, which does not end by itself. */
    private static final String WATCHED = "5";

    private static final int OUT_OF_TIME = 28;
    private static final String JSON = "Content-Type: application/json";
    private static final String MERGE_PATCH = "Content-Type: application/merge-patch+json";
    private static final Path EXAMPLES = Path.of("..", "deploy", "rest-sidecar", "examples");

    @RegisterExtension
    final Servers servers = new Servers();

    /** Operations of the document that were asked. */
    private final Set<String> asked = new TreeSet<>();

    /** Travels from answer to request, as a caller who wants to read what it wrote has it do. */
    private String session = "";

    private record Answer(int status, int exitCode, String headers, String body) {}

    @BeforeAll
    static void requireCurl() throws InterruptedException {
        boolean there;
        try {
            there = new ProcessBuilder("curl", "--version")
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException notFound) {
            there = false;
        }
        assumeTrue(there, "no curl on the PATH: a client that is not ours is the point of it");
    }

    @Test
    void shouldServeEachRouteOfItsDocument() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                servers, 3, "--store.auto-create-tables=true", "--raft.election-min=3s", "--raft.election-max=6s")) {
            for (String id : List.of("r1", "r2", "r3")) {
                var unused = cluster.startReplica(id);
            }
            cluster.replicas().forEach(replica -> replica.server().awaitReady(TIMEOUT));
            try (SidecarUnderTest sidecar = SidecarUnderTest.start(
                    "s1",
                    servers.directory(),
                    List.copyOf(cluster.endpointsById().values()),
                    "--resources.files=" + EXAMPLES.resolve("users.yaml") + "," + EXAMPLES.resolve("expenses.yaml"))) {
                tables(sidecar);
                rows(sidecar);
                manyRows(sidecar);
                streams(sidecar);
                users(sidecar);
                expenses(sidecar);
                done(sidecar, "GET /v1/topology", "/v1/topology");
                done(sidecar, "GET /v1/limits", "/v1/limits");
                done(sidecar, "GET /v1/status", "/v1/status?server_id=r1");
                done(sidecar, "GET /v1/probe", "/v1/probe");
                done(sidecar, "DELETE /v1/tables/{table}", "/v1/tables/t", "-X", "DELETE");

                assertThat(asked).isEqualTo(operations(sidecar));
            }
        }
    }

    private void tables(SidecarUnderTest sidecar) throws Exception {
        done(sidecar, "POST /v1/tables", "/v1/tables", "-H", JSON, "-d", "{\"table\": \"t\"}");
        assertThat(done(sidecar, "GET /v1/tables", "/v1/tables").body()).contains("\"t\"");
        done(
                sidecar,
                "PATCH /v1/tables/{table}",
                "/v1/tables/t",
                "-X",
                "PATCH",
                "-H",
                JSON,
                "-d",
                "{\"settings\": {\"httpCacheAge\": \"30s\"}, \"updateMask\": \"httpCacheAge\"}");
        assertThat(done(sidecar, "GET /v1/tables/{table}", "/v1/tables/t").body())
                .contains("30s");
    }

    /** By both kinds of path; one of the keys is what a path cannot carry. */
    private void rows(SidecarUnderTest sidecar) throws Exception {
        String[][] places = {
            {"/v1/tables/{table}/rows/{key}", "/v1/tables/t/rows/a/%C3%BC%20b"},
            {"/v1/tables/{table}/row", "/v1/tables/t/row?key=%2F%2Fa%2F..%2F"}
        };
        for (String[] place : places) {
            String document = "{\"n\": 9007199254740993}";
            done(sidecar, "PUT " + place[0], place[1], "-X", "PUT", "-H", JSON, "-d", document);
            Answer read = done(sidecar, "GET " + place[0], place[1]);
            assertThat(read.body()).isEqualTo(document);
            assertThat(read.headers()).contains("etag:", "tidemark-staleness-ms:", "tidemark-served-by: ");
            assertThat(done(
                                    sidecar,
                                    "PATCH " + place[0],
                                    place[1],
                                    "-X",
                                    "PATCH",
                                    "-H",
                                    MERGE_PATCH,
                                    "-d",
                                    "{\"m\": 1}")
                            .body())
                    .contains("9007199254740993", "\"m\"");
            done(sidecar, "DELETE " + place[0], place[1], "-X", "DELETE");
            assertThat(ask(sidecar, place[1]).status()).isEqualTo(404);
        }
    }

    private void manyRows(SidecarUnderTest sidecar) throws Exception {
        done(
                sidecar,
                "POST /v1/commits",
                "/v1/commits",
                "-H",
                JSON,
                "-d",
                "{\"mutations\": [{\"table\": \"t\", \"put\": {\"key\": \"k1\", \"value\": {\"text\": \"one\"}}}]}");
        done(
                sidecar,
                "POST /v1/commits:batch",
                "/v1/commits:batch",
                "-H",
                JSON,
                "-d",
                "{\"writes\": [{\"mutations\": [{\"table\": \"t\", \"put\": {\"key\": \"k2\", \"value\": {\"text\": \"two\"}}}]}]}");
        assertThat(done(sidecar, "GET /v1/tables/{table}/rows", "/v1/tables/t/rows?prefix=k")
                        .body())
                .contains("one", "two");
        assertThat(done(sidecar, "GET /v1/tables/{table}/rows:stream", "/v1/tables/t/rows:stream")
                        .body())
                .contains("one", "two");
        assertThat(done(
                                sidecar,
                                "POST /v1/rows:batchGet",
                                "/v1/rows:batchGet",
                                "-H",
                                JSON,
                                "-d",
                                "{\"keys\": [{\"table\": \"t\", \"key\": \"k1\"}, {\"table\": \"t\", \"key\": \"k2\"}]}")
                        .body())
                .contains("one", "two");
    }

    private void streams(SidecarUnderTest sidecar) throws Exception {
        List<Answer> streams = List.of(
                done(sidecar, "GET /v1/watch", "/v1/watch?table=t", "-N", "-m", WATCHED),
                done(
                        sidecar,
                        "POST /v1/watch",
                        "/v1/watch",
                        "-N",
                        "-m",
                        WATCHED,
                        "-H",
                        JSON,
                        "-d",
                        "{\"filters\": [{\"table\": \"t\"}]}"),
                done(sidecar, "GET /v1/topology:watch", "/v1/topology:watch", "-N", "-m", WATCHED));
        assertThat(streams).allMatch(stream -> stream.exitCode() == OUT_OF_TIME);
        assertThat(streams.get(0).body()).contains("event: opened");
        assertThat(streams.get(1).body()).contains("event: opened");
        assertThat(streams.get(2).body()).contains("event: topology");
    }

    private void users(SidecarUnderTest sidecar) throws Exception {
        done(sidecar, "POST /api/user", "/api/user/", "-H", JSON, "-d", "{\"id\": \"dan\", \"name\": \"Dan\"}");
        assertThat(done(sidecar, "GET /api/user", "/api/user?limit=10").body()).contains("Dan");
        assertThat(done(sidecar, "GET /api/user/{id}", "/api/user/dan").body()).contains("Dan");
        done(
                sidecar,
                "PUT /api/user",
                "/api/user/",
                "-X",
                "PUT",
                "-H",
                JSON,
                "-d",
                "{\"id\": \"dan\", \"name\": \"D.\"}");
        done(sidecar, "PUT /api/user/{id}", "/api/user/eve", "-X", "PUT", "-H", JSON, "-d", "{\"name\": \"Eve\"}");
        done(
                sidecar,
                "PATCH /api/user/{id}",
                "/api/user/dan",
                "-X",
                "PATCH",
                "-H",
                MERGE_PATCH,
                "-d",
                "{\"email\": \"dan@example.org\"}");
        done(sidecar, "DELETE /api/user/{id}", "/api/user/dan", "-X", "DELETE");
    }

    private void expenses(SidecarUnderTest sidecar) throws Exception {
        String place = "/api/expenses/ann/1";
        done(
                sidecar,
                "POST /api/expenses",
                "/api/expenses",
                "-H",
                JSON,
                "-d",
                "{\"employee\": \"ann\", \"id\": \"1\", \"amount\": 12.50, \"status\": \"SUBMITTED\"}");
        assertThat(done(sidecar, "GET /api/expenses", "/api/expenses").body()).contains("12.50");
        assertThat(done(sidecar, "GET /api/expenses/{employee}", "/api/expenses/ann")
                        .body())
                .contains("12.50");
        assertThat(done(sidecar, "GET /api/expenses/{employee}/{id}", place).body())
                .contains("SUBMITTED");
        done(
                sidecar,
                "PATCH /api/expenses/{employee}/{id}",
                place,
                "-X",
                "PATCH",
                "-H",
                MERGE_PATCH,
                "-d",
                "{\"status\": \"APPROVED\"}");
        done(sidecar, "DELETE /api/expenses/{employee}/{id}", place, "-X", "DELETE");
    }

    /** Asks for what must be granted, and counts the operation. */
    private Answer done(SidecarUnderTest sidecar, String operation, String path, String... curl) throws Exception {
        Answer answer = ask(sidecar, path, curl);
        assertThat(answer.status())
                .as(operation + ": " + answer.headers() + answer.body())
                .isBetween(200, 299);
        asked.add(operation);
        return answer;
    }

    private Answer ask(SidecarUnderTest sidecar, String path, String... curl) throws IOException, InterruptedException {
        Path headers = servers.directory().resolve("headers");
        Path body = servers.directory().resolve("body");
        Files.deleteIfExists(body);
        List<String> command = new ArrayList<>(List.of(
                "curl",
                "-s",
                "-m",
                "60",
                "-g",
                "--path-as-is",
                "-D",
                headers.toString(),
                "-o",
                body.toString(),
                "-w",
                "%{http_code}"));
        command.addAll(List.of(curl));
        if (!session.isEmpty()) {
            command.addAll(List.of("-H", "Tidemark-Session: " + session));
        }
        command.add(sidecar.uri(path).toString());
        Process process = new ProcessBuilder(command).start();
        int status = Integer.parseInt(new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        // A stream ends by curl's own time, which is no exit code of success.
        int exitCode = process.waitFor();
        String told = Files.readString(headers);
        told.lines()
                .filter(line -> line.startsWith("tidemark-session: "))
                .forEach(line -> session = line.substring(line.indexOf(' ') + 1).strip());
        return new Answer(status, exitCode, told, Files.exists(body) ? Files.readString(body) : "");
    }

    private static Set<String> operations(SidecarUnderTest sidecar) throws Exception {
        Process process =
                new ProcessBuilder("curl", "-s", sidecar.uri("/openapi.json").toString()).start();
        String document = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Set<String> operations = new TreeSet<>();
        JsonObject paths = JsonParser.parseString(document).getAsJsonObject().getAsJsonObject("paths");
        paths.entrySet()
                .forEach(path -> path.getValue().getAsJsonObject().keySet().stream()
                        .filter(method -> !method.equals("parameters"))
                        .forEach(method -> operations.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey())));
        return operations;
    }
}
