// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.bench.BenchCommand;
import io.tidemark.launcher.cli.CompletionCommand;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Failures;
import io.tidemark.launcher.cli.OutOfMemory;
import io.tidemark.launcher.cli.Streams;
import io.tidemark.launcher.cli.UsualNodes;
import io.tidemark.launcher.cli.cluster.MemberCommand;
import io.tidemark.launcher.cli.cluster.StatusCommand;
import io.tidemark.launcher.cli.cluster.TableCommand;
import io.tidemark.launcher.cli.cluster.TopologyCommand;
import io.tidemark.launcher.cli.cluster.VerifyCommand;
import io.tidemark.launcher.cli.data.CommitCommand;
import io.tidemark.launcher.cli.data.DeleteCommand;
import io.tidemark.launcher.cli.data.ExportCommand;
import io.tidemark.launcher.cli.data.GetCommand;
import io.tidemark.launcher.cli.data.ImportCommand;
import io.tidemark.launcher.cli.data.IncrementCommand;
import io.tidemark.launcher.cli.data.PatchCommand;
import io.tidemark.launcher.cli.data.PutCommand;
import io.tidemark.launcher.cli.data.ScanCommand;
import io.tidemark.launcher.cli.data.WatchCommand;
import io.tidemark.launcher.cli.offline.InspectCommand;
import io.tidemark.launcher.dev.DevCommand;
import io.tidemark.launcher.dev.ShareClassesCommand;
import io.tidemark.server.config.ConfigurationException;
import io.tidemark.server.process.StartException;
import java.nio.file.Path;
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
            SidecarCommand.class,
            GetCommand.class,
            PutCommand.class,
            PatchCommand.class,
            DeleteCommand.class,
            IncrementCommand.class,
            CommitCommand.class,
            ScanCommand.class,
            WatchCommand.class,
            ExportCommand.class,
            ImportCommand.class,
            TableCommand.class,
            TopologyCommand.class,
            StatusCommand.class,
            VerifyCommand.class,
            MemberCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            RecoverCommand.class,
            InspectCommand.class,
            BenchCommand.class,
            CompletionCommand.class,
            CheckConfigCommand.class,
            ShareClassesCommand.class,
            VersionCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:something failed; the message says what",
            "2:wrong usage, configuration or input, or a port or data directory is taken",
            "3:there is no such row, table or server",
            "4:a condition does not hold, and nothing was written",
            "5:no server could do in time what was asked, and nothing was written",
            "6:the write may have happened",
            "7:a check found something that somebody must look at"
        },
        footer = {"", "'tidemark COMMAND --help' shows options and examples of each; docs/cli.md has them all."})
public final class Tidemark implements Streams.Owner {

    static final int FAILED = ExitCode.FAILED;
    static final int WRONG_USAGE = ExitCode.WRONG_USAGE;

    private final Streams streams;

    private Tidemark(Streams streams) {
        this.streams = streams;
    }

    public static void main(String[] args) {
        // Whoever waits for the thread that it ended would wait for ever.
        Thread.setDefaultUncaughtExceptionHandler(
                new OutOfMemory(Streams.system().err(), Runtime.getRuntime()::halt));
        System.exit(commandLine().execute(args));
    }

    @Override
    public Streams streams() {
        return streams;
    }

    static CommandLine commandLine() {
        return commandLine(Streams.system());
    }

    static CommandLine commandLine(Streams streams) {
        CommandLine all = new CommandLine(new Tidemark(streams));
        all.getSubcommands().values().stream()
                .filter(command -> command.getCommand() instanceof BenchCommand)
                .forEach(bench -> bench.setDefaultValueProvider(new UsualNodes(System.getenv(), Path.of(""))));
        return all.setOut(Streams.writer(streams.out()))
                .setErr(Streams.writer(streams.err()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                // @FILE is a value in a file, not arguments in a file.
                .setExpandAtFiles(false)
                .setExecutionStrategy(Tidemark::run)
                .setParameterExceptionHandler((failure, arguments) -> Failures.reportUsage(failure))
                .setExecutionExceptionHandler((failure, command, parsed) -> report(failure, command));
    }

    /** No {@link Exception}, so its own handler never hears of it. */
    private static int run(CommandLine.ParseResult parsed) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (OutOfMemoryError e) {
            CommandLine.ParseResult last = parsed;
            while (last.hasSubcommand()) {
                last = last.subcommand();
            }
            return Failures.report(e, last.commandSpec().commandLine());
        }
    }

    /** Says what failed, and gives the exit code for it. */
    static int report(Throwable failure, CommandLine command) {
        if (failure instanceof ConfigurationException
                || failure instanceof io.tidemark.rest.config.ConfigurationException
                || failure instanceof StartException) {
            command.getErr().println("tidemark: " + failure.getMessage());
            command.getErr().flush();
            return WRONG_USAGE;
        }
        return Failures.report(failure, command);
    }
}
