// SPDX-License-Identifier: Apache-2.0
package io.tidemark.distribution;

import io.tidemark.node.NodeConfig;
import io.tidemark.replica.ReplicaConfig;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.Option;
import io.tidemark.server.process.FirstNode;
import io.tidemark.server.process.ServerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a recipe gives a server to start with, read as the server reads it: what the server would refuse fails here, too.
 *
 * @param role the name of its command
 * @param nodes what it has in {@code cluster.nodes}
 * @param ports where it listens, by what for
 */
record ServerOptions(String role, ServerConfig server, List<FirstNode> nodes, Map<String, Integer> ports) {

    static ServerOptions read(String role, Optional<Path> file, Map<String, String> environment, List<String> flags) {
        Configuration configuration = Configuration.load(options(role), file, environment, flags);
        if (role.equals("node")) {
            NodeConfig node = NodeConfig.from(configuration);
            return new ServerOptions(
                    role,
                    node.server(),
                    configuration.get(NodeConfig.CLUSTER_NODES),
                    Map.of(
                            "client", node.server().client().port(),
                            "internal", node.server().internal().port(),
                            "raft", node.raft().port(),
                            "http", node.server().httpPort()));
        }
        ReplicaConfig replica = ReplicaConfig.from(configuration);
        return new ServerOptions(
                role,
                replica.server(),
                replica.nodes(),
                Map.of(
                        "client", replica.server().client().port(),
                        "internal", replica.server().internal().port(),
                        "http", replica.server().httpPort()));
    }

    /** All that the role has. */
    static List<Option<?>> options(String role) {
        return switch (role) {
            case "node" -> NodeConfig.OPTIONS;
            case "replica" -> ReplicaConfig.OPTIONS;
            default -> throw new AssertionError("role: " + role + " (expected: node or replica)");
        };
    }
}
