// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.bench.BenchCommand;
import io.tidemark.server.config.ConfigurationException;
import io.tidemark.server.process.StartException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code tidemark} command. Everything it can do is a subcommand. */
@Command(
        name = "tidemark",
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class,
        description = "A replicated store whose read replicas prove how stale they are.",
        subcommands = {
            DevCommand.class,
            NodeCommand.class,
            ReplicaCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            RecoverCommand.class,
            BenchCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:something failed; the message says what",
            "2:wrong usage or configuration, or a port or data directory is taken"
        })
public final class Tidemark {

    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    private Tidemark() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Tidemark())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command));
    }

    /** Says what failed, and gives the exit code for it. */
    static int report(Throwable failure, CommandLine command) {
        if (failure instanceof ConfigurationException || failure instanceof StartException) {
            command.getErr().println("tidemark: " + failure.getMessage());
            command.getErr().flush();
            return WRONG_USAGE;
        }
        failure.printStackTrace(command.getErr());
        return FAILED;
    }
}
