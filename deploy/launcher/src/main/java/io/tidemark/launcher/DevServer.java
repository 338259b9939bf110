// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.server.process.ServerProcess;
import io.tidemark.server.process.StartException;
import java.io.IOException;
import java.io.Reader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One server of a development cluster: a child process with a data directory and a log file of its own. */
final class DevServer {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(20);

    private final String role;
    private final String id;
    private final Path dataDir;
    private final Path logFile;
    private final Process process;

    private DevServer(String role, String id, Path dataDir, Path logFile, Process process) {
        this.role = role;
        this.id = id;
        this.dataDir = dataDir;
        this.logFile = logFile;
        this.process = process;
    }

    /** Starts a server below the given directory, with the Java and class path of this process. */
    static DevServer start(String role, String id, Path clusterDir, List<String> flags) throws IOException {
        Path dataDir = clusterDir.resolve(id).toAbsolutePath();
        Path logFile = clusterDir.resolve(id + ".log").toAbsolutePath();
        Files.createDirectories(dataDir);
        // Whoever reads it must not see the ports of an earlier run.
        Files.deleteIfExists(dataDir.resolve(ServerProcess.PORTS_FILE));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // What this JVM was given, so that TIDEMARK_JAVA_OPTS reaches the servers; then what makes many fit one
        // machine.
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of(
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Tidemark.class.getName(),
                role,
                "--id=" + id,
                "--data-dir=" + dataDir,
                "--host=127.0.0.1",
                "--http.port=0"));
        command.addAll(flags);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()))
                .start();
        return new DevServer(role, id, dataDir, logFile, process);
    }

    String id() {
        return id;
    }

    Path logFile() {
        return logFile;
    }

    int exitCode() {
        return process.exitValue();
    }

    /** Waits until the server has published its ports, which it does when it is ready. */
    void awaitReady(Duration timeout) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!Files.exists(dataDir.resolve(ServerProcess.PORTS_FILE))) {
            if (process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new StartException(
                        id + " ended with exit code " + exitCode() + " before it was ready: see " + logFile);
            }
            if (System.nanoTime() > deadline) {
                throw new StartException(id + " is not ready after " + timeout.toSeconds() + " s: see " + logFile);
            }
        }
    }

    /** A line of the table that users see. */
    String describe() throws IOException {
        Properties ports = new Properties();
        try (Reader reader = Files.newBufferedReader(dataDir.resolve(ServerProcess.PORTS_FILE))) {
            ports.load(reader);
        }
        return String.format(
                "%-8s %-4s %-22s %-22s %-8d %s",
                role,
                id,
                "127.0.0.1:" + ports.getProperty("client"),
                "127.0.0.1:" + ports.getProperty("http"),
                process.pid(),
                logFile);
    }

    /** Completes, with this server, when its process has ended. */
    CompletableFuture<DevServer> onEnd() {
        return process.onExit().thenApply(ended -> this);
    }

    /** Asks it to stop, and returns at once. */
    void tellToStop() {
        process.destroy();
    }

    /** Waits until it has stopped, and kills it if that takes too long. */
    void awaitStop() {
        try {
            if (!process.waitFor(STOP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
