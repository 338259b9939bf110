// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import io.tidemark.server.process.LoopbackPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A sidecar as a real process, in front of a cluster. Belongs to one test; signals go to its process id, never to a name. */
final class SidecarUnderTest implements AutoCloseable {

    private static final Duration READY_TIMEOUT = Duration.ofSeconds(60);

    private final String id;
    private final int restPort;
    private final Path logFile;
    private final Process process;

    private SidecarUnderTest(String id, int restPort, Path logFile, Process process) {
        this.id = id;
        this.restPort = restPort;
        this.logFile = logFile;
        this.process = process;
    }

    /** Starts one in front of these servers, and waits until it is ready. */
    static SidecarUnderTest start(String id, Path directory, List<String> endpoints, String... flags) {
        int restPort = LoopbackPorts.next();
        Path logFile = directory.resolve(id + ".log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.tidemark.launcher.Tidemark",
                "sidecar",
                "--host=127.0.0.1",
                "--rest.port=" + restPort,
                "--http.port=0",
                "--cluster.endpoints=" + String.join(",", endpoints)));
        command.addAll(List.of(flags));
        SidecarUnderTest sidecar;
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(logFile.toFile())
                    .start();
            sidecar = new SidecarUnderTest(id, restPort, logFile, process);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sidecar.awaitReady();
        return sidecar;
    }

    String id() {
        return id;
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + restPort + path);
    }

    /** SIGKILL. */
    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Ends it, however it is. */
    @Override
    public void close() {
        kill();
    }

    private void awaitReady() {
        HttpClient client = HttpClient.newHttpClient();
        HttpRequest ready = HttpRequest.newBuilder(uri("/readyz"))
                .timeout(Duration.ofSeconds(2))
                .build();
        ClusterUnderTest.await(id + " to be ready: " + logFile, READY_TIMEOUT, () -> {
            if (!process.isAlive()) {
                throw new AssertionError(id + " ended with " + process.exitValue() + ": " + logFile);
            }
            try {
                return client.send(ready, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        });
    }
}
