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
        synopsisSubcommandLabel = "COMMAND")
public final class TableCommand {}
