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
        synopsisSubcommandLabel = "COMMAND",
        footerHeading = "%nExamples:%n",
        footer = {
            "  tidemark member add n4@10.0.0.4",
            "  tidemark member replace n2 n4@10.0.0.4",
            "  tidemark member transfer"
        })
public final class MemberCommand {}
