// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.launcher.role.Role;
import picocli.CommandLine.Command;

@Command(name = "node", description = "Runs a raft node.")
final class NodeCommand extends RoleCommand {

    @Override
    Role role() {
        return Role.NODE;
    }
}
