// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.rest.Http.Answer;
import io.tidemark.rest.server.Sidecar;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rubbish, limits, and who may call. */
class StrictnessTest {

    private static final Http HTTP = Running.HTTP;
    private static final int ROUNDS = 600;

    private final String table = Running.table();
    private final String rows = "/v1/tables/" + table + "/rows/";

    @Test
    void shouldAnswerRubbishWithProblems() {
        long seed = Long.getLong("tidemark.fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int i = 0; i < ROUNDS; i++) {
            Rubbish request = rubbish(random);
            String answer = HTTP.raw(request.bytes());
            String sent =
                    "seed " + seed + ", round " + i + ": " + new String(request.bytes(), StandardCharsets.ISO_8859_1);

            if (answer.isEmpty()) {
                if (request.mayGoOn()) {
                    continue;
                }
                // It was sent as by somebody who hangs up, whom the answer need not reach.
                answer = HTTP.rawAndWait(request.bytes());
            }
            assertThat(answer).as(sent).startsWith("HTTP/1.1 ");
            int status = Integer.parseInt(answer.substring(9, 12));
            assertThat(status).as(sent).isBetween(200, 499);
            if (status >= 400 && !sent.contains(": HEAD ")) {
                assertThat(answer).as(sent).contains("application/problem+json").contains("\"reason\"");
            }
            assertThat(answer).as(sent).doesNotContain("Exception").doesNotContain("\tat ");
        }
        assertHealthy();
    }

    @Test
    void shouldAnswerRubbishWithProblemsOverHttp2() {
        long seed = Long.getLong("tidemark.fuzz.seed", System.nanoTime());
        Random random = new Random(seed);
        Http http2 = new Http(Running.SIDECAR.restPort(), HttpClient.Version.HTTP_2);
        for (int i = 0; i < ROUNDS / 4; i++) {
            String method = pick(random, METHODS);
            String path = pick(random, paths());
            String[] header = pick(random, HEADERS).split(": ", 2);
            if (header[0].equals("Transfer-Encoding")
                    || header[header.length - 1].chars().anyMatch(c -> c < ' ')) {
                // HTTP/2 knows no such request, and ends its stream.
                continue;
            }
            String body = pick(random, BODIES);
            String sent =
                    "seed " + seed + ", round " + i + ": " + method + " " + path + " " + List.of(header) + " " + body;
            Answer answer;
            try {
                answer = http2.send(method, path, body, header);
            } catch (IllegalArgumentException e) {
                // The client sends no such request.
                continue;
            } catch (UncheckedIOException e) {
                // The library ends the connection, in HTTP/2's way, where that is no HTTP to it: an unknown method,
                // headers
                // beyond the limit.
                assertThat(e).as(sent).hasStackTraceContaining("GOAWAY received");
                http2 = new Http(Running.SIDECAR.restPort(), HttpClient.Version.HTTP_2);
                continue;
            }

            assertThat(answer.status()).as(sent).isBetween(200, 499);
            if (answer.status() == 431) {
                // The HTTP library is done with that connection, and not every client is told.
                http2 = new Http(Running.SIDECAR.restPort(), HttpClient.Version.HTTP_2);
            } else if (answer.status() >= 400 && !method.equals("HEAD")) {
                assertThat(answer.header("content-type")).as(sent).isEqualTo("application/problem+json");
            }
        }
        assertHealthy();
    }

    /** Whose answer is there before the rest of what was sent, on the very connection that is about to change to HTTP/2. */
    @Test
    void shouldAnswerWhatItRefusesAtOnceAlsoWhereTheRequestChangesTheProtocol() {
        for (int i = 0; i < ROUNDS / 20; i++) {
            Http http2 = new Http(Running.SIDECAR.restPort(), HttpClient.Version.HTTP_2);
            assertThat(http2.send("PATCH", "/v1/limits?a=b", "{\"id\":\"a/b\"}").status())
                    .as("round " + i)
                    .isEqualTo(405);
        }
    }

