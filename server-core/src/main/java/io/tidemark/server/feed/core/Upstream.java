// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import io.tidemark.proto.v1.Topology;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.state.Store;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The server that feeds, as all its sessions see it.
 *
 * @param clusterId empty while it is not known
 * @param store what is fed from; throws an error for callers while there is nothing
 * @param topology the newest; one without a history is not sent
 * @param disk takes work that waits for the disk: at most two pieces for each session at a time
 */
public record Upstream(
        String serverId,
        Supplier<String> clusterId,
        Supplier<Store> store,
        ReadIndexes readIndexes,
        Supplier<Topology> topology,
        FeedOptions options,
        Ticker ticker,
        Timers timers,
        Consumer<Runnable> disk,
        FeedCounts counts) {

    long nanos() {
        return ticker.now().monotonicNanos();
    }
}
