// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A client of a sidecar that knows nothing of Tidemark: the JDK's, and bare sockets for what that one would not send. */
final class Http {

    private final int port;
    private final HttpClient client;

    Http(int port) {
        this(port, HttpClient.Version.HTTP_1_1);
    }

    Http(int port, HttpClient.Version version) {
        this.port = port;
        this.client = HttpClient.newBuilder()
                .version(version)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** An answer, with its body as text. */
    record Answer(int status, HttpHeaders headers, String body) {

        String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        JsonNode json() {
            return JsonMapper.shared().readTree(body);
        }
    }

    Answer get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    Answer put(String path, String body, String... headers) {
        return send("PUT", path, body, headers);
    }

    Answer putJson(String path, String body, String... headers) {
        return send("PUT", path, body, with(headers, "Content-Type", "application/json"));
    }

    Answer post(String path, String body, String... headers) {
        return send("POST", path, body, with(headers, "Content-Type", "application/json"));
    }

    Answer patch(String path, String body, String... headers) {
        return send("PATCH", path, body, with(headers, "Content-Type", "application/merge-patch+json"));
    }

    Answer delete(String path, String... headers) {
        return send("DELETE", path, null, headers);
    }

    Answer send(String method, String path, @Nullable String body, String... headers) {
        try {
            HttpResponse<String> response = client.send(
                    request(method, path, body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8), headers),
                    HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            return new Answer(response.statusCode(), response.headers(), response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + path, e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    HttpResponse<byte[]> bytes(String path, String... headers) throws IOException, InterruptedException {
        return client.send(request("GET", path, new byte[0], headers), HttpResponse.BodyHandlers.ofByteArray());
    }

    HttpResponse<InputStream> stream(String path, String... headers) throws IOException, InterruptedException {
        return client.send(request("GET", path, new byte[0], headers), HttpResponse.BodyHandlers.ofInputStream());
    }

    HttpResponse<InputStream> postStream(String path, String json) throws IOException, InterruptedException {
        return client.send(
                request("POST", path, json.getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json"),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    HttpRequest request(String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(60))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return request.build();
    }

    /** Whatever is sent, byte for byte, and all that comes back until the server closes. */
    String raw(byte[] request) {
        return raw(true, request);
    }

    /** The same, by a caller who can still be sent to, each part as soon as the one before it is gone. */
    String rawAndWait(byte[]... parts) {
        return raw(false, parts);
    }

    private String raw(boolean hangingUp, byte[]... parts) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.setTcpNoDelay(true);
            for (byte[] part : parts) {
                socket.getOutputStream().write(part);
                socket.getOutputStream().flush();
            }
            if (hangingUp) {
                socket.shutdownOutput();
            }
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A request as it would be typed, without a body. */
    String rawGet(String target) {
        return raw(("GET " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String[] with(String[] headers, String... more) {
        String[] all = Arrays.copyOf(headers, headers.length + more.length);
        System.arraycopy(more, 0, all, headers.length, more.length);
        return all;
    }
}
