// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli.cluster;

import picocli.CommandLine.Command;

@Command(
        name = "member",
        mixinStandardHelpOptions = true,
        description = "Changes which raft nodes vote, and who leads. 'tidemark topology' shows them.",
        subcommands = {
            MemberAddCommand.class,
            MemberRemoveCommand.class,
            MemberReplaceCommand.class,
            MemberTransferCommand.class
        },
        synopsisSubcommandLabel = "COMMAND")
public final class MemberCommand {}
