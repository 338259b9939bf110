// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.watch;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Failures;
import io.tidemark.server.freshness.Freshness;
import io.tidemark.server.read.Admission;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsk;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * All watches of a server. For any thread; nothing here waits. Disks are read, and messages made, on the workers alone.
 *
 * <p>If the store is replaced by another one of the same history, watches go on with that one.
 */
public final class Watches {

    private final Supplier<LocalState> states;
    private final WatchServices services;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    /**
     * @param states what watches read; throws an error for their callers while there is nothing
     * @param serving the shards that this server answers for with a store; it stops that before it stops to follow them
     * @param rows gives rows the form that a caller wants
     * @param clusterHorizon the oldest index that the cluster keeps, as far as this server knows
     * @param workers take a task for each watch that has something to do, at most, and one more; they wait for the disk
     */
    public Watches(
            Supplier<LocalState> states,
            Function<Store, Shards> serving,
            Answerer answerer,
            Freshness freshness,
            RowMaker rows,
            LongSupplier clusterHorizon,
            WatchOptions options,
            Ticker ticker,
            Timers timers,
            Executor workers) {
        this.states = states;
        this.services = new WatchServices(
                new Lookout(states, options.readBytes(), workers),
                serving,
                new WatchHeaders(answerer, freshness, ticker),
                new WatchErrors(answerer, clusterHorizon),
                rows,
                options,
                ticker,
                timers,
                workers,
                new WatchCounts());
    }

    /** Serves a watch until it ends. */
    public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
        ServerCallStreamObserver<WatchResponse> call = (ServerCallStreamObserver<WatchResponse>) observer;
        try {
            open(request, call);
        } catch (StatusRuntimeException e) {
            call.onError(Failures.toStatus(e));
        }
    }

    private void open(WatchRequest request, ServerCallStreamObserver<WatchResponse> call) {
        LocalState state = states.get();
        Store store = state.store();
        WatchAsk ask = WatchAsks.of(
                request, store.history(), store.shardCount(), services.options().filtersMax());
        ReadAsk beginning = beginning(request, store.history());
        if (watches.size() >= services.options().watchesMax()) {
            throw services.errors().tooMany(services.options().watchesMax());
        }
        Watch watch = new Watch(ask, store, call, services, watches::remove);
        watches.add(watch);
        services.counts().open();
        call.setOnReadyHandler(watch::signal);
        call.setOnCancelHandler(watch::signal);
        if (stopping) {
            watch.end(services.errors().stopping());
        } else if (ask.fromIndex() > 0) {
            watch.begin(ask.fromIndex() - 1);
        } else {
            begin(watch, state.gate().admit(beginning));
        }
    }

    /** Some applied state that covers the session tokens. */
    private ReadAsk beginning(WatchRequest request, HistoryId history) {
        ReadOptions options = ReadOptions.newBuilder()
                .addAllSessionTokens(request.getSessionTokensList())
                .setStrength(Strength.STRENGTH_EVENTUAL)
                .build();
        return ReadAsks.of(options, history, null, services.options().openingWaitMax());
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the listener does not throw
    private void begin(Watch watch, CompletableFuture<Admission> admitted) {
        BiConsumer<@Nullable Admission, @Nullable Throwable> listener = (admission, failure) -> {
            if (admission != null) {
                long index = admission.view().index();
                admission.close();
                watch.begin(index);
            } else {
                watch.end(toCaller(failure));
            }
        };
        admitted.whenComplete(listener);
    }

    private StatusRuntimeException toCaller(@Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof StatusRuntimeException told
                ? told
                : services.errors().stopping();
    }

    /** To be called when there is another store, and before the shards that are served change back. */
    public void servingChanged() {
        services.lookout().wakeEverybody();
        watches.forEach(Watch::servingChanged);
    }

    /** Ends all watches, so that their callers resume elsewhere, and takes no more. */
    public void stop() {
        stopping = true;
        watches.forEach(watch -> watch.end(services.errors().stopping()));
    }

    public WatchCounts counts() {
        return services.counts();
    }

    /** How many there are. */
    public int count() {
        return watches.size();
    }
}
