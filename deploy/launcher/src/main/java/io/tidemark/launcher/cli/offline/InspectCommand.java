// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.offline;

import io.tidemark.launcher.cli.CliCommand;
import io.tidemark.launcher.cli.ExitCode;
import io.tidemark.launcher.cli.OutputOption;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "inspect",
        description = {
            "Says what is in the data directory of a server that is stopped.",
            "Whose it is, its history, the index of its checkpoint, its tables, how large it is. Nothing in it is changed. What a node's log holds behind the checkpoint is not counted."
        },
        footer = {
            "  tidemark inspect /var/lib/tidemark/n1",
            "  tidemark inspect /var/lib/tidemark/n1 --rows",
            "  tidemark inspect /var/lib/tidemark/n1 --output=json | jq .checkpoint_index"
        })
public final class InspectCommand extends CliCommand {

    @Parameters(paramLabel = "DIR", description = "The data-dir of a node or a replica.")
    private Path directory = Path.of("given");

    @Option(names = "--rows", order = 1, description = "Count the rows of each table, which reads them all.")
    private boolean countRows;

    @Mixin
    private final OutputOption output = new OutputOption();

    @Override
    protected int run() throws IOException {
        try (OfflineStore store = OfflineStore.open(directory)) {
            Inspection inspection = Inspection.of(directory, store, countRows);
            output.to(streams()).document(inspection.fields(), inspection::text);
            return ExitCode.DONE;
        }
    }
}
