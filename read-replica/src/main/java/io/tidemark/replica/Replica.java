// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import io.tidemark.server.process.ServerConfig;
import io.tidemark.server.process.ServerProcess;
import java.util.List;

/** A read replica: wiring and lifecycle only. Whoever starts it closes it. */
public final class Replica implements AutoCloseable {

    private final ServerProcess process;

    private Replica(ServerProcess process) {
        this.process = process;
    }

    /**
     * Starts a replica.
     *
     * @throws io.tidemark.server.process.StartException if it cannot start; the message says why
     */
    public static Replica start(ServerConfig config) {
        return new Replica(ServerProcess.start("replica", config, List.of()));
    }

    @Override
    public void close() {
        process.close();
    }
}
