// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The cluster itself, by calls that give futures: the same as those of {@link Cluster}. For any thread. */
public final class AsyncCluster {

    private final ClusterCalls calls;

    AsyncCluster(ClusterCalls calls) {
        this.calls = calls;
    }

    /** The same with another deadline for each of its calls, counted from the call's beginning. */
    public AsyncCluster withDeadline(Duration deadline) {
        return new AsyncCluster(calls.withDeadline(deadline));
    }

    /** As {@link Cluster#topology()}. */
    public CompletableFuture<Topology> topology() {
        return Call.begin(calls::topology, calls.calls().executor());
    }

    /** As {@link Cluster#status(String)}. */
    public CompletableFuture<ServerStatus> status(String serverId) {
        return Call.begin(() -> calls.status(serverId), calls.calls().executor());
    }
}
