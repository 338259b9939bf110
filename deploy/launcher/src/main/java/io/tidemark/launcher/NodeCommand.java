// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.role.Role;
import picocli.CommandLine.Command;

@Command(
        name = "node",
        description = "Runs a raft node.",
        footer = {
            "  tidemark node --config=/etc/tidemark/node.yaml",
            "  tidemark node --id=n1 --data-dir=/var/lib/tidemark --host=10.0.0.1 --cluster.name=example \\",
            "      --cluster.nodes=n1@10.0.0.1,n2@10.0.0.2,n3@10.0.0.3",
            "  tidemark node --config=/etc/tidemark/node.yaml --print-config"
        })
final class NodeCommand extends RoleCommand {

    @Override
    Role role() {
        return Role.NODE;
    }
}
