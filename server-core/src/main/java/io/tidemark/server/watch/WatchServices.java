// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** What all watches of a server share. */
record WatchServices(
        Lookout lookout,
        Function<Store, Shards> serving,
        WatchHeaders headers,
        WatchErrors errors,
        RowMaker rows,
        WatchOptions options,
        Ticker ticker,
        Timers timers,
        Executor workers,
        WatchCounts counts) {

    long nanos() {
        return ticker.now().monotonicNanos();
    }
}
