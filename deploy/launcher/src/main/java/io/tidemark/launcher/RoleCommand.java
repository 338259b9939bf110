// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.Option;
import io.tidemark.server.process.ServerConfig;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
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
                "%nOptions of the configuration can be given as --name=value; docs/configuration.md lists them.%n")
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

    /** The options of the role. */
    abstract List<Option<?>> options();

    /** Starts the server. */
    abstract AutoCloseable start(ServerConfig config);

    @Override
    public Integer call() throws Exception {
        Configuration configuration =
                Configuration.load(options(), Optional.ofNullable(configFile), System.getenv(), flags);
        if (printConfig) {
            PrintWriter out = spec.commandLine().getOut();
            out.print(configuration.toYaml());
            out.flush();
            return 0;
        }
        AutoCloseable server = start(ServerConfig.from(configuration));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(server, stopped), "stop"));
        // Only the hook ends this: the process lives until it is told to stop.
        stopped.await();
        return 0;
    }

    private void close(AutoCloseable server, CountDownLatch stopped) {
        try {
            server.close();
            // A signal's own exit code (128 + its number) would make an orderly stop look like a failure.
            Runtime.getRuntime().halt(0);
        } catch (Exception e) {
            spec.commandLine().getErr().println("tidemark: not stopped cleanly: " + e);
            Runtime.getRuntime().halt(Tidemark.FAILED);
        } finally {
            stopped.countDown();
        }
    }
}
