// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "update",
        description =
                "Changes settings of a table; what is not given stays as it is. Fails if somebody else changes it meanwhile.",
        footer = {
            "  tidemark table update sessions --default-ttl=2h",
            "  tidemark table update sessions --default-ttl=none"
        })
public final class TableUpdateCommand extends ViewCommand {

    @Parameters(paramLabel = "TABLE", description = "The table.")
    private String table = "";

    @Mixin
    private final SettingsOption settings = new SettingsOption();

    @Override
    protected int run() {
        if (!settings.isGiven()) {
            throw wrongUsage("what to change: nothing (expected: --default-ttl, --max-value or --http-cache)");
        }
        try (TidemarkClient client = openClient()) {
            TableForm.print(output(), client.tables().update(table, settings::addTo));
            return ExitCode.DONE;
        }
    }
}
