// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import io.tidemark.client.TableSettings;
import io.tidemark.client.TidemarkClient;
import io.tidemark.launcher.cli.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "create",
        description = "Makes a table. One that is there with the same settings is as good.",
        footer = {"  tidemark table create users", "  tidemark table create sessions --default-ttl=1h --max-value=16KiB"
        })
public final class TableCreateCommand extends ViewCommand {

    @Parameters(
            paramLabel = "TABLE",
            description = "Its name: a letter, then up to 63 letters, digits, - and _, all in lower case.")
    private String table = "";

    @Mixin
    private final SettingsOption settings = new SettingsOption();

    @Override
    protected int run() {
        TableSettings wanted = settings.addTo(TableSettings.defaults());
        try (TidemarkClient client = openClient()) {
            TableForm.print(output(), client.tables().create(table, wanted));
            return ExitCode.DONE;
        }
    }
}
