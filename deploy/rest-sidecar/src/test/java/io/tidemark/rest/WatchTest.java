// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.rest.Http.Answer;
import io.tidemark.rest.ServerSentEvents.Event;
import io.tidemark.rest.server.Sidecar;
import io.tidemark.testkit.LocalCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** Watches as server-sent events. */
class WatchTest {

    private static final Http HTTP = Running.HTTP;

    private final String table = Running.table();
    private final String rows = "/v1/tables/" + table + "/rows/";

    @Test
    void shouldTellOfEachChangeWithItsPlace() throws Exception {
        try (ServerSentEvents events = new ServerSentEvents(HTTP, "/v1/watch?table=" + table)) {
            Event opened = events.next("opened");
            Answer put = HTTP.putJson(rows + "ann", "{\n  \"n\": 9007199254740993\n}");
            Event created = events.next("commit");
            HTTP.delete(rows + "ann");
            Event deleted = events.next("commit");
            Event heartbeat = events.next("progress");

            assertThat(events.header("content-type")).startsWith("text/event-stream");
            assertThat(opened.id()).startsWith("tm1.");
            assertThat(created.id()).isEqualTo(put.header("tidemark-session"));
            assertThat(created.data()).contains("\"n\": 9007199254740993");
            assertThat(created.json().at("/events/0/kind").stringValue()).isEqualTo("CHANGE_KIND_PUT");
            assertThat(created.json().at("/events/0/row/key").stringValue()).isEqualTo("ann");
            assertThat(deleted.json().at("/events/0/kind").stringValue()).isEqualTo("CHANGE_KIND_DELETE");
            assertThat(heartbeat.json().at("/header/staleness").stringValue()).endsWith("s");
            assertThat(heartbeat.id()).startsWith("tm1.");
        }
    }

    @Test
    void shouldTellOnlyWhatIsWatched() throws Exception {
        try (ServerSentEvents key = new ServerSentEvents(HTTP, "/v1/watch?table=" + table + "&key=b");
                ServerSentEvents prefix = new ServerSentEvents(HTTP, "/v1/watch?table=" + table + "&prefix=c/");
                ServerSentEvents deletes = new ServerSentEvents(
                        HTTP, "/v1/watch?table=" + table + "&kinds=CHANGE_KIND_DELETE&row_view=ROW_VIEW_METADATA")) {
            key.next("opened");
            prefix.next("opened");
            deletes.next("opened");

            HTTP.putJson(rows + "a", "1");
            HTTP.putJson(rows + "b", "2");
            HTTP.putJson(rows + "c/1", "3");
            HTTP.delete(rows + "a");

            assertThat(key.next("commit").json().at("/events/0/row/key").stringValue())
                    .isEqualTo("b");
            assertThat(prefix.next("commit").json().at("/events/0/row/key").stringValue())
                    .isEqualTo("c/1");
            assertThat(deletes.next("commit").json().at("/events/0/row/key").stringValue())
                    .isEqualTo("a");
        }
    }

    @Test
    void shouldGoOnBehindTheLastEventThatAReaderHad() throws Exception {
        String first = HTTP.putJson(rows + "k0", "0").header("tidemark-session");
        for (int i = 1; i <= 5; i++) {
            HTTP.putJson(rows + "k" + i, Integer.toString(i));
        }
        List<String> keys = new ArrayList<>();
        String last = first;
        while (keys.size() < 5) {
            // A reader that loses its connection after every two events.
            try (ServerSentEvents events =
                    new ServerSentEvents(HTTP, "/v1/watch?table=" + table, "Last-Event-ID", last)) {
                for (int i = 0; i < 2 && keys.size() < 5; i++) {
                    Event commit = events.next("commit");
                    keys.add(commit.json().at("/events/0/row/key").stringValue());
                    last = commit.id();
                }
            }
        }

        assertThat(keys).containsExactly("k1", "k2", "k3", "k4", "k5");
    }

    @Test
    void shouldRefuseAWatchThatCannotStandBeforeItBegins() throws Exception {
        HTTP.putJson(rows + "a", "1");

        try (ServerSentEvents otherHistory =
                new ServerSentEvents(HTTP, "/v1/watch?table=" + table, "Last-Event-ID", "tm1.0000000000000000.1")) {
            assertThat(otherHistory.status()).isEqualTo(409);
            assertThat(otherHistory.header("content-type")).isEqualTo("application/problem+json");
        }
        assertThat(HTTP.get("/v1/watch?table=" + table, "Last-Event-ID", "7").status())
                .isEqualTo(400);
        assertThat(HTTP.get("/v1/watch?key=a").status()).isEqualTo(400);
        assertThat(HTTP.get("/v1/watch?table=" + table + "&from_index=1").status())
                .isEqualTo(400);
        assertThat(HTTP.get("/v1/watch?table=" + table + "&heartbeat_interval=0.001s")
                        .status())
                .isEqualTo(400);
        assertThat(HTTP.get("/v1/watch?table=UPPER").status()).isEqualTo(400);
    }

