// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import picocli.CommandLine.Command;

@Command(
        name = "table",
        mixinStandardHelpOptions = true,
        description = "Lists, shows, makes, changes and drops tables.",
        subcommands = {
            TableListCommand.class,
            TableShowCommand.class,
            TableCreateCommand.class,
            TableUpdateCommand.class,
            TableDropCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {"  tidemark table create users --default-ttl=1h", "  tidemark table list"})
public final class TableCommand {}
