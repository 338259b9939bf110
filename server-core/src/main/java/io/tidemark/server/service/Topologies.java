// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.proto.v1.Topology;
import java.util.function.Consumer;

/** The topology as this server knows it. Thread-safe. */
public interface Topologies {

    /** The newest; its version names its history. */
    Topology current();

    /**
     * Tells of every change from now on, until the result is closed. The listener is quick and does not throw; by the time it is
     * called {@link #current} gives that topology, or a newer one.
     */
    Registration listen(Consumer<Topology> listener);

    /** Ends the listening. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
