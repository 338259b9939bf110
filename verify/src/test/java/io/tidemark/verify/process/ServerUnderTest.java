// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.process;

import static java.util.Objects.requireNonNull;

import io.tidemark.server.process.ServerProcess;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A server as a real process, to start, stop, kill, pause and start again on the same data. Belongs to one test; its log
 * goes on across restarts. Signals go to its process id, never to a name.
 */
public final class ServerUnderTest implements AutoCloseable {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(10);
    private static final int LOG_TAIL_LINES = 60;

    private final String role;
    private final String id;
    private final Path dataDir;
    private final Path logFile;
    private final Place place;
    private final List<String> flags;
    private @Nullable Process process;

    private ServerUnderTest(String role, String id, Path dataDir, Path logFile, Place place, List<String> flags) {
        this.place = place;
        this.role = role;
        this.id = id;
        this.dataDir = dataDir;
        this.logFile = logFile;
        this.flags = flags;
    }

    /** Starts a server with its data and log below the given directory, on free ports. */
    static ServerUnderTest start(String role, String id, Path directory, Place place, List<String> flags) {
        ServerUnderTest server =
                new ServerUnderTest(role, id, directory.resolve(id), directory.resolve(id + ".log"), place, flags);
        server.start();
        return server;
    }

    /** Starts it again, on the same data. It must have ended. */
    public void start() {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException(id + " is running");
        }
        List<String> command = new ArrayList<>(place.runBy());
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(place.jvmOptions());
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "io.tidemark.launcher.Tidemark",
                role,
                "--id=" + id,
                "--data-dir=" + dataDir,
                "--host=" + place.host(),
                "--client.port=0",
                "--internal.port=0",
                "--http.port=0"));
        if (role.equals("node")) {
            command.add("--raft.port=0");
        }
        command.addAll(flags);
        try {
            Files.deleteIfExists(dataDir.resolve(ServerProcess.PORTS_FILE));
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(logFile.toFile()));
            builder.environment().putAll(place.environment());
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String id() {
        return id;
    }

    public Path dataDir() {
        return dataDir;
    }

    public boolean isAlive() {
        return process().isAlive();
    }

    public long pid() {
        return process().pid();
    }

    /** Where it runs. */
    public Place place() {
        return place;
    }

    public int clientPort() {
        return port("client");
    }

    public int httpPort() {
        return port("http");
    }

    /** Waits until it has published its ports, which it does when it is ready. */
    public void awaitReady(Duration timeout) {
        await("to be ready", timeout, () -> {
            if (!process().isAlive()) {
                throw new AssertionError(
                        id + " ended with " + process().exitValue() + " before it was ready:\n" + logTail());
            }
            return Files.exists(dataDir.resolve(ServerProcess.PORTS_FILE));
        });
    }

    /** Waits for a line of its log in which the pattern is found, earlier lines included. */
    public void awaitLogLine(Pattern pattern, Duration timeout) {
        await(
                "to log " + pattern,
                timeout,
                () -> logLines().stream().anyMatch(line -> pattern.matcher(line).find()));
    }

    /** Where its log goes, across restarts. */
    public Path logFile() {
        return logFile;
    }

    /** Waits for its end and gives its exit code. */
    public int awaitEnd(Duration timeout) {
        try {
            if (!process().waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(id + " has not ended after " + timeout + ":\n" + logTail());
            }
            return process().exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** SIGTERM, and its exit code. */
    public int stop() {
        process().destroy();
        return awaitEnd(STOP_TIMEOUT);
    }

    /** SIGKILL. */
    public void kill() {
        process().destroyForcibly();
        awaitEnd(STOP_TIMEOUT);
    }

    /** SIGSTOP: when this returns each of its threads stands still; its connections stay open. */
    public void pause() {
        signal("STOP");
        await("to stand still", STOP_TIMEOUT, this::standsStill);
    }

    private boolean standsStill() {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid()), "task"))) {
            return threads.allMatch(thread -> stateOf(thread) == 'T');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static char stateOf(Path thread) {
        try {
            String stat = Files.readString(thread.resolve("stat"));
            // The name before it may hold anything.
            return stat.charAt(stat.lastIndexOf(')') + 2);
        } catch (NoSuchFileException e) {
            return 'T';
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGCONT. */
    public void resume() {
        signal("CONT");
    }

    public List<String> logLines() {
        try (Stream<String> lines = Files.lines(logFile, StandardCharsets.UTF_8)) {
            return lines.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String logTail() {
        List<String> lines = logLines();
        List<String> tail = lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size());
        return "--- last lines of " + logFile + "\n" + String.join("\n", tail);
    }

    /** Ends it, however it is. */
    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            kill();
        }
    }

    private Process process() {
        return requireNonNull(process, "process");
    }

    private void signal(String name) {
        try {
            int exit = new ProcessBuilder("bash", "-c", "kill -" + name + " " + pid())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new AssertionError("SIG" + name + " to " + id + " (pid " + pid() + ") failed with " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private int port(String name) {
        Properties ports = new Properties();
        try (Reader reader = Files.newBufferedReader(dataDir.resolve(ServerProcess.PORTS_FILE))) {
            ports.load(reader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Integer.parseInt(ports.getProperty(name));
    }

    /** Looks again and again, which is all that one can do with another process; never longer than the timeout. */
    private void await(String what, Duration timeout, BooleanSupplier condition) {
        long deadline = System.nanoTime() + timeout.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited " + timeout + " for " + id + " " + what + ":\n" + logTail());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
    }
}
