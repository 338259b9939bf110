// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.server.process.ServerConfig;
import io.tidemark.server.process.ServerProcess;
import java.util.List;

/** A raft node: wiring and lifecycle only. Whoever starts it closes it. */
public final class Node implements AutoCloseable {

    private final ServerProcess process;

    private Node(ServerProcess process) {
        this.process = process;
    }

    /**
     * Starts a node.
     *
     * @throws io.tidemark.server.process.StartException if it cannot start; the message says why
     */
    public static Node start(ServerConfig config) {
        return new Node(ServerProcess.start("node", config, List.of()));
    }

    @Override
    public void close() {
        process.close();
    }
}
