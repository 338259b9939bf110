// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest;

import io.tidemark.rest.config.Configuration;
import io.tidemark.rest.config.ConfigurationException;
import io.tidemark.rest.config.SidecarConfig;
import io.tidemark.rest.resource.ResourceFile;
import io.tidemark.rest.resource.ResourceSpec;
import io.tidemark.rest.server.Sidecar;
import io.tidemark.rest.server.StartException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Runs a sidecar until it is told to stop (SIGTERM, SIGINT), and then drains it. */
public final class RestSidecar {

    private static final int WRONG_USAGE = 2;

    private RestSidecar() {}

    /** Arguments: {@code --config=FILE}, {@code --print-config}, and options as {@code --name=value}. */
    public static void main(String[] args) throws InterruptedException {
        System.exit(run(List.of(args), System.out, System.err));
    }

    /**
     * The same, and gives the exit code: 0 when it was stopped in order, 2 for a wrong configuration or a port that is taken.
     */
    public static int run(List<String> args, PrintStream out, PrintStream err) throws InterruptedException {
        Path file = null;
        boolean print = false;
        List<String> flags = new ArrayList<>();
        for (String arg : args) {
            if (arg.startsWith("--config=")) {
                file = Path.of(arg.substring("--config=".length()));
            } else if (arg.equals("--print-config")) {
                print = true;
            } else {
                flags.add(arg);
            }
        }
        try {
            return run(file, flags, print, out);
        } catch (ConfigurationException | StartException e) {
            err.println("tidemark: " + e.getMessage());
            err.flush();
            return WRONG_USAGE;
        }
    }

    /**
     * Looks whether a sidecar would start with it: its options, and the files with its resources. Starts nothing.
     *
     * @throws ConfigurationException that names what is wrong
     */
    public static void check(@Nullable Path file, Map<String, String> environment, List<String> flags) {
        SidecarConfig config = SidecarConfig.from(Configuration.load(SidecarConfig.OPTIONS, file, environment, flags));
        List<ResourceSpec> unused = ResourceFile.readAll(config.resourceFiles());
    }

    private static int run(@Nullable Path file, List<String> flags, boolean print, PrintStream out)
            throws InterruptedException {
        Configuration configuration = Configuration.load(SidecarConfig.OPTIONS, file, System.getenv(), flags);
        if (print) {
            out.print(configuration.toYaml());
            out.flush();
            return 0;
        }
        // Before the first logger is made, which reads them.
        System.setProperty("tidemark.log.format", configuration.get(SidecarConfig.LOG_FORMAT));
        System.setProperty("tidemark.log.level", configuration.get(SidecarConfig.LOG_LEVEL));
        Sidecar sidecar = Sidecar.start(SidecarConfig.from(configuration));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            sidecar.close();
                            stopped.countDown();
                            // A signal's own exit code would make an orderly stop look like a failure.
                            Runtime.getRuntime().halt(0);
                        },
                        "stop"));
        stopped.await();
        return 0;
    }
}
