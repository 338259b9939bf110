// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import io.tidemark.node.Node;
import io.tidemark.node.NodeConfig;
import io.tidemark.replica.Replica;
import io.tidemark.replica.ReplicaConfig;
import io.tidemark.server.config.Configuration;
import io.tidemark.server.config.ConfigurationException;
import io.tidemark.server.process.LoopbackPorts;
import io.tidemark.server.process.RunningServer;
import io.tidemark.server.process.ServerProcess;
import io.tidemark.server.process.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One server of a cluster, whether it runs or not: its ports and its data stay the same. Not thread-safe: whoever has the cluster
 * locks.
 */
final class LocalServer implements AutoCloseable {

    /** Ratis' gRPC tells by the JDK's own logger, which forgets the level of one that nobody holds, what no test wants to read. */
    private static final Logger GRPC_OF_RATIS = Logger.getLogger("org.apache.ratis.thirdparty");

    static {
        GRPC_OF_RATIS.setLevel(Level.WARNING);
    }

    private final String id;
    private final Ports ports;
    private final Path dataDir;
    private final List<String> flags;
    private final Function<List<String>, RunningServer> role;
    private @Nullable RunningServer running;

    /** Where it listens; a replica does not at the third. */
    record Ports(int client, int internal, int raft) {

        static Ports free() {
            return new Ports(LoopbackPorts.next(), LoopbackPorts.next(), LoopbackPorts.next());
        }

        boolean areFree() {
            return LoopbackPorts.isFree(client) && LoopbackPorts.isFree(internal) && LoopbackPorts.isFree(raft);
        }
    }

    private LocalServer(
            String id, Ports ports, Path dataDir, List<String> flags, Function<List<String>, RunningServer> role) {
        this.id = id;
        this.ports = ports;
        this.dataDir = dataDir;
        this.flags = flags;
        this.role = role;
    }

    /** @param flags all that it is configured with */
    static LocalServer node(String id, Ports ports, Path dataDir, List<String> flags) {
        return new LocalServer(id, ports, dataDir, flags, LocalServer::startNode);
    }

    /** @param flags all that it is configured with */
    static LocalServer replica(String id, Ports ports, Path dataDir, List<String> flags) {
        return new LocalServer(id, ports, dataDir, flags, LocalServer::startReplica);
    }

    private static RunningServer startNode(List<String> flags) {
        return Node.start(NodeConfig.from(Configuration.load(NodeConfig.OPTIONS, Optional.empty(), Map.of(), flags)));
    }

    private static RunningServer startReplica(List<String> flags) {
        return Replica.start(
                ReplicaConfig.from(Configuration.load(ReplicaConfig.OPTIONS, Optional.empty(), Map.of(), flags)));
    }

    String id() {
        return id;
    }

    Ports ports() {
        return ports;
    }

    String endpoint() {
        return "127.0.0.1:" + ports.client();
    }

    boolean isRunning() {
        return running != null;
    }

    /** Starts it. It is not ready yet when this returns. */
    void start() {
        if (running != null) {
            throw new IllegalStateException(id + " is running");
        }
        try {
            running = role.apply(flags);
        } catch (StartException | ConfigurationException e) {
            throw new ClusterException(id + " cannot start: " + e.getMessage(), e);
        }
    }

    /**
     * Whether it is ready.
     *
     * @throws ClusterException if it has failed instead
     */
    boolean isReady() {
        if (running != null && running.failure().isCompletedExceptionally()) {
            throw running.failure()
                    .handle((none, failure) ->
                            new ClusterException(id + " has failed: " + failure.getMessage(), failure))
                    .join();
        }
        return Files.exists(dataDir.resolve(ServerProcess.PORTS_FILE));
    }

    /** Stops it, in order. */
    void stop() {
        if (running == null) {
            throw new IllegalStateException(id + " is not running");
        }
        close();
    }

    @Override
    public void close() {
        if (running != null) {
            running.close();
            running = null;
        }
    }
}
