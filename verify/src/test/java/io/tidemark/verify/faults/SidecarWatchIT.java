// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.verify.process.ServerUnderTest;
import io.tidemark.verify.process.Servers;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Server-sent events while the servers behind the sidecar, and the sidecar itself, are taken away: a reader that goes on with
 * {@code Last-Event-ID}, as browsers do, is told every event once and in order.
 */
@Tag("faults")
@Timeout(600)
class SidecarWatchIT {

    private static final String TEST = "sidecar: events";
    private static final Duration TIMEOUT = Duration.ofMinutes(2);
    private static final WriteOptions PATIENT = WriteOptions.defaults().withDeadline(Duration.ofSeconds(60));
    private static final int EVENTS = 1_000;

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldTellEveryEventOnceAcrossTheLossOfServersAndOfASidecar() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(servers, 3, "--store.auto-create-tables=true")) {
            List<ServerUnderTest> replicas = List.of(cluster.startReplica("r1"), cluster.startReplica("r2"));
            replicas.forEach(replica -> replica.awaitReady(TIMEOUT));
            List<String> endpoints = List.copyOf(cluster.endpointsById().values());
            try (TidemarkClient client = TidemarkClient.connect(String.join(",", endpoints));
                    SidecarUnderTest first = SidecarUnderTest.start("s1", servers.directory(), endpoints);
                    SidecarUnderTest second = SidecarUnderTest.start("s2", servers.directory(), endpoints)) {
                Table<String> numbers = client.table("numbers");
                String start = numbers.put("first", "").token();
                Reader reader = new Reader(List.of(first, second), start);
                CompletableFuture<Void> reading = CompletableFuture.runAsync(reader);
                AtomicInteger written = new AtomicInteger();
                CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < EVENTS; i++) {
                        var unused = numbers.put("n", Integer.toString(i), PATIENT);
                        written.incrementAndGet();
                        // A writer that is done before anything is struck would prove nothing.
                        ClusterUnderTest.sleep(10);
                    }
                });

                strike(written, EVENTS / 6, "kills the leader", () -> {
                    ServerUnderTest leader = cluster.awaitLeader(TIMEOUT).node().server();
                    leader.kill();
                    leader.start();
                });
                for (int i = 0; i < 2; i++) {
                    ServerUnderTest replica = replicas.get(i);
                    strike(written, EVENTS * (i + 2) / 6, "kills " + replica.id(), () -> {
                        replica.kill();
                        replica.start();
                        replica.awaitReady(TIMEOUT);
                    });
                }
                strike(written, EVENTS * 4 / 6, "kills the sidecar s1", first::kill);
                writing.get(5, TimeUnit.MINUTES);
                ClusterUnderTest.await(
                        "the last event; " + reader, TIMEOUT, () -> reader.seen.size() >= EVENTS || reading.isDone());
                reader.close();
                reading.get(1, TimeUnit.MINUTES);

                Rounds.say(TEST, reader.toString());
                assertThat(reader.seen)
                        .containsExactlyElementsOf(
                                IntStream.range(0, EVENTS).boxed().toList());
                assertThat(reader.connections.get()).isGreaterThan(1);
            }
        }
    }

    private static void strike(AtomicInteger written, int at, String what, Runnable fault) {
        ClusterUnderTest.await(at + " events written", TIMEOUT, () -> written.get() >= at);
        Rounds.say(TEST, what + " after " + written + " events");
        fault.run();
    }

    /** Reads as a browser does: when a stream ends it goes on at the next sidecar from the last id that it was told. */
    private static final class Reader implements Runnable {

        private final HttpClient client = HttpClient.newHttpClient();
        private final List<SidecarUnderTest> sidecars;
        private final List<Integer> seen = new CopyOnWriteArrayList<>();
        private final List<String> kinds = new CopyOnWriteArrayList<>();
        private final AtomicInteger connections = new AtomicInteger();
        private volatile boolean closed;
        private volatile @Nullable Stream<String> current;
        private String lastId;

        Reader(List<SidecarUnderTest> sidecars, String start) {
            this.sidecars = sidecars;
            this.lastId = start;
        }

        @Override
        public void run() {
            while (!closed) {
                SidecarUnderTest sidecar = sidecars.get(connections.getAndIncrement() % sidecars.size());
                HttpRequest request = HttpRequest.newBuilder(sidecar.uri("/v1/watch?table=numbers"))
                        .header("Last-Event-ID", lastId)
                        .build();
                try {
                    HttpResponse<Stream<String>> response = client.send(request, HttpResponse.BodyHandlers.ofLines());
                    assertThat(response.statusCode()).isEqualTo(200);
                    try (Stream<String> lines = response.body()) {
                        current = lines;
                        read(lines);
                    }
                } catch (IOException | RuntimeException e) {
                    kinds.add("lost " + sidecar.id());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }

        private void read(Stream<String> lines) {
            List<String> event = new ArrayList<>();
            lines.forEach(line -> {
                if (!line.isEmpty()) {
                    event.add(line);
                    return;
                }
                String id = field(event, "id: ");
                String kind = field(event, "event: ");
                if (kind.equals("commit")) {
                    JsonElement data = JsonParser.parseString(field(event, "data: "));
                    for (JsonElement change : data.getAsJsonObject().getAsJsonArray("events")) {
                        seen.add(number(change));
                    }
                } else if (!kind.isEmpty() && !kind.equals("progress")) {
                    kinds.add(kind);
                }
                if (!id.isEmpty()) {
                    lastId = id;
                }
                event.clear();
            });
        }

        private static int number(JsonElement change) {
            return Integer.parseInt(change.getAsJsonObject()
                    .getAsJsonObject("row")
                    .getAsJsonObject("value")
                    .get("text")
                    .getAsString());
        }

        private static String field(List<String> event, String name) {
            return event.stream()
                    .filter(line -> line.startsWith(name))
                    .map(line -> line.substring(name.length()))
                    .findFirst()
                    .orElse("");
        }

        void close() {
            closed = true;
            Stream<String> lines = current;
            if (lines != null) {
                lines.close();
            }
        }

        @Override
        public String toString() {
            return seen.size() + " events over " + connections + " connections, " + kinds;
        }
    }
}
