// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.tidemark.node.cluster.ClusterFacts;
import io.tidemark.server.forward.Channels;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.read.StorePlace;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.server.upkeep.Alarms;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What every part of a node stands on.
 *
 * @param clusterId empty while it is not known
 * @param group who is in it, and who leads
 * @param place where the store is, when there is one
 * @param channels to other servers
 * @param inquiries what nodes ask each other
 */
record Ground(
        String selfId,
        Supplier<String> clusterId,
        NodeConfig config,
        NodeGroup group,
        StorePlace place,
        Pools pools,
        Channels channels,
        Forwarder forwarder,
        NodeInquiries inquiries,
        Alarms alarms,
        Ticker ticker,
        Timers timers) {

    /** Timers for what does more than their thread has time for. */
    Timers resuming() {
        return (delay, call) -> timers.after(delay, () -> pools.changes().execute(call));
    }

    Optional<ClusterFacts> facts() {
        return place.present()
                .map(store -> new ClusterFacts(clusterId.get(), store.history().text(), store.shardCount()));
    }
}
