// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a stream of events as a browser does, on a thread of its own. */
final class ServerSentEvents implements AutoCloseable {

    private final HttpResponse<InputStream> response;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

    /** An event; the name {@code closed} is ours: nothing follows. */
    record Event(String id, String name, String data) {
        JsonNode json() {
            return JsonMapper.shared().readTree(data);
        }
    }

    ServerSentEvents(Http http, String path, String... headers) throws IOException, InterruptedException {
        this(http.stream(path, headers));
    }

    private ServerSentEvents(HttpResponse<InputStream> response) {
        this.response = response;
        Thread reader = new Thread(this::read, "events");
        reader.setDaemon(true);
        reader.start();
    }

    /** Of a watch whose filters stand in a body. */
    static ServerSentEvents post(Http http, String path, String json) throws IOException, InterruptedException {
        return new ServerSentEvents(http.postStream(path, json));
    }

    HttpClient.Version version() {
        return response.version();
    }

    int status() {
        return response.statusCode();
    }

    String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    /** The next event of that kind; others before it are passed over. */
    Event next(Predicate<Event> kind) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            Event event = events.poll(Math.max(1, end - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new AssertionError("no such event within 20 s");
            }
            if (kind.test(event)) {
                return event;
            }
            if (event.name().equals("closed")) {
                throw new AssertionError("the stream ended");
            }
        }
    }

    Event next(String name) throws InterruptedException {
        return next(event -> event.name().equals(name));
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            String id = "";
            String name = "message";
            StringBuilder data = new StringBuilder();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    data.append(data.isEmpty() ? "" : "\n").append(line.substring(6));
                } else if (line.isEmpty() && !data.isEmpty()) {
                    events.add(new Event(id, name, data.toString()));
                    name = "message";
                    data.setLength(0);
                }
            }
        } catch (IOException e) {
            events.add(new Event("", "closed", String.valueOf(e)));
            return;
        }
        events.add(new Event("", "closed", ""));
    }

    @Override
    public void close() throws IOException {
        response.body().close();
    }
}
