// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.data;

import io.tidemark.client.Row;
import io.tidemark.client.Rows;
import io.tidemark.client.Scan;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Facts;
import io.tidemark.launcher.cli.Output;
import io.tidemark.launcher.cli.OutputFormat;
import io.tidemark.launcher.cli.Quantities;
import io.tidemark.launcher.cli.RowForm;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "scan",
        description = {
            "Reads rows in the order of their keys, all as of one index, however many there are.",
            "With --output=json one object a line, as they come."
        },
        footer = {
            "  tidemark scan users --prefix=eu/ --limit=20",
            "  tidemark scan users --from=a --to=b --keys-only",
            "  tidemark scan users --output=json | jq -r .json.name"
        })
public final class ScanCommand extends DataCommand {

    /** What was printed is let out at least every so many rows. */
    private static final int FLUSH_ROWS = 1_000;

    private static final String LINE = "%-32s %8s %10s  %s%n";

    @Parameters(index = "0", paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Mixin
    private final RangeOption range = new RangeOption();

    @Option(names = "--limit", paramLabel = "N", order = 13, description = "At most so many rows.")
    private @Nullable Long limit;

    @Option(names = "--reverse", order = 14, description = "The last key first.")
    private boolean reverse;

    @Option(names = "--keys-only", order = 15, description = "Without values.")
    private boolean keysOnly;

    @Mixin
    private final ReadOption read = new ReadOption();

    @Override
    int run(TidemarkClient client) throws IOException {
        if (limit != null && limit < 1) {
            throw wrongUsage("--limit " + limit + " (expected: above 0)");
        }
        Scan<byte[]> scan = table(client, table).scan().with(read.toOptions());
        scan = range.addTo(scan, this::wrongUsage);
        scan = limit == null ? scan : scan.limit(limit);
        scan = reverse ? scan.descending() : scan;
        scan = keysOnly ? scan.withoutValues() : scan;
        Output output = output();
        long count = 0;
        try (Rows<byte[]> rows = scan.rows()) {
            for (Row<byte[]> row : rows) {
                if (count == 0 && output.format() == OutputFormat.TABLE) {
                    streams().out().printf(Locale.ROOT, LINE, "KEY", "VERSION", "INDEX", keysOnly ? "" : "VALUE");
                }
                output.item(RowForm.fields(row), () -> line(row));
                count++;
                if (count % FLUSH_ROWS == 0) {
                    output.flush();
                }
            }
            output.flush();
            tellAside(Quantities.rows(count) + " " + Facts.ofRead(rows.header()));
        }
        return ExitCode.DONE;
    }

    private static String line(Row<byte[]> row) {
        return String.format(Locale.ROOT, LINE, row.key(), row.version(), row.modifiedIndex(), RowForm.shown(row));
    }
}
