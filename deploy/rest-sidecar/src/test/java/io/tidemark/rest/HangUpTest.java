// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.tidemark.rest.server.Sidecar;
import io.tidemark.testkit.LocalCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Whoever hangs up is no failure of the sidecar: nothing in the log that somebody should look at, and nothing counted as one. */
class HangUpTest {

    private static final String UNDER_WAY = "tidemark_sidecar_requests_under_way";
    private static final String WATCHES = "tidemark_sidecar_watches";

    private final String table = Running.table();
    private final String row = "/v1/tables/" + table + "/rows/k";
    private final List<String> grave = new CopyOnWriteArrayList<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            // The cluster lives in the same JVM, and has its own to say.
            boolean ofSidecar = event.getLoggerName().startsWith("io.tidemark.rest")
                    || event.getLoggerName().startsWith("com.linecorp.armeria");
            if (ofSidecar && event.getLevel().isGreaterOrEqual(Level.WARN)) {
                grave.add(event.toString());
            }
        }
    };

    private final Sidecar sidecar = Running.sidecar();
    private final Http http = new Http(sidecar.restPort());
    private final Http operators = new Http(sidecar.httpPort());

    @BeforeEach
    void listen() {
        http.putJson(row, "1");
        appender.start();
        root.addAppender(appender);
    }

    @AfterEach
    void stop() {
        root.detachAppender(appender);
        sidecar.close();
    }

    @Test
    void shouldTakeNoOffenceInTheMiddleOfABody() throws IOException {
        try (Socket socket = send("PUT " + row + " HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n"
                + "Content-Length: 1000\r\n\r\nthe beginning")) {
            awaits(UNDER_WAY, 1);
            reset(socket);
            awaits(UNDER_WAY, 0);
        }
        assertNothingHappened();
        assertThat(operators.get("/metrics").body()).contains("status=\"499\"");
    }

    @Test
    void shouldTakeNoOffenceWhileARequestWaits() throws IOException {
        try (Socket socket = send("GET " + row + " HTTP/1.1\r\nHost: x\r\nTidemark-Timeout: 20s\r\n"
                + "Tidemark-Read: eventual, min-index=999999999\r\n\r\n")) {
            awaits(UNDER_WAY, 1);
            reset(socket);
            awaits(UNDER_WAY, 0);
        }
        assertNothingHappened();
    }

    @Test
    void shouldTakeNoOffenceInAWatch() throws IOException {
        try (Socket socket =
                send("GET /v1/watch?table=" + table + "&heartbeat_interval=0.1s HTTP/1.1\r\nHost: x\r\n\r\n")) {
            assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                    .isEqualTo("HTTP/1.1 200");
            awaits(WATCHES, 1);
            reset(socket);
            awaits(WATCHES, 0);
        }
        assertNothingHappened();
    }

    @Test
    void shouldForgetWhoLeavesBeforeTheWatchStands() throws IOException {
        try (LocalCluster cluster = LocalCluster.builder().nodes(1).replicas(0).start();
                Sidecar alone = Running.sidecarOf(cluster)) {
            assertThat(new Http(alone.restPort()).putJson(row, "1").status()).isEqualTo(201);
            cluster.stop("n1");
            Http its = new Http(alone.httpPort());
            try (Socket socket = send(alone, "GET /v1/watch?table=" + table + " HTTP/1.1\r\nHost: x\r\n\r\n")) {
                awaits(its, WATCHES, 1);
                reset(socket);
                awaits(its, WATCHES, 0);
            }
        }
    }

    @Test
    void shouldTakeNoOffenceInAScan() throws IOException {
        String large = "\"" + "x".repeat(500_000) + "\"";
        for (int i = 0; i < 40; i++) {
            http.putJson("/v1/tables/" + table + "/rows/k" + i, large);
        }
        try (Socket socket = send("GET /v1/tables/" + table + "/rows:stream HTTP/1.1\r\nHost: x\r\n"
                + "Cache-Control: no-cache\r\n\r\n")) {
            assertThat(socket.getInputStream().readNBytes(1_000)).hasSize(1_000);
            awaits(UNDER_WAY, 1);
            reset(socket);
            awaits(UNDER_WAY, 0);
        }
        assertNothingHappened();
    }

    private void assertNothingHappened() {
        assertThat(grave).isEmpty();
        assertThat(operators.get("/metrics").body()).doesNotContain("status=\"500\"");
    }

    private Socket send(String request) throws IOException {
        return send(sidecar, request);
    }

    private static Socket send(Sidecar to, String request) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), to.restPort());
        socket.setSoTimeout(20_000);
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        return socket;
    }

    /** As a process that is killed, or a browser that leaves. */
    private static void reset(Socket socket) throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    private void awaits(String gauge, int count) {
        awaits(operators, gauge, count);
    }

    private static void awaits(Http operators, String gauge, int count) {
        String line = gauge + " " + count + ".0";
        long end = System.nanoTime() + 20_000_000_000L;
        String metrics = operators.get("/metrics").body();
        while (!metrics.contains(line)) {
            assertThat(System.nanoTime()).as(line + " in " + metrics).isLessThan(end);
            metrics = operators.get("/metrics").body();
        }
    }
}
