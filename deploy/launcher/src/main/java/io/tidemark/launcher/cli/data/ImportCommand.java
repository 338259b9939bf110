// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ClusterCommand;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.GivenFile;
import io.tidemark.launcher.cli.Progress;
import io.tidemark.launcher.cli.Quantities;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "import",
        description = {
            "Writes rows from JSON, one a line, as 'tidemark export' prints them.",
            "Each has table, key, the value under text, json or bytes (base64), and if need be content_type and expire_time. The tables must be there.",
            "Each row is a write of its own, and writing it again does no harm: an import that was broken off says with which line to go on."
        },
        footer = {
            "  tidemark import everything.jsonl",
            "  zcat rows.jsonl.gz | tidemark import -",
            "  tidemark import users.jsonl --table=people --skip-existing",
            "  tidemark import everything.jsonl --from-line=120001"
        })
public final class ImportCommand extends ClusterCommand {

    @Parameters(index = "0", paramLabel = "FILE", description = "The file, or - for standard input.")
    private String file = "";

    @Option(
            names = "--table",
            paramLabel = "TABLE",
            order = 1,
            description = "Write all rows to this table, whichever they name.")
    private @Nullable String table;

    @Option(
            names = "--skip-existing",
            order = 2,
            description = "Leave rows alone that are there already, instead of replacing them.")
    private boolean skipExisting;

    @Option(
            names = "--from-line",
            paramLabel = "N",
            order = 3,
            defaultValue = "1",
            description = "Pass over the lines before this one (default: ${DEFAULT-VALUE}).")
    private long fromLine = 1;

    @Option(
            names = "--outstanding",
            paramLabel = "N",
            order = 4,
            defaultValue = "512",
            description = "How many writes may be under way at once (default: ${DEFAULT-VALUE}).")
    private int outstanding = 512;

    /** Of many writes one meets a leader that dies, or a cluster that has just started: that must not end them all. */
    @Override
    protected Duration usualTimeout() {
        return Duration.ofSeconds(60);
    }

    @Override
    protected int run() throws Exception {
        if (fromLine < 1 || outstanding < 1) {
            throw wrongUsage("--from-line " + fromLine + " --outstanding " + outstanding + " (expected: above 0)");
        }
        Progress progress = new Progress(streams());
        try (TidemarkClient client = openClient();
                InputStream in = file.equals("-") ? streams().in() : GivenFile.open(Path.of(file))) {
            long total = file.equals("-") ? 0 : Files.size(Path.of(file));
            JsonLines lines = new JsonLines(in);
            RowWrites writes = new RowWrites(client, outstanding, skipExisting);
            try {
                write(lines, writes, progress, total);
            } catch (Exception e) {
                settle(writes, e);
                progress.tell(report(writes) + "; then it failed. Go on with --from-line="
                        + writes.failedLine(lines.number()));
                throw e;
            }
            progress.tell(report(writes));
            return ExitCode.DONE;
        } finally {
            progress.end();
        }
    }

    private void write(JsonLines lines, RowWrites writes, Progress progress, long total) throws Exception {
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (lines.number() >= fromLine && !line.isBlank()) {
                writes.add(lines.number(), row(line, lines.number()));
            }
            if (total > 0) {
                progress.say("importing", lines.bytes(), total, "bytes");
            } else {
                progress.say("importing", writes.written(), 0, "rows");
            }
        }
        writes.end();
    }

    /** What is wrong with a line is no reason to leave those before it open. */
    private static void settle(RowWrites writes, Exception failure) {
        try {
            if (failure instanceof IllegalArgumentException || failure instanceof IOException) {
                writes.end();
            }
        } catch (Exception later) {
            failure.addSuppressed(later);
        } finally {
            writes.abandon();
        }
    }

    private ImportedRow row(String line, long number) {
        try {
            return ImportedRow.parse(line, table);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("line " + number + ": " + e.getMessage(), e);
        }
    }

    private static String report(RowWrites writes) {
        return "imported " + Quantities.rows(writes.written())
                + (writes.skipped() == 0
                        ? ""
                        : ", left " + Quantities.rows(writes.skipped()) + " alone, which the table has");
    }
}
