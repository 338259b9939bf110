// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.LogTime;
import io.tidemark.store.state.Store;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Where a server's store is, which another may take the place of. For any thread; one at a time replaces. */
public final class StorePlace implements Supplier<LocalState> {

    /** How a store's times are resolved. */
    public interface Times {
        /** Gives the index that a time names, or an error for the caller. */
        Function<LogTime, CompletableFuture<Long>> of(Store store, IndexWaiters waiters);
    }

    private final String serverId;
    private final String usualAbsence;
    private final Ticker ticker;
    private final Timers timers;
    private final Executor wakers;
    private final Times times;
    private final ToLongFunction<Store> clusterHorizon;
    private final ReadCounts counts = new ReadCounts();
    private volatile String absence;
    private volatile @Nullable LocalState state;

    /**
     * A place without a store.
     *
     * @param absence what callers are told while there is none
     * @param wakers where reads go on that waited for an index
     * @param clusterHorizon the oldest index that the cluster keeps, as far as this server knows
     */
    public StorePlace(
            String serverId,
            String absence,
            Ticker ticker,
            Timers timers,
            Executor wakers,
            Times times,
            ToLongFunction<Store> clusterHorizon) {
        this.serverId = serverId;
        this.usualAbsence = absence;
        this.absence = absence;
        this.times = times;
        this.clusterHorizon = clusterHorizon;
        this.ticker = ticker;
        this.timers = timers;
        this.wakers = wakers;
    }

    /** Reads are of this store from now on. */
    public void replace(Store store, Freshness freshness) {
        IndexWaiters waiters = new IndexWaiters(store::appliedIndex, wakers);
        store.addListener(waiters::advanced);
        ReadErrors errors = new ReadErrors(store, freshness, ticker, serverId, () -> clusterHorizon.applyAsLong(store));
        ReadGate gate =
                new ReadGate(store, freshness, waiters, ticker, timers, errors, times.of(store, waiters), counts);
        state = new LocalState(store, waiters, gate);
    }

    /** Of all reads, whichever store they were of. */
    public ReadCounts counts() {
        return counts;
    }

    /** Until {@link #replace} there is none. */
    public void withdraw() {
        withdraw(usualAbsence);
    }

    /** The same, and callers are told why. */
    public void withdraw(String why) {
        LocalState old = state;
        absence = why;
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
        return ErrorStatus.of(ErrorReason.ERROR_REASON_STOPPING, absence)
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }

    /** As {@link #get}. */
    public Store store() {
        return get().store();
    }

    /** Empty: there is none. */
    public Optional<Store> present() {
        return Optional.ofNullable(state).map(LocalState::store);
    }

    /** Of the store. */
    public Optional<HistoryId> history() {
        return present().map(Store::history);
    }

    /** The last index that reads see; -1 without a store, where 0 would say that all is there. */
    public long index() {
        LocalState present = state;
        return present == null ? -1 : present.store().appliedIndex();
    }

    /** The oldest index that reads can see; 0 without a store. */
    public long horizon() {
        LocalState present = state;
        return present == null ? 0 : present.store().horizon();
    }
}
