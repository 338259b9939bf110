// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
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

    /** Whether one was made before the other. Of different histories neither was. */
    static boolean isOlder(TopologyVersion one, TopologyVersion other) {
        return one.getHistoryId().equals(other.getHistoryId())
                && (one.getTerm() < other.getTerm()
                        || (one.getTerm() == other.getTerm() && one.getEpoch() < other.getEpoch()));
    }

    /** Ends the listening. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
