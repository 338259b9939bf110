// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.Fields;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "drop",
        description = {
            "Drops a table with all its rows: from the index that this prints on, none of them can be read. Their room is given back",
            "step by step; after that the name is free again."
        },
        footer = {"  tidemark table drop sessions --yes"})
public final class TableDropCommand extends ViewCommand {

    @Parameters(paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Option(names = "--yes", order = 1, description = "Really: there is no way back but a backup.")
    private boolean yes;

    @Override
    protected int run() {
        if (!yes) {
            throw wrongUsage(
                    "table " + table + " would be dropped with all its rows (expected: --yes, if that is meant)");
        }
        try (TidemarkClient client = openClient()) {
            long index = client.tables().drop(table);
            output().document(
                            Fields.of().with("table", table).with("index", index),
                            () -> "dropped " + table + " at index " + index + "\n");
            return ExitCode.DONE;
        }
    }
}
