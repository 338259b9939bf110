// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.role.Role;
import io.tidemark.rest.RestSidecar;
import io.tidemark.server.config.Configuration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
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
            "  tidemark check-config sidecar --config sidecar.yaml --resources.files=users.yaml",
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:a server of the role would start with it", "2:it would not; the messages say why"})
final class CheckConfigCommand implements Callable<Integer> {

    /** Reads a configuration as the command of a role does, and throws what is wrong with it. */
    private interface Check {
        void check(@Nullable Path file, Map<String, String> environment, List<String> flags);
    }

    private static final Map<String, Check> CHECKS = checks();

    @Parameters(paramLabel = "ROLE", description = "Which kind of server: node, replica or sidecar.")
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
        Check check = CHECKS.get(role);
        if (check == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "role: '" + role + "' (expected: one of " + String.join(", ", CHECKS.keySet()) + ")");
        }
        check.check(configFile, System.getenv(), flags);
        spec.commandLine()
                .getOut()
                .println((configFile == null ? "the configuration" : configFile) + " is right for a " + role);
        spec.commandLine().getOut().flush();
        return 0;
    }

    private static Map<String, Check> checks() {
        Map<String, Check> checks = new LinkedHashMap<>();
        for (Role role : Role.ALL) {
            checks.put(
                    role.name(),
                    (file, environment, flags) -> role.check()
                            .accept(Configuration.load(role.options(), Optional.ofNullable(file), environment, flags)));
        }
        checks.put("sidecar", RestSidecar::check);
        return checks;
    }
}
