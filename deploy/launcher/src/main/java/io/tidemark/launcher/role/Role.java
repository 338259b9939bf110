// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.role;

import io.tidemark.node.Node;
import io.tidemark.node.NodeConfig;
import io.tidemark.replica.Replica;
import io.tidemark.replica.ReplicaConfig;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.ConfigurationException;
import io.tidemark.server.config.Option;
import io.tidemark.server.process.RunningServer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * One kind of server.
 *
 * @param name of its command
 * @param options what it can be configured with
 * @param check looks whether the options go together; throws {@link ConfigurationException} that names all that do not
 * @param starter makes a server of what was configured
 */
public record Role(
        String name,
        List<Option<?>> options,
        Consumer<Configuration> check,
        Function<Configuration, RunningServer> starter) {

    /** Ratis' gRPC logs by the JDK's own logger, which forgets the level of one that nobody holds. */
    private static final Logger GRPC_OF_RATIS = Logger.getLogger("org.apache.ratis.thirdparty");

    public static final Role NODE = new Role(
            "node",
            NodeConfig.OPTIONS,
            configuration -> {
                NodeConfig unused = NodeConfig.from(configuration);
            },
            configuration -> Node.start(NodeConfig.from(configuration)));

    public static final Role REPLICA = new Role(
            "replica",
            ReplicaConfig.OPTIONS,
            configuration -> {
                ReplicaConfig unused = ReplicaConfig.from(configuration);
            },
            configuration -> Replica.start(ReplicaConfig.from(configuration)));

    /** All of them. */
    public static final List<Role> ALL = List.of(NODE, REPLICA);

    public Role {
        options = List.copyOf(options);
    }

    /** Starts a server. */
    public RunningServer start(Configuration configuration) {
        GRPC_OF_RATIS.setLevel(Level.WARNING);
        return starter.apply(configuration);
    }
}
