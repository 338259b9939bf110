// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.tidemark.proto.v1.ResponseHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class,
        description = "Writes the whole store at one index into a file, from a cluster that goes on meanwhile.",
        footerHeading = "%nExample:%n",
        footer = {
            "  tidemark backup --endpoint=10.0.0.1:7400 --out=tidemark.backup",
            "",
            "It is written to FILE.partial, which becomes FILE when all of it is on disk.",
            "After a broken stream it goes on where it was, while the server still holds",
            "the state. The format is documented in docs/backup-format.md."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:it failed; the message says why", "2:wrong usage, or the file is there already"})
final class BackupCommand implements Callable<Integer> {

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration KEEPALIVE = Duration.ofSeconds(20);

    @CommandLine.Option(
            names = "--endpoint",
            paramLabel = "HOST:PORT",
            required = true,
            description = "The client port of any node. It is this one that does the work.")
    private String endpoint = "";

    @CommandLine.Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "The file to write: a new one.")
    private Path out = Path.of("given");

    @CommandLine.Option(
            names = "--retry-seconds",
            paramLabel = "S",
            defaultValue = "60",
            description = "For how long to try again while nothing arrives (default: ${DEFAULT-VALUE}).")
    private int retrySeconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (Files.exists(out)) {
            throw new ParameterException(
                    spec.commandLine(), "--out " + out + " is there already (expected: a new file)");
        }
        // Before the first logger is made, which reads it.
        System.setProperty("tidemark.log.level", "warn");
        ProgressLines progress = new ProgressLines(spec.commandLine().getErr());
        ManagedChannel channel = open();
        try {
            ResponseHeader header =
                    new BackupDownload(channel, out, Duration.ofSeconds(retrySeconds), PAUSE, progress).run();
            spec.commandLine()
                    .getOut()
                    .printf(
                            "backed up index %d of history %s, from %s: %,d bytes in %s%n",
                            header.getReadIndex(), header.getHistoryId(), header.getServedBy(), Files.size(out), out);
            spec.commandLine().getOut().flush();
            return 0;
        } catch (StatusRuntimeException e) {
            progress.tell("no backup from " + endpoint + ": " + describe(e));
            return Tidemark.FAILED;
        } catch (IOException e) {
            progress.tell("the backup cannot be written: " + e);
            return Tidemark.FAILED;
        } finally {
            channel.shutdownNow();
        }
    }

    /** What the server said; of a connection that fails, why. */
    private static String describe(StatusRuntimeException failure) {
        String said = failure.getStatus().getCode() + ": " + failure.getStatus().getDescription();
        Throwable cause = failure.getStatus().getCause();
        return cause == null ? said : said + " (" + cause.getMessage() + ")";
    }

    private ManagedChannel open() {
        try {
            return NettyChannelBuilder.forTarget(endpoint)
                    .usePlaintext()
                    .keepAliveTime(KEEPALIVE.toSeconds(), TimeUnit.SECONDS)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--endpoint " + endpoint + " (expected: HOST:PORT)", e);
        }
    }
}