    @Test
    void shouldGoByTheSessionAndTheHistoryOfAWatch() throws Exception {
        String token = HTTP.putJson(rows + "a", "1").header("tidemark-session");

        for (String other : List.of("session_tokens=tm1.0000000000000000.1", "history_id=0000000000000000")) {
            try (ServerSentEvents refused = new ServerSentEvents(HTTP, "/v1/watch?table=" + table + "&" + other)) {
                assertThat(refused.status()).as(other).isEqualTo(409);
                assertThat(refused.header("tidemark-reason")).isEqualTo("HISTORY_CHANGED");
            }
        }
        try (ServerSentEvents refused =
                new ServerSentEvents(HTTP, "/v1/watch?table=" + table + "&session_tokens=nonsense")) {
            assertThat(refused.header("tidemark-reason")).isEqualTo("BAD_SESSION_TOKEN");
        }
        try (ServerSentEvents events = new ServerSentEvents(
                HTTP,
                "/v1/watch?table=" + table + "&session_tokens=" + token + "&history_id=" + token.substring(4, 20))) {
            long opened = Long.parseLong(
                    events.next("opened").json().get("throughIndex").stringValue());
            assertThat(opened).isGreaterThanOrEqualTo(Long.parseLong(token.substring(token.lastIndexOf('.') + 1)));
        }
    }

    @Test
    void shouldTellOfRowsBeforeAChangeAsMuchAsIsWanted() throws Exception {
        HTTP.putJson(rows + "a", "1");
        String watch = "/v1/watch?table=" + table + "&previous_row=WATCH_PREVIOUS_ROW_";
        try (ServerSentEvents metadata = new ServerSentEvents(HTTP, watch + "METADATA");
                ServerSentEvents full = new ServerSentEvents(HTTP, watch + "FULL")) {
            metadata.next("opened");
            full.next("opened");

            HTTP.putJson(rows + "a", "2");
            JsonNode bare = metadata.next("commit").json();
            JsonNode whole = full.next("commit").json();

            assertThat(bare.at("/events/0/previousRow/version").stringValue()).isEqualTo("1");
            assertThat(bare.at("/events/0/previousRow").has("value")).isFalse();
            assertThat(bare.at("/events/0/row/value/json").intValue()).isEqualTo(2);
            assertThat(whole.at("/events/0/previousRow/value/json").intValue()).isEqualTo(1);
        }
    }

    @Test
    void shouldHaveSoManyWatchersAndNoMore() throws Exception {
        try (Sidecar small = Running.sidecar("--watch.max=1")) {
            Http http = new Http(small.restPort());
            try (ServerSentEvents one = new ServerSentEvents(http, "/v1/watch?table=" + table)) {
                one.next("opened");
                Answer second = http.get("/v1/watch?table=" + table);

                assertThat(second.status()).isEqualTo(503);
                assertThat(second.header("retry-after")).isEqualTo("5");
            }
        }
    }

    @Test
    void shouldSendWatchersElsewhereWhenItStops() throws Exception {
        Sidecar stopping = Running.sidecar();
        try (ServerSentEvents events =
                new ServerSentEvents(new Http(stopping.restPort()), "/v1/watch?table=" + table)) {
            events.next("opened");

            stopping.close();

            assertThat(events.next("end").json().get("reason").stringValue()).isEqualTo("STOPPING");
        }
    }

