// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import picocli.CommandLine.Command;

@Command(
        name = "list",
        description = "Lists all tables with their settings.",
        footer = {"  tidemark table list", "  tidemark table list --output=json | jq -r '.tables[].table'"})
public final class TableListCommand extends ViewCommand {

    @Override
    protected int run() {
        try (TidemarkClient client = openClient()) {
            TableForm.print(output(), client.tables().list());
            return ExitCode.DONE;
        }
    }
}
