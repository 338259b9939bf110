// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import io.tidemark.server.process.RunningServer;
import io.tidemark.server.process.ServerProcess;
import java.util.concurrent.CompletableFuture;

/** A read replica: lifecycle only. Whoever starts it closes it. */
public final class Replica implements RunningServer {

    private final ServerProcess process;

    private Replica(ServerProcess process) {
        this.process = process;
    }

    /**
     * Starts a replica.
     *
     * @throws io.tidemark.server.process.StartException if it cannot start; the message says why
     */
    public static Replica start(ReplicaConfig config) {
        return new Replica(
                ServerProcess.start("replica", config.server(), opening -> new ReplicaParts(opening, config).open()));
    }

    @Override
    public CompletableFuture<Void> failure() {
        return process.failure();
    }

    @Override
    public void close() {
        process.close();
    }
}