    @Test
    void shouldSendAWatcherElsewhereThatWaitsForItsWatchToStand() throws Exception {
        try (LocalCluster cluster = LocalCluster.builder().nodes(1).replicas(0).start()) {
            Sidecar stopping = Running.sidecarOf(cluster);
            Http http = new Http(stopping.restPort());
            Http operators = new Http(stopping.httpPort());
            assertThat(http.putJson(rows + "k", "1").status()).isEqualTo(201);
            cluster.stop("n1");
            CompletableFuture<Answer> answer =
                    CompletableFuture.supplyAsync(() -> http.get("/v1/watch?table=" + table));
            while (!operators.get("/metrics").body().contains("tidemark_sidecar_watches 1.0")) {
                Thread.onSpinWait();
            }
            long began = System.nanoTime();

            stopping.close();

            assertThat(System.nanoTime() - began).isLessThan(8_000_000_000L);
            assertThat(answer.get().body()).contains("STOPPING");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--watch.buffer-bytes=16KiB", "--watch.max-unread-bytes=16KiB"})
    void shouldCutOffAReaderThatTakesNothingAndTellItSo(String limit) throws Exception {
        try (Sidecar impatient = Running.sidecar(limit, "--watch.max-stall=100ms");
                Socket socket = new Socket()) {
            socket.setReceiveBufferSize(4096);
            socket.setSoTimeout(20_000);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), impatient.restPort()));
            socket.getOutputStream()
                    .write(("GET /v1/watch?table=" + table + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            byte[] some = in.readNBytes(200);
            assertThat(new String(some, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 200");

            String large = "\"" + "x".repeat(1_000_000) + "\"";
            String told = "";
            for (int round = 0; !told.contains("WATCHER_TOO_SLOW"); round++) {
                assertThat(round).as("rounds without a word").isLessThan(20);
                for (int i = 0; i < 12; i++) {
                    assertThat(HTTP.putJson(rows + "k" + round + "-" + i, large).status())
                            .isEqualTo(201);
                }
                told = readUntil(in, "\"k" + round + "-11\"", "WATCHER_TOO_SLOW");
            }
            assertThat(told).contains("event: end\ndata: {");
            Http probing = new Http(impatient.httpPort());
            long end = System.nanoTime() + 20_000_000_000L;
            while (!probing.get("/metrics").body().contains("tidemark_sidecar_watches 0.0")
                    && System.nanoTime() < end) {
                Thread.onSpinWait();
            }

            assertThat(probing.get("/metrics").body()).contains("tidemark_sidecar_watches 0.0");
        }
    }

    /** The end of what was read when one of these came. */
    private static String readUntil(InputStream in, String one, String other) throws IOException {
        byte[] part = new byte[1 << 16];
        String told = "";
        while (!told.contains(one) && !told.contains(other)) {
            int read = in.read(part);
            assertThat(read).as("the stream ended with: " + told).isPositive();
            told = told.substring(Math.max(0, told.length() - 1_000))
                    + new String(part, 0, read, StandardCharsets.US_ASCII);
        }
        return told;
    }

    @Test
    void shouldTellOfTheTopology() throws Exception {
        try (ServerSentEvents events = new ServerSentEvents(HTTP, "/v1/topology:watch")) {
            assertThat(events.next("topology")
                            .json()
                            .at("/topology/nodes/0/nodeId")
                            .stringValue())
                    .isEqualTo("n1");
        }
    }

    @Test
    void shouldNotTellAReaderOfTheTopologyWhatItHasButThatItLives() throws Exception {
        try (ServerSentEvents first = new ServerSentEvents(HTTP, "/v1/topology:watch")) {
            String id = first.next("topology").id();
            HttpResponse<InputStream> again = HTTP.stream("/v1/topology:watch", "Last-Event-ID", id);
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(again.body(), StandardCharsets.UTF_8))) {
                String line = lines.readLine();
                while (!line.startsWith(":")) {
                    assertThat(line).doesNotStartWith("event:");
                    line = lines.readLine();
                }
            }
        }
        assertThat(HTTP.get("/v1/topology:watch", "Last-Event-ID", "7").status())
                .isEqualTo(400);
    }

    @Test
    void shouldSayNothingOfServersThatItDoesNotKnow() throws Exception {
        try (ServerSentEvents events = new ServerSentEvents(HTTP, "/v1/watch?table=" + table)) {
            JsonNode header = events.next("opened").json().get("header");

            assertThat(header.get("appliedIndex").stringValue()).isNotEqualTo("0");
            assertThat(header.has("term")).isFalse();
            assertThat(header.has("servedByRole")).isFalse();
        }
    }

    @Test
    void shouldTellOverHttp2() throws Exception {
        Http http2 = new Http(Running.SIDECAR.restPort(), HttpClient.Version.HTTP_2);
        // The first request of a connection asks for HTTP/2, and the others speak it.
        assertThat(http2.get("/healthz").status()).isEqualTo(200);
        try (ServerSentEvents events = new ServerSentEvents(http2, "/v1/watch?table=" + table)) {
            events.next("opened");

            HTTP.putJson(rows + "a", "1");

            assertThat(events.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(events.next("commit").json().at("/events/0/row/key").stringValue())
                    .isEqualTo("a");
        }
    }

    @Test
    void shouldWatchWhatABodySays() throws Exception {
        String filters = """
                {"filters": [{"table": "%1$s", "key": "b"},
                             {"table": "%1$s", "range": {"start": "d", "end": "f"}},
                             {"table": "%1$s", "range": {"prefix": "x/"}}]}""".formatted(table);
        try (ServerSentEvents events = ServerSentEvents.post(HTTP, "/v1/watch", filters)) {
            assertThat(events.status()).isEqualTo(200);
            events.next("opened");

            for (String key : List.of("a", "b", "c", "d", "e", "f", "x", "x/1")) {
                HTTP.putJson(rows + key, "1");
            }

            for (String key : List.of("b", "d", "e", "x/1")) {
                assertThat(events.next("commit").json().at("/events/0/row/key").stringValue())
                        .isEqualTo(key);
            }
        }
    }

    @Test
    void shouldTellFromAnIndexOn() throws Exception {
        HTTP.putJson(rows + "a", "1");
        Answer second = HTTP.putJson(rows + "b", "2");
        HTTP.putJson(rows + "c", "3");
        String history = second.header("tidemark-session").substring(4, 20);

        try (ServerSentEvents events = new ServerSentEvents(
                HTTP,
                "/v1/watch?table=" + table + "&from_index=" + second.header("tidemark-index") + "&history_id="
                        + history)) {
            for (String key : List.of("b", "c")) {
                assertThat(events.next("commit").json().at("/events/0/row/key").stringValue())
                        .isEqualTo(key);
            }
        }
    }
}
