// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.cli.cluster.ReplicaDrainCommand;
import io.tidemark.launcher.cli.cluster.ReplicaListCommand;
import io.tidemark.launcher.cli.cluster.ReplicaRemoveCommand;
import io.tidemark.launcher.cli.cluster.ReplicaResumeCommand;
import io.tidemark.launcher.role.Role;
import picocli.CommandLine.Command;

@Command(
        name = "replica",
        description = "Runs a read replica; with a subcommand, shows or changes those of a running cluster.",
        subcommands = {
            ReplicaListCommand.class,
            ReplicaDrainCommand.class,
            ReplicaResumeCommand.class,
            ReplicaRemoveCommand.class
        },
        footer = {
            "  tidemark replica --config=/etc/tidemark/replica.yaml",
            "  tidemark replica --id=r1 --data-dir=/var/lib/tidemark --host=10.0.0.7 \\",
            "      --cluster.nodes=n1@10.0.0.1,n2@10.0.0.2,n3@10.0.0.3",
            "  tidemark replica list"
        })
final class ReplicaCommand extends RoleCommand {

    @Override
    Role role() {
        return Role.REPLICA;
    }
}
