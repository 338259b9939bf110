// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher;

import io.tidemark.node.Node;
import io.tidemark.node.NodeConfig;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.Option;
import io.tidemark.server.process.RunningServer;
import java.util.List;
import picocli.CommandLine.Command;

@Command(name = "node", description = "Runs a raft node.")
final class NodeCommand extends RoleCommand {

    @Override
    List<Option<?>> options() {
        return NodeConfig.OPTIONS;
    }

    @Override
    RunningServer start(Configuration configuration) {
        return Node.start(NodeConfig.from(configuration));
    }
}
