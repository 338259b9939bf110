// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.tidemark.server.metrics.ServerMetrics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP port: {@code /healthz} (the process lives), {@code /readyz} (it should be sent requests, or why not) and {@code
 * /metrics} (for Prometheus).
 *
 * <p>On threads of its own, so that it answers when nothing else does.
 */
final class HttpPort implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int BACKLOG = 64;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    static {
        // The JDK's server waits for ever for the rest of a request, and a few half requests would silence it. It reads
        // these (in seconds) once, before its first use.
        System.setProperty("sun.net.httpserver.maxReqTime", "2");
        System.setProperty("sun.net.httpserver.maxRspTime", "2");
    }

    private final HttpServer server;
    private final ExecutorService executor;
    private final Readiness readiness;
    private final ServerMetrics metrics;
    private volatile @Nullable Supplier<Optional<Duration>> staleness;

    private HttpPort(HttpServer server, ExecutorService executor, Readiness readiness, ServerMetrics metrics) {
        this.server = server;
        this.executor = executor;
        this.readiness = readiness;
        this.metrics = metrics;
    }

    static HttpPort open(String host, int port, Readiness readiness, ServerMetrics metrics) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        try {
            HttpServer server = HttpServer.create(address, BACKLOG);
            ExecutorService executor = Executors.newFixedThreadPool(THREADS, task -> {
                Thread thread = new Thread(task, "http");
                thread.setDaemon(true);
                return thread;
            });
            HttpPort http = new HttpPort(server, executor, readiness, metrics);
            server.setExecutor(executor);
            server.createContext("/", http::answer);
            server.start();
            return http;
        } catch (IOException e) {
            throw new StartException("http.port " + port + " on " + host + " cannot be opened: " + e.getMessage(), e);
        }
    }

    /** Makes {@code /readyz} tell it. */
    void tellStaleness(Supplier<Optional<Duration>> supplier) {
        staleness = supplier;
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/healthz" -> send(exchange, 200, TEXT, "ok\n");
                case "/readyz" -> sendReadiness(exchange);
                case "/metrics" -> send(exchange, 200, ServerMetrics.CONTENT_TYPE, metrics.scrape());
                default -> send(exchange, 404, TEXT, "not found (here are: /healthz, /readyz, /metrics)\n");
            }
        }
    }

    private void sendReadiness(HttpExchange exchange) throws IOException {
        Map<String, String> reasonsWhyNot = readiness.reasonsWhyNot();
        JsonObject reasons = new JsonObject();
        reasonsWhyNot.forEach(reasons::addProperty);
        JsonObject answer = new JsonObject();
        answer.addProperty("ready", reasonsWhyNot.isEmpty());
        answer.add("reasons", reasons);
        Supplier<Optional<Duration>> asked = staleness;
        if (asked != null) {
            // Null where it is unknown, which is not zero.
            answer.addProperty(
                    "staleness_seconds",
                    asked.get().map(known -> known.toNanos() / NANOS_PER_SECOND).orElse(null));
        }
        send(exchange, reasonsWhyNot.isEmpty() ? 200 : 503, JSON, GSON.toJson(answer) + "\n");
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")
                && !exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            exchange.sendResponseHeaders(405, -1);
            return;
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
