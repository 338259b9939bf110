// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.role.Role;
import io.tidemark.server.config.Configuration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** Says of a configuration what a server would say of it, and starts nothing. */
@Command(
        name = "check-config",
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class,
        description = {
            "Reads a configuration as a server of the role would, with the environment and flags, and says all that is wrong"
                    + " with it. Starts nothing, opens no port and touches no directory.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark check-config node --config /etc/tidemark/node.yaml",
            "  tidemark check-config replica --config replica.yaml --id=r7",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:a server of the role would start with it", "2:it would not; the messages say why"})
final class CheckConfigCommand implements Callable<Integer> {

    @Parameters(paramLabel = "ROLE", description = "Which kind of server: node or replica.")
    private String role = "";

    @CommandLine.Option(names = "--config", paramLabel = "FILE", description = "The YAML file to read options from.")
    private @Nullable Path configFile;

    @Unmatched
    private final List<String> flags = new ArrayList<>();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        Role asked = Role.ALL.stream()
                .filter(known -> known.name().equals(role))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "role: '" + role + "' (expected: one of "
                                + Role.ALL.stream().map(Role::name).collect(Collectors.joining(", ")) + ")"));
        Configuration configuration =
                Configuration.load(asked.options(), Optional.ofNullable(configFile), System.getenv(), flags);
        asked.check().accept(configuration);
        spec.commandLine()
                .getOut()
                .println((configFile == null ? "the configuration" : configFile) + " is right for a " + asked.name());
        spec.commandLine().getOut().flush();
        return 0;
    }
}
