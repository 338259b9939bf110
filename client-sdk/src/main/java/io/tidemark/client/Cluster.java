// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;

/** The cluster itself: who is in it, and how they are doing. {@link #async()} has the same calls as futures. For any thread. */
public final class Cluster {

    private final ClusterCalls calls;

    Cluster(ClusterCalls calls) {
        this.calls = calls;
    }

    /** The same calls, as futures. */
    public AsyncCluster async() {
        return new AsyncCluster(calls);
    }

    /** The same with another deadline for each of its calls, counted from the call's beginning. */
    public Cluster withDeadline(Duration deadline) {
        return new Cluster(calls.withDeadline(deadline));
    }

    /** Who is in the cluster and who serves what, as the server that is asked knows it. */
    public Topology topology() {
        return calls.topology().await();
    }

    /**
     * How a server is doing.
     *
     * @param serverId its name in the topology
     * @throws NotFoundException if there is none of that name
     */
    public ServerStatus status(String serverId) {
        return calls.status(serverId).await();
    }
}
