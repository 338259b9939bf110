// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.node.Node;
import io.tidemark.server.config.Option;
import io.tidemark.server.process.ServerConfig;
import java.util.List;
import picocli.CommandLine.Command;

@Command(name = "node", description = "Runs a raft node.")
final class NodeCommand extends RoleCommand {

    @Override
    List<Option<?>> options() {
        return ServerConfig.OPTIONS;
    }

    @Override
    AutoCloseable start(ServerConfig config) {
        return Node.start(config);
    }
}
