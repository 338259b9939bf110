// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Whom a load is put on if nobody says it: the nodes of the development cluster that runs here. Its replicas would pass every write on, and
 * what is measured should be a choice.
 */
public final class UsualNodes implements IDefaultValueProvider {

    private final Map<String, String> environment;
    private final Path directory;

    /** @param directory the working directory */
    public UsualNodes(Map<String, String> environment, Path directory) {
        this.environment = Map.copyOf(environment);
        this.directory = directory;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        boolean isAsked = argument instanceof OptionSpec option
                && option.longestName().equals("--endpoints")
                && environment.getOrDefault(Endpoints.VARIABLE, "").isBlank();
        return isAsked
                ? DevClusterFile.nodesRunningIn(directory)
                        .map(found -> String.join(",", found))
                        .orElse(null)
                : null;
    }
}
