// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.client.TableInfo;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "show",
        description = "Shows one table with its settings.",
        footer = {"  tidemark table show users"})
public final class TableShowCommand extends ViewCommand {

    @Parameters(paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Override
    protected int run() {
        try (TidemarkClient client = openClient()) {
            Optional<TableInfo> found = client.tables().get(table);
            if (found.isEmpty()) {
                tell("there is no table " + table + " ('tidemark table list' names all)");
                return ExitCode.NOT_FOUND;
            }
            TableForm.print(output(), found.get());
            return ExitCode.DONE;
        }
    }
}
