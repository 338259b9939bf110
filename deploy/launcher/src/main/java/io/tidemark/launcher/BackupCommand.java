// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.grpc.StatusRuntimeException;
import io.tidemark.launcher.cli.ClusterCommand;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.GivenFile;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.ServerConnection;
import io.tidemark.proto.v1.ResponseHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;

@Command(
        name = "backup",
        description = {
            "Writes the whole store at one index into a file, from a cluster that goes on meanwhile. The server that is asked does the work.",
            "It is written to FILE.partial, which becomes FILE when all of it is on disk. After a broken stream it goes on where it was,",
            "while the server still holds the state. The format is documented in docs/backup-format.md."
        },
        footer = {"  tidemark backup --endpoints=10.0.0.1:7400 --out=tidemark.backup"})
final class BackupCommand extends ClusterCommand {

    private static final Duration PAUSE = Duration.ofSeconds(1);

    @CommandLine.Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            order = 1,
            description = "The file to write: a new one.")
    private Path out = Path.of("given");

    @CommandLine.Option(
            names = "--retry-seconds",
            paramLabel = "S",
            order = 2,
            defaultValue = "60",
            description = "For how long to try again while nothing arrives (default: ${DEFAULT-VALUE}).")
    private int retrySeconds;

    @Override
    protected int run() throws IOException, InterruptedException {
        if (Files.exists(out)) {
            throw wrongUsage("--out " + out + " is there already (expected: a new file)");
        }
        GivenFile.requireDirectoryOf(out);
        Progress progress = new Progress(streams());
        try (ServerConnection connection = connect()) {
            ResponseHeader header = new BackupDownload(
                            connection.channel(), out, Duration.ofSeconds(retrySeconds), PAUSE, progress)
                    .run();
            progress.end();
            streams()
                    .out()
                    .printf(
                            "backed up index %d of history %s, from %s: %,d bytes in %s%n",
                            header.getReadIndex(), header.getHistoryId(), header.getServedBy(), Files.size(out), out);
            return ExitCode.DONE;
        } catch (StatusRuntimeException e) {
            progress.tell("no backup from " + endpoints().joined());
            throw e;
        } finally {
            progress.end();
        }
    }
}
