// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import picocli.CommandLine.Command;

/** {@code tidemark bench}: its subcommands are the kinds of load. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Puts servers under load and says how they bore it.",
        subcommands = {PutCommand.class, GetCommand.class, MixedCommand.class, FollowerDelayCommand.class},
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark bench put --duration=10s",
            "  tidemark bench mixed --read-share=0.95 --preload",
            "  tidemark bench follower-delay"
        })
public final class BenchCommand {}
