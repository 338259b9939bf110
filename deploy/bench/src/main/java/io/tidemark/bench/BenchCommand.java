// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import picocli.CommandLine.Command;

/** {@code tidemark bench}: its subcommands are the kinds of load. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Puts servers under load and says how they bore it.",
        subcommands = {PutCommand.class, GetCommand.class, MixedCommand.class, FollowerDelayCommand.class},
        synopsisSubcommandLabel = "COMMAND")
public final class BenchCommand {}
