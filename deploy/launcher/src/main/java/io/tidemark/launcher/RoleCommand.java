// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.role.Role;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.process.RunningServer;
import io.tidemark.server.process.ServerConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Runs one server of a role until it is told to stop (SIGTERM, SIGINT), and then drains it. */
@Command(
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class,
        footerHeading =
                "%nOptions of the configuration can be given as --name=value; docs/configuration.md lists them.%n%nExamples:%n")
abstract class RoleCommand implements Callable<Integer> {

    @CommandLine.Option(names = "--config", paramLabel = "FILE", description = "The YAML file to read options from.")
    private @Nullable Path configFile;

    @CommandLine.Option(
            names = "--print-config",
            description = "Print the effective configuration and where each value came from, and exit.")
    private boolean printConfig;

    @Unmatched
    private final List<String> flags = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /** Which one it runs. */
    abstract Role role();

    @Override
    public Integer call() throws Exception {
        Configuration configuration =
                Configuration.load(role().options(), Optional.ofNullable(configFile), System.getenv(), flags);
        if (printConfig) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(configuration.toYaml());
            out.flush();
            return 0;
        }
        // Before the first logger is made, which reads them.
        System.setProperty("tidemark.log.format", name(configuration.get(ServerConfig.LOG_FORMAT)));
        System.setProperty("tidemark.log.level", name(configuration.get(ServerConfig.LOG_LEVEL)));
        RunningServer server = role().start(configuration);
        AtomicInteger exitCode = new AtomicInteger();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server, exitCode), "stop"));
        // The process lives until it is told to stop, which only the hook hears of, or cannot go on.
        try {
            server.failure().join();
        } catch (CompletionException e) {
            exitCode.set(Tidemark.report(e.getCause() == null ? e : e.getCause(), spec.commandLine()));
        }
        return exitCode.get();
    }

    private void close(RunningServer server, AtomicInteger exitCode) {
        try {
            server.close();
            // A signal's own exit code (128 + its number) would make an orderly stop look like a failure.
            Runtime.getRuntime().halt(exitCode.get());
        } catch (RuntimeException e) {
            spec.commandLine().getErr().println("tidemark: not stopped cleanly: " + e);
            Runtime.getRuntime().halt(Tidemark.FAILED);
        }
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
