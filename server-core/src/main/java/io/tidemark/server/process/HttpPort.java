// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;

/**
 * The HTTP port: {@code /healthz} (the process lives) and {@code /readyz} (it should be sent requests, or why not).
 *
 * <p>On threads of its own, so that it answers when nothing else does.
 */
final class HttpPort implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int BACKLOG = 64;

    static {
        // The JDK's server waits for ever for the rest of a request, and a few half requests would silence it. It reads
        // these
        // (in seconds) once, before its first use.
        System.setProperty("sun.net.httpserver.maxReqTime", "2");
        System.setProperty("sun.net.httpserver.maxRspTime", "2");
    }

    private final HttpServer server;
    private final ExecutorService executor;

    private HttpPort(HttpServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    static HttpPort open(String host, int port, Readiness readiness) {
        InetSocketAddress address = new InetSocketAddress(host, port);
        try {
            HttpServer server = HttpServer.create(address, BACKLOG);
            ExecutorService executor = Executors.newFixedThreadPool(THREADS, task -> {
                Thread thread = new Thread(task, "http");
                thread.setDaemon(true);
                return thread;
            });
            server.setExecutor(executor);
            server.createContext("/", exchange -> answer(exchange, readiness));
            server.start();
            return new HttpPort(server, executor);
        } catch (IOException e) {
            throw new StartException("http.port " + port + " on " + host + " cannot be opened: " + e.getMessage(), e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private static void answer(HttpExchange exchange, Readiness readiness) throws IOException {
        try (exchange) {
            switch (exchange.getRequestURI().getPath()) {
                case "/healthz" -> send(exchange, 200, "ok\n");
                case "/readyz" -> sendReadiness(exchange, readiness.reasonsWhyNot());
                default -> send(exchange, 404, "not found (here are: /healthz, /readyz)\n");
            }
        }
    }

    private static void sendReadiness(HttpExchange exchange, Map<String, String> reasonsWhyNot) throws IOException {
        if (reasonsWhyNot.isEmpty()) {
            send(exchange, 200, "ready\n");
        } else {
            send(
                    exchange,
                    503,
                    reasonsWhyNot.entrySet().stream()
                            .map(check -> check.getKey() + ": " + check.getValue() + "\n")
                            .collect(Collectors.joining()));
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        if (!exchange.getRequestMethod().equals("GET")
                && !exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            exchange.sendResponseHeaders(405, -1);
            return;
        }
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
        } else {
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
