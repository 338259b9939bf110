// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.consensus.Consensus;
import io.tidemark.server.process.StartException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The consensus of a node, from when it is started to when it is closed. Starting and closing exclude each other. */
final class StartedConsensus implements AutoCloseable {

    private @Nullable Consensus started;
    private boolean closed;

    synchronized void begin(Supplier<Consensus> start) {
        if (closed) {
            throw new StartException("the node was stopped before it had started");
        }
        started = start.get();
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (started != null) {
            started.close();
        }
    }
}