    private void assertHealthy() {
        assertThat(HTTP.get("/healthz").status()).isEqualTo(200);
        assertThat(HTTP.putJson(rows + "after", "1").status()).isEqualTo(201);
        Http operators = new Http(Running.SIDECAR.httpPort());
        long end = System.nanoTime() + 20_000_000_000L;
        String metrics = operators.get("/metrics").body();
        while (!metrics.contains("tidemark_sidecar_requests_under_way 0.0") && System.nanoTime() < end) {
            metrics = operators.get("/metrics").body();
        }
        assertThat(metrics).contains("tidemark_sidecar_requests_under_way 0.0");
    }

    /** Each of these is somebody's mistake, and never the sidecar's failure. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "PUT ?write_options.request_id=a&write_options.first_sent_index=-1",
                "PUT ?write_options.first_sent_index=1",
                "PUT ?write_options.history_id=nonsense",
                "PUT ?condition.existence=EXISTENCE_UNSPECIFIED",
                "PUT ?condition.value.json.number_value=1",
                "PUT ?condition.value.content_type=text/plain",
                "PUT ?condition.modified_index=-1",
                "PUT ?condition.version=-1",
                "PUT ?expiry.ttl=0s",
                "PUT ?expiry.ttl=999999999999s",
                "PUT ?expiry.expire_time=2026-01-01",
                "PUT ?value.text=x",
                "PUT |Content-Type: ;;;",
                "PUT |Content-Type: json",
                "PUT |Idempotency-Key: ",
                "PUT |Tidemark-Session: tm1.0000000000000000.1, tm1.1111111111111111.1",
                "DELETE ?write_options.request_id=a&write_options.first_sent_index=-1",
                "DELETE |If-None-Match: *",
                "GET ?read_options.max_staleness=-1s",
                "GET ?read_options.max_lag=-1",
                "GET ?read_options.min_index=-1",
                "GET ?read_options.as_of_index=-1",
                "GET ?read_options.as_of_index=0",
                "GET ?read_options.max_wait=-1s",
                "GET ?read_options.history_id=nonsense",
                "GET ?read_options.strength=7",
                "GET ?value_form=VALUE_FORM_ANY",
                "GET |Tidemark-Read: as-of=1, as-of-time=2026-01-02T03:04:05Z",
                "GET |Tidemark-Read: as-of-time=2026-01-02T03:04:05+xx:yy",
                "GET |Tidemark-Read: as-of-time=99999-01-02T03:04:05Z",
                "GET |Tidemark-Read: as-of-time=",
                "GET |Tidemark-Read: max-staleness",
                "GET |Tidemark-Read: ,",
                "GET |Tidemark-Timeout: 0s",
                "GET |Tidemark-Timeout: 1s, 2s",
                "GET |If-Match: nonsense",
                "GET |If-Match: \"nonsense\"",
                "GET |If-None-Match: nonsense"
            })
    void shouldRefuseWhatCannotBe(String request) {
        HTTP.putJson(rows + "k", "1");
        String method = request.substring(0, request.indexOf(' '));
        String rest = request.substring(request.indexOf(' ') + 1);
        String[] header = rest.startsWith("|") ? rest.substring(1).split(": ?", 2) : new String[0];
        String path = rows + "k" + (rest.startsWith("?") ? rest : "");

        Answer answer = HTTP.send(
                method,
                path,
                method.equals("PUT") ? "1" : null,
                header.length == 0 && method.equals("PUT")
                        ? new String[] {"Content-Type", "application/json"}
                        : header);

        assertThat(answer.status()).as(answer.body()).isBetween(400, 499);
        assertThat(answer.header("content-type")).isEqualTo("application/problem+json");
    }

    /** More than a number of nanoseconds can say is still a bound that every read keeps. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Cache-Control: max-age=9999999999",
                "Tidemark-Read: max-staleness=999999999h",
                "Tidemark-Read: eventual, max-wait=999999999h",
                "Cache-Control: max-stale=5",
                "Cache-Control: only-if-cached, max-age=\"5\""
            })
    void shouldTakeBoundsThatAreLongerThanLives(String header) {
        String session = HTTP.putJson(rows + "k", "1").header("tidemark-session");
        String[] parts = header.split(": ", 2);

        Answer answer = HTTP.get(rows + "k", parts[0], parts[1], "Tidemark-Session", session);

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    /** A browser lets any page send these without asking, and only keeps the answer from it. */
    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""})
    void shouldTakeNoDocumentThatOtherPagesCouldSend(String type) {
        for (String path : List.of(
                "/v1/commits", "/v1/commits:batch", "/v1/rows:batchGet", "/v1/tables", "/v1/watch", "/api/user")) {
            Answer answer = type.isEmpty()
                    ? HTTP.send("POST", path, "{}")
                    : HTTP.send("POST", path, "{}", "Content-Type", type);

            assertThat(answer.status()).as(path).isEqualTo(415);
        }
    }

    @Test
    void shouldRefuseTextThatIsNotUnicode() {
        String half = "\"\\ud800\"";
        String put = "{\"mutations\":[{\"table\":\"%s\",\"put\":{\"key\":%s,\"value\":{\"json\":%s}}}]}";

        assertThat(HTTP.post("/v1/commits", put.formatted(table, half, "1")).status())
                .isEqualTo(400);
        assertThat(HTTP.post("/v1/commits", put.formatted(table, "\"k\"", half)).status())
                .isEqualTo(400);
        assertThat(HTTP.post("/api/user", "{\"id\":" + half + "}").status()).isEqualTo(400);
        assertThat(HTTP.putJson(rows + "half", half).status()).isEqualTo(201);
        assertThat(HTTP.get(rows + "half", "Cache-Control", "no-cache").body()).isEqualTo(half);
    }

    @Test
    void shouldGiveBackRowsWhoseTypeNoHeaderCanCarry() {
        HTTP.post(
                "/v1/commits",
                "{\"mutations\":[{\"table\":\"%s\",\"put\":{\"key\":\"k\",\"value\":{\"text\":\"x\",\"contentType\":\"a/b\\r\\nX: y\"}}}]}"
                        .formatted(table));

        Answer answer = HTTP.get(rows + "k", "Cache-Control", "no-cache");

        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/octet-stream");
        assertThat(answer.body()).isEqualTo("x");
    }

    @Test
    void shouldSayOfABodyThatDoesNotComeThatTheCallerIsLate() throws Exception {
        try (Sidecar hasty = Running.sidecar("--rest.deadline=10ms", "--rest.max-deadline=10ms");
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), hasty.restPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream()
                    .write(("PUT " + rows + "k HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123")
                            .getBytes(StandardCharsets.US_ASCII));
            String status = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);

            assertThat(status).isEqualTo("HTTP/1.1 408");
        }
    }

    /** Behind it stands what the decoder of a library would take for the next request. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip",
                "identity",
                "chunked, chunked",
                "gzip, chunked",
                "chunked\r\nTransfer-Encoding: gzip",
                "x\r\nContent-Length: 3"
            })
    void shouldRefuseBodiesWhoseEndNobodyCanTell(String coding) {
        HTTP.put(rows + "kept", "as it was", "Content-Type", "text/plain");
        String smuggled = "DELETE " + rows + "kept HTTP/1.1\r\nHost: x\r\n\r\n";

        String answers =
                answersTo("PUT " + rows + "kept HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: "
                        + coding + "\r\n\r\n3\r\nabc\r\n0\r\n\r\n" + smuggled);

        assertThat(answers).startsWith("HTTP/1.1 400 ").contains("Transfer-Encoding: ", "(expected: chunked, once)");
        assertThat(answers.split("HTTP/1.1 ", -1)).as(answers).hasSize(2);
        assertThat(HTTP.get(rows + "kept", "Cache-Control", "no-cache").body()).isEqualTo("as it was");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Connection: cl\"se", "Connection: close, \"", "TE: trail\"ers", "TE: \"\""})
    void shouldRefuseQuotesWhereNoneBelong(String header) {
        String answer = answersTo("GET " + rows + "k HTTP/1.1\r\nHost: x\r\n" + header + "\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("application/problem+json", "(expected: no quotes)");
    }

    @Test
    void shouldTakeChunkedBodiesHoweverTheyCome() {
        String request =
                "PUT " + rows + "k HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: Chunked\r\n"
                        + "Connection: close\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        for (int cut : new int[] {1, 3, 4, 5, 40, request.length()}) {
            assertThat(answersTo(request.substring(0, cut), request.substring(cut)))
                    .as("cut after " + cut)
                    .startsWith("HTTP/1.1 20");
            assertThat(HTTP.get(rows + "k", "Cache-Control", "no-cache").body()).isEqualTo("abc");
        }
    }

    private static String answersTo(String... parts) {
        return HTTP.rawAndWait(Arrays.stream(parts)
                .map(part -> part.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new));
    }

    private static final String[] METHODS = {
        "GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "BREW", "get", "TRACE", "OPTIONS"
    };
    private static final String[] HEADERS = {
        "Content-Type: application/json",
        "Content-Type: \u0001",
        "Content-Type: ;;;",
        "If-Match: \"",
        "If-None-Match: \"x",
        "Tidemark-Session: tm1.x.y",
        "Tidemark-Session: tm1.0123456789abcdef.99999999999999999999",
        "Tidemark-Read: max-staleness=-1s",
        "Tidemark-Timeout: 0s",
        "Tidemark-Timeout: 1e9s",
        "Cache-Control: max-age=-1",
        "Last-Event-ID: \u00e9",
        "Accept: */*;q=x",
        "Idempotency-Key: ***",
        "Content-Encoding: br",
        "Range: bytes=0-1",
        "X: " + "y".repeat(10_000),
        "X: " + "y".repeat(20_000),
        "Expect: 200-ok",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Upgrade: h2c",
        "Origin: null",
        "Cookie: ====",
        ": nameless",
        "No colon"
    };
    private static final String[] BODIES = {
        "",
        "{",
        "null",
        "[]",
        "{}",
        "\"\\ud800\"",
        "{\"a\":1}{\"b\":2}",
        "[".repeat(2_000),
        "{\"mutations\":[{\"table\":5}]}",
        "{\"mutations\":[{\"table\":\"t\",\"put\":{\"key\":\"k\",\"value\":{\"json\":1,\"text\":\"x\"}}}]}",
        "{\"writes\":[{}]}",
        "{\"keys\":[{\"table\":\"t\",\"key\":\"\"}]}",
        "{\"table\":\"T\"}",
        "{\"id\":{}}",
        "{\"filters\":[{\"table\":\"t\",\"range\":{\"start\":1}}]}",
        "1e999999999",
        "{\"n\":" + "9".repeat(2_000) + "}",
        "\u00ff\u00fe",
        "{\"id\":\"a/b\"}",
        "{\"updateMask\":\"nonsense\"}"
    };

    private String[] paths() {
        return new String[] {
            rows + "a",
            rows,
            rows + "%",
            rows + "%zz",
            rows + "%ff",
            rows + "%00",
            rows + "a//b",
            rows + "..;/x",
            "/v1/tables/" + table + "/row",
            "/v1/tables/" + table + "/row?key=%ff",
            "/v1/commits",
            "/v1/commits:batch",
            "/v1/rows:batchGet",
            "/v1/tables",
            "/v1/tables/%2e%2e",
            "/",
            "*",
            "//",
            "/%",
            "/v1/watch?table",
            "/v1/watch?table=" + table + "&key=a&prefix=b",
            "/v1/probe?max_wait=x",
            "/v1/limits?a=b",
            "/v1/topology?min_version.term=x",
            "/api/user/",
            "/api/user/%2f",
            "/api/expenses/a/b/c",
            "/v1/tables/" + table + "/rows?page_size=99999999999",
            "/openapi.json?x",
            "http://[/",
            "/v1/status?server_id=\u00ff"
        };
    }

    /**
     * A request that nobody should send.
     *
     * @param mayGoOn whether it may be but the beginning of one
     */
    @SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
    private record Rubbish(byte[] bytes, boolean mayGoOn) {}

    private Rubbish rubbish(Random random) {
        byte[] body = pick(random, BODIES).getBytes(StandardCharsets.ISO_8859_1);
        StringBuilder head = new StringBuilder(pick(random, METHODS))
                .append(' ')
                .append(pick(random, paths()))
                .append(random.nextInt(20) == 0 ? " HTTP/9.9" : " HTTP/1.1")
                .append("\r\nHost: x\r\nConnection: close\r\n");
        for (int i = random.nextInt(3); i > 0; i--) {
            head.append(pick(random, HEADERS)).append("\r\n");
        }
        head.append("Content-Length: ").append(random.nextInt(15) == 0 ? "x" : Integer.toString(body.length));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(head.append("\r\n\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
        request.writeBytes(body);
        byte[] whole = request.toByteArray();
        boolean changed = random.nextInt(5) == 0;
        if (changed) {
            whole[random.nextInt(whole.length)] = (byte) random.nextInt(256);
        }
        return new Rubbish(whole, changed || head.indexOf("Transfer-Encoding") >= 0);
    }

    private static String pick(Random random, String[] from) {
        return from[random.nextInt(from.length)];
    }

    @Test
    void shouldRefuseWhatIsTooLarge() {
        Answer body = HTTP.put(rows + "k", "x".repeat(3 << 20), "Content-Type", "text/plain");
        Answer value = HTTP.put(rows + "k", "x".repeat((1 << 20) + 1), "Content-Type", "text/plain");
        String header = HTTP.raw(("GET " + rows + "k HTTP/1.1\r\nHost: x\r\nX: " + "y".repeat(40_000) + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        String line = HTTP.rawGet(rows + "k".repeat(40_000));

        assertThat(body.status()).isEqualTo(413);
        assertThat(body.header("content-type")).isEqualTo("application/problem+json");
        assertThat(value.status()).isEqualTo(413);
        assertThat(value.json().get("reason").stringValue()).isEqualTo("TOO_LARGE");
        assertThat(header).startsWith("HTTP/1.1 431").contains("application/problem+json");
        assertThat(line).startsWith("HTTP/1.1 414").contains("application/problem+json");
    }

    @Test
    void shouldTurnAwayWhatIsTooMuch() throws Exception {
        try (Sidecar small = Running.sidecar("--rest.max-requests=1")) {
            Http http = new Http(small.restPort());
            http.putJson(rows + "k", "1");
            // One that waits for an index that never comes.
            Thread waiting = new Thread(() -> {
                Answer unused = http.get(
                        rows + "k", "Tidemark-Read", "eventual, min-index=999999999", "Tidemark-Timeout", "5s");
            });
            // A request counts until its answer has left, of which its caller may know before the sidecar does.
            awaitMetric(small, "tidemark_sidecar_requests_under_way 0.0");
            waiting.start();
            // Before, one of ours could be there first, and that one be refused.
            awaitMetric(small, "tidemark_sidecar_requests_under_way 1.0");
            Answer refused = http.get("/v1/limits");
            long end = System.nanoTime() + 10_000_000_000L;
            while (refused.status() != 503 && System.nanoTime() < end) {
                refused = http.get("/v1/limits");
            }
            waiting.join();

            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.json().get("reason").stringValue()).isEqualTo("SIDECAR_BUSY");
            assertThat(refused.header("retry-after")).isEqualTo("1");
            // A request counts until its answer has left, of which its caller may know before the sidecar does.
            Answer taken = http.get("/v1/limits");
            while (taken.status() != 200 && System.nanoTime() < end) {
                taken = http.get("/v1/limits");
            }
            assertThat(taken.status()).isEqualTo(200);
        }
    }

    @Test
    void shouldKeepSoMuchOfBodiesInMemoryAndNoMore() throws Exception {
        try (Sidecar small = Running.sidecar("--rest.max-pending-bytes=64KiB", "--rest.max-body-bytes=64KiB")) {
            Http http = new Http(small.restPort());
            try (Socket slow = new Socket(InetAddress.getLoopbackAddress(), small.restPort())) {
                String head = "PUT " + rows
                        + "slow HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 60000\r\n\r\n";
                slow.getOutputStream().write((head + "x".repeat(50_000)).getBytes(StandardCharsets.US_ASCII));
                awaitMetric(small, "tidemark_sidecar_pending_bytes 50000.0");
                Answer refused = putUntil(http, 503);

                assertThat(refused.json().get("reason").stringValue()).isEqualTo("SIDECAR_BUSY");
                assertThat(refused.header("retry-after")).isEqualTo("1");
                assertThat(http.get("/v1/limits").status()).isEqualTo(200);
            }
            // What it had is free again.
            assertThat(putUntil(http, 204).status()).isEqualTo(204);
        }
    }

    /** What counts is what came, and not what may come. */
    @Test
    void shouldTakeManyBodiesWhoseLengthIsNotSaid() throws Exception {
        try (Sidecar small = Running.sidecar("--rest.max-pending-bytes=64KiB", "--rest.max-body-bytes=64KiB")) {
            List<Socket> begun = new ArrayList<>();
            try {
                for (int i = 0; i < 20; i++) {
                    Socket socket = new Socket(InetAddress.getLoopbackAddress(), small.restPort());
                    begun.add(socket);
                    socket.getOutputStream()
                            .write(("PUT " + rows + "chunked" + i
                                            + " HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                                            + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
                }
                for (Socket socket : begun) {
                    socket.getOutputStream().write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                            .isEqualTo("HTTP/1.1 201");
                }
            } finally {
                for (Socket socket : begun) {
                    socket.close();
                }
            }
        }
    }

    @Test
    void shouldBeginNothingWhileAnswersThatNobodyTakesFillItsMemory() throws Exception {
        String table = rows.split("/", -1)[3];
        String large = "\"" + "x".repeat(900_000) + "\"";
        for (int i = 0; i < 4; i++) {
            HTTP.putJson(rows + "large" + i, large);
        }
        try (Sidecar small = Running.sidecar("--rest.max-unread-bytes=1MiB", "--rest.max-deadline=1m")) {
            Http http = new Http(small.restPort());
            try (Socket idle = new Socket()) {
                idle.setReceiveBufferSize(4096);
                idle.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), small.restPort()));
                idle.getOutputStream()
                        .write(("GET /v1/tables/" + table + "/rows?prefix=large HTTP/1.1\r\nHost: x\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                Answer refused = limitsUntil(http, 503);

                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.body()).contains("SIDECAR_BUSY", "rest.max-unread-bytes");
                assertThat(refused.header("retry-after")).isEqualTo("1");
                assertThat(new Http(small.httpPort()).get("/healthz").status()).isEqualTo(200);
                // Whoever is slow makes room for others in the end.
                assertThat(limitsUntil(http, 200).status()).isEqualTo(200);
                awaitMetric(small, "tidemark_sidecar_unread_bytes 0.0");
            }
        }
    }

    private static void awaitMetric(Sidecar sidecar, String line) {
        Http operators = new Http(sidecar.httpPort());
        long end = System.nanoTime() + 10_000_000_000L;
        while (!operators.get("/metrics").body().contains(line)) {
            assertThat(System.nanoTime()).as("not seen: " + line).isLessThan(end);
        }
    }

    private static Answer limitsUntil(Http http, int status) {
        long end = System.nanoTime() + 10_000_000_000L;
        Answer answer = http.get("/v1/limits");
        while (answer.status() != status && System.nanoTime() < end) {
            answer = http.get("/v1/limits");
        }
        return answer;
    }

    private Answer putUntil(Http http, int status) {
        String large = "x".repeat(60_000);
        long end = System.nanoTime() + 10_000_000_000L;
        Answer answer = http.put(rows + "k", large, "Content-Type", "text/plain");
        while (answer.status() != status && System.nanoTime() < end) {
            answer = http.put(rows + "k", large, "Content-Type", "text/plain");
        }
        return answer;
    }

    @Test
    void shouldKeepToTheDeadlineOfTheCaller() {
        HTTP.putJson(rows + "k", "1");
        long began = System.nanoTime();

        Answer late =
                HTTP.get(rows + "k", "Tidemark-Read", "eventual, min-index=999999999", "Tidemark-Timeout", "300ms");

        assertThat(late.status()).isIn(503, 504);
        assertThat(System.nanoTime() - began).isLessThan(4_000_000_000L);
        assertThat(HTTP.get(rows + "k", "Tidemark-Timeout", "2h").status()).isEqualTo(400);
    }

    @Test
    void shouldLetNobodysPagesCallUnlessConfigured() throws Exception {
        String[] preflight = {"Origin", "https://app.example", "Access-Control-Request-Method", "PUT"};
        assertThat(HTTP.send("OPTIONS", rows + "k", null, preflight).header("access-control-allow-origin"))
                .isEmpty();

        try (Sidecar open = Running.sidecar("--cors.origins=https://app.example")) {
            Http http = new Http(open.restPort());
            assertThat(http.send("OPTIONS", rows + "k", null, preflight).header("access-control-allow-origin"))
                    .isEqualTo("https://app.example");
            assertThat(http.get("/v1/limits", "Origin", "https://app.example")
                            .header("access-control-expose-headers")
                            .toLowerCase(Locale.ROOT))
                    .contains("tidemark-session");
            assertThat(http.get("/v1/limits", "Origin", "https://evil.example").header("access-control-allow-origin"))
                    .isEmpty();
        }
    }

    @Test
    void shouldCarrySessionsInACookieWhereConfigured() throws Exception {
        try (Sidecar baker = Running.sidecar("--session.cookie=tm")) {
            Http http = new Http(baker.restPort());
            String cookie = http.putJson(rows + "k", "1").header("set-cookie");

            assertThat(cookie).startsWith("tm=tm1.").contains("HttpOnly");
            assertThat(http.get(rows + "k", "Cookie", "a=b; " + cookie.split(";", -1)[0], "Tidemark-Read", "eventual")
                            .body())
                    .isEqualTo("1");
            assertThat(http.get(rows + "k", "Cookie", "tm=garbage").status()).isEqualTo(200);
            // A page cannot drop it, so it would be refused for ever.
            Answer over = http.get(rows + "k", "Cookie", "tm=tm1.0000000000000000.1");
            Answer overWrite = http.putJson(rows + "k", "2", "Cookie", "tm=tm1.0000000000000000.1");
            assertThat(over.status()).isEqualTo(409);
            assertThat(over.header("tidemark-reason")).isEqualTo("HISTORY_CHANGED");
            assertThat(over.header("set-cookie")).startsWith("tm=;").contains("Max-Age=0");
            assertThat(overWrite.status()).isEqualTo(409);
            assertThat(overWrite.header("set-cookie")).startsWith("tm=;");
        }
        assertThat(HTTP.putJson(rows + "k", "1").header("set-cookie")).isEmpty();
    }

    @Test
    void shouldDropNoTableByAPathThatOthersMend() {
        HTTP.putJson(rows + "k", "1");

        assertThat(HTTP.delete("/v1/tables/" + table + "/").status()).isEqualTo(404);
        assertThat(HTTP.get(rows + "k", "Cache-Control", "no-cache").status()).isEqualTo(200);
    }

    @Test
    void shouldNotKnowOtherPaths() {
        for (String path : List.of(
                "/", "/v2/tables", "/v1", "/v1/tables/a/rows/b/", "/v1/tables/a/rows/", "/v1/tables/", "/metrics")) {
            Answer answer = HTTP.get(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.json().get("type").stringValue()).isEqualTo("urn:tidemark:problem:no-such-route");
        }
    }
}
