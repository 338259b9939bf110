// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.dev;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Starts a supervisor that outlives the command and its terminal. */
final class Detached {

    private static final Duration POLL = Duration.ofMillis(50);
    private static final List<String> SUPERVISOR = List.of("-Xms16m", "-Xmx128m", "-XX:+UseSerialGC");

    /** See docs/configuration.md; {@code deploy/tidemark} gives the same. */
    private static final List<String> WHOLE_CLUSTER = List.of(
            "-Xms16m", "-Xmx256m", "-XX:MaxDirectMemorySize=96m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private Detached() {}

    /**
     * What came of it.
     *
     * @param cluster empty: it was never ready
     * @param exitCode of the supervisor, if it has ended
     * @param rest of what a supervisor said that has ended, beside what was told meanwhile
     */
    record Start(Optional<ClusterFile.Content> cluster, int exitCode, List<String> rest) {}

    /**
     * Returns when the cluster is ready, or has failed.
     *
     * @param console where lines of the supervisor's go that are for people, as it says them
     */
    static Start start(DevOptions options, JavaCommand java, Supervisor.Console console)
            throws IOException, InterruptedException {
        Path directory = options.directory();
        if (options.ephemeral()) {
            Directory.requireNothingToLose(directory);
        }
        Files.createDirectories(directory);
        List<String> arguments = new ArrayList<>(List.of("dev"));
        arguments.addAll(options.toArguments());
        List<String> command = new ArrayList<>(ownSession());
        command.addAll(java.with(options.singleProcess() ? WHOLE_CLUSTER : SUPERVISOR, arguments));
        Process supervisor = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(directory).toFile())
                .start();
        supervisor.getOutputStream().close();
        AtomicBoolean isReady = new AtomicBoolean();
        // Whoever gives up waiting does not want the cluster.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (!isReady.get()) {
                                supervisor.destroy();
                            }
                        },
                        "stop"));
        List<String> rest = new ArrayList<>();
        try (LogTail said = LogTail.of(log(directory))) {
            while (!supervisor.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS)) {
                Optional<ClusterFile.Content> cluster = ClusterFile.in(directory)
                        .read()
                        .filter(found -> found.ready() && found.supervisor().pid() == supervisor.pid());
                tell(said.next(), console, rest);
                if (cluster.isPresent()) {
                    isReady.set(true);
                    return new Start(cluster, 0, List.of());
                }
            }
            tell(said.next(), console, rest);
        }
        return new Start(Optional.empty(), supervisor.exitValue(), rest);
    }

    /** The welcome of a cluster that is ready is not told: whoever started it gives its own. */
    private static void tell(List<String> lines, Supervisor.Console console, List<String> rest) {
        for (String line : lines) {
            if (line.startsWith(Supervisor.Console.PREFIX)) {
                console.tell(line.substring(Supervisor.Console.PREFIX.length()));
            } else {
                rest.add(line);
            }
        }
    }

    private static Path log(Path directory) {
        return directory.resolve(Directory.SUPERVISOR_LOG);
    }

    /** So that Ctrl-C at the terminal, or in a script that goes on, does not reach it. */
    private static List<String> ownSession() {
        String path = System.getenv().getOrDefault("PATH", "");
        return Arrays.stream(path.split(":", -1))
                .filter(directory -> !directory.isEmpty())
                .map(directory -> Path.of(directory, "setsid"))
                .filter(Files::isExecutable)
                .findFirst()
                .map(setsid -> List.of(setsid.toString()))
                .orElse(List.of());
    }
}
