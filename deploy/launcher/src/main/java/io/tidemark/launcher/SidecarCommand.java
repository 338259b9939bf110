// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.rest.RestSidecar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

@Command(
        name = "sidecar",
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class,
        description = "Serves Tidemark over HTTP: rows, watches, and an application's own resources.",
        footerHeading =
                "%nOptions of the configuration can be given as --name=value; docs/configuration.md lists them.%n%nExamples:%n",
        footer = {
            "  tidemark sidecar --config=/etc/tidemark/sidecar.yaml",
            "  tidemark sidecar --cluster.endpoints=10.0.0.1:7400 --rest.port=8080"
        })
final class SidecarCommand implements Callable<Integer> {

    @Option(names = "--config", paramLabel = "FILE", description = "The YAML file to read options from.")
    private @Nullable Path configFile;

    @Option(
            names = "--print-config",
            description = "Print the effective configuration and where each value came from, and exit.")
    private boolean printConfig;

    @Unmatched
    private final List<String> flags = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        List<String> arguments = new ArrayList<>(flags);
        if (configFile != null) {
            arguments.add("--config=" + configFile);
        }
        if (printConfig) {
            arguments.add("--print-config");
        }
        return RestSidecar.run(arguments, System.out, System.err);
    }
}
