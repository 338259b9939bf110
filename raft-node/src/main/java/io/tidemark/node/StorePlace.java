// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.read.IndexWaiters;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.LocalTimes;
import io.tidemark.server.read.ReadCounts;
import io.tidemark.server.read.ReadErrors;
import io.tidemark.server.read.ReadGate;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.state.Store;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where a node's store is, which another may take the place of. For any thread; one at a time replaces. */
final class StorePlace implements Supplier<LocalState> {

    private final String serverId;
    private final Ticker ticker;
    private final Timers timers;
    private final Executor wakers;
    private final ReadCounts counts = new ReadCounts();
    private volatile @Nullable LocalState state;

    /** @param wakers where reads go on that waited for an index */
    StorePlace(String serverId, Ticker ticker, Timers timers, Executor wakers) {
        this.serverId = serverId;
        this.ticker = ticker;
        this.timers = timers;
        this.wakers = wakers;
    }

    void replace(Store store, Freshness freshness) {
        IndexWaiters waiters = new IndexWaiters(store::appliedIndex, wakers);
        store.addListener(waiters::advanced);
        ReadErrors errors = new ReadErrors(store, freshness, ticker, serverId, store::horizon);
        ReadGate gate =
                new ReadGate(store, freshness, waiters, ticker, timers, errors, new LocalTimes(store, waiters), counts);
        state = new LocalState(store, waiters, gate);
    }

    /** Of all reads, whichever store they were of. */
    ReadCounts counts() {
        return counts;
    }

    /** Until {@link #replace} there is none. */
    void withdraw() {
        LocalState old = state;
        state = null;
        if (old != null) {
            old.waiters().end(absent());
        }
    }

    /** What callers are told while there is no store is thrown. */
    @Override
    public LocalState get() {
        LocalState present = state;
        if (present == null) {
            throw absent();
        }
        return present;
    }

    private StatusRuntimeException absent() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_STOPPING,
                        "node " + serverId
                                + " has no store now: it is starting, takes a checkpoint over, or waits to be added to a"
                                + " cluster. Ask another server.")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }

    Store store() {
        return get().store();
    }

    Optional<Store> present() {
        return Optional.ofNullable(state).map(LocalState::store);
    }

    Optional<HistoryId> history() {
        return present().map(Store::history);
    }

    /** The last index that reads see; 0 without a store. */
    long index() {
        LocalState present = state;
        return present == null ? 0 : present.store().appliedIndex();
    }

    long horizon() {
        LocalState present = state;
        return present == null ? 0 : present.store().horizon();
    }
}
