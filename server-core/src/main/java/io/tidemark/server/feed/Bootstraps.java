// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BootstrapEnd;
import io.tidemark.proto.v1.BootstrapRequest;
import io.tidemark.proto.v1.BootstrapResponse;
import io.tidemark.proto.v1.BootstrapRows;
import io.tidemark.proto.v1.BootstrapStart;
import io.tidemark.proto.v1.DigestDetail;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.Strength;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.feed.core.FeedErrors;
import io.tidemark.server.read.Admission;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsk;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.time.Timers;
import io.tidemark.server.transfer.HeldStates;
import io.tidemark.server.transfer.Room;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.state.ShardCopy;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies of shards of this server's own store, a few at a time. Each is of one state, which is held while it is under way and for a
 * while after it broke off, so that it can go on. For any thread; the calls here do not wait, but each copy under way takes one of the
 * workers, which waits for the disk and for its receiver.
 */
public final class Bootstraps {

    private static final Duration RETRY_DELAY = Duration.ofSeconds(2);

    private final String serverId;
    private final Supplier<String> clusterId;
    private final Supplier<LocalState> states;
    private final BootstrapOptions options;
    private final Executor workers;
    private final HeldStates<ShardCopy> held;
    private final LongAdder completed = new LongAdder();
    private final LongAdder brokenOff = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    /**
     * Copies of what {@code states} gives.
     *
     * @param clusterId empty while it is not known
     * @param workers need a thread for each copy under way, and one more for each whose receiver comes back for the rest
     */
    public Bootstraps(
            String serverId,
            Supplier<String> clusterId,
            Supplier<LocalState> states,
            BootstrapOptions options,
            Timers timers,
            Executor workers) {
        this.serverId = serverId;
        this.clusterId = clusterId;
        this.states = states;
        this.options = options;
        this.workers = workers;
        this.held = new HeldStates<>(options.bootstrapsMax(), options.heldMax(), ShardCopy::close, timers);
    }

    /** Serves a copy until it ends. */
    public void bootstrap(BootstrapRequest request, StreamObserver<BootstrapResponse> observer) {
        ServerCallStreamObserver<BootstrapResponse> call = (ServerCallStreamObserver<BootstrapResponse>) observer;
        try {
            Calls.requireKnown(request);
            FeedErrors.requireCluster(request.getClusterId(), clusterId.get(), serverId);
            LocalState state = states.get();
            FeedErrors.requireHistory(request.getHistoryId(), state.store().history());
            Shards shards = shards(request, state.store());
            if (request.hasResumeToken()) {
                resume(request, shards, state.store(), call);
            } else {
                begin(request, shards, state, call);
            }
        } catch (RuntimeException e) {
            call.onError(Failures.toStatus(e));
        }
    }

    private static Shards shards(BootstrapRequest request, Store store) {
        Shards shards;
        try {
            shards = Shards.of(request.getShards(), store.shardCount());
        } catch (IllegalArgumentException e) {
            throw FeedErrors.field("shards", String.valueOf(e.getMessage()));
        }
        if (shards.isEmpty()) {
            throw FeedErrors.field("shards", "none (expected: those to copy)");
        }
        if (!store.shards().containsAll(shards)) {
            throw FeedErrors.field(
                    "shards", shards.minus(store.shards()) + " (expected: shards that this server holds itself)");
        }
        return shards;
    }

    private void begin(
            BootstrapRequest request,
            Shards shards,
            LocalState state,
            ServerCallStreamObserver<BootstrapResponse> call) {
        ReadOptions.Builder any = ReadOptions.newBuilder().setStrength(Strength.STRENGTH_EVENTUAL);
        if (request.getMinIndex() > 0) {
            any.setMinIndex(request.getMinIndex());
        }
        ReadAsk ask = ReadAsks.of(any.build(), state.store().history(), null, options.waitMax());
        HeldStates.Held<ShardCopy> place = held.begin();
        if (place == null) {
            throw busy();
        }
        Run run = new Run(call, state.store(), place, null, 0);
        run.listen();
        try {
            whenAdmitted(state.gate().admit(ask), run, state.store(), shards);
        } catch (RuntimeException e) {
            run.fail(e);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the listener does not throw
    private void whenAdmitted(CompletableFuture<Admission> admitted, Run run, Store store, Shards shards) {
        BiConsumer<@Nullable Admission, @Nullable Throwable> listener = (admission, failure) -> {
            if (admission != null) {
                // The newest state is at or above this one.
                admission.close();
                run.onWorker(() -> run.begin(store, shards));
            } else if (failure != null) {
                run.fail(failure);
            }
        };
        admitted.whenComplete(listener);
    }

    private void resume(
            BootstrapRequest request, Shards shards, Store store, ServerCallStreamObserver<BootstrapResponse> call) {
        BootstrapToken token = BootstrapToken.parse(request.getResumeToken());
        HeldStates.Held<ShardCopy> place = token.serverId().equals(serverId) ? held.resume(token.state()) : null;
        if (place == null) {
            throw gone(store, token);
        }
        if (!held.state(place).shards().equals(shards)) {
            held.release(place, null);
            throw BootstrapToken.bad();
        }
        Run run = new Run(call, store, place, token.passed(), token.rows());
        run.listen();
        run.onWorker(run::send);
    }

    /** One call. */
    private final class Run {
        private final ServerCallStreamObserver<BootstrapResponse> call;
        private final String history;
        private final HeldStates.Held<ShardCopy> place;
        private final @Nullable RowName after;
        private final Room room;
        private long rows;

        Run(
                ServerCallStreamObserver<BootstrapResponse> call,
                Store store,
                HeldStates.Held<ShardCopy> place,
                @Nullable RowName after,
                long rows) {
            this.call = call;
            this.history = store.history().text();
            this.place = place;
            this.after = after;
            this.rows = rows;
            this.room = new Room(call, options.stallMax());
        }

        void listen() {
            call.setOnReadyHandler(room::signal);
            call.setOnCancelHandler(room::signal);
            // All of it has gone out, to a receiver who was there: nobody comes back for it.
            call.setOnCloseHandler(() -> held.drop(place));
        }

        void begin(Store store, Shards shards) {
            try {
                held.hold(place, store.shardCopy(shards));
            } catch (Throwable e) {
                fail(e);
                return;
            }
            send();
        }

        void send() {
            try {
                send(held.use(place, room));
                held.release(place, room);
                call.onCompleted();
                completed.increment();
            } catch (Room.BrokenOffException e) {
                held.release(place, room);
                brokenOff.increment();
                StatusRuntimeException told = brokenOff(e.end());
                if (told != null) {
                    call.onError(told);
                }
            } catch (Throwable e) {
                held.drop(place);
                held.release(place, room);
                failed.increment();
                call.onError(Failures.toStatus(e));
            }
        }

        private void send(ShardCopy copy) {
            send(BootstrapResponse.newBuilder().setStart(start(copy)));
            try (RowChunks chunks = copy.chunks(after, options.messageBytes(), options.messageRows())) {
                for (RowChunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
                    rows += chunk.rowCount();
                    send(BootstrapResponse.newBuilder().setRows(rows(copy, chunk)));
                }
            }
            send(BootstrapResponse.newBuilder().setEnd(end(copy)));
        }

        private void send(BootstrapResponse.Builder message) {
            room.await();
            BootstrapResponse built = message.build();
            bytes.add(built.getSerializedSize());
            call.onNext(built);
        }

        private BootstrapStart start(ShardCopy copy) {
            return BootstrapStart.newBuilder()
                    .setHistoryId(history)
                    .setIndex(copy.index())
                    .setLogTime(copy.logTime().toTimestamp())
                    .setEstimatedRows(copy.rowCount())
                    .setEstimatedBytes(copy.estimatedBytes())
                    .build();
        }

        private BootstrapRows rows(ShardCopy copy, RowChunk chunk) {
            BootstrapRows.Builder message = BootstrapRows.newBuilder()
                    .setRows(chunk.rows())
                    .setRowsCrc32C(chunk.crc32c())
                    .setResumeToken(
                            new BootstrapToken(serverId, place.name(), copy.index(), rows, chunk.through()).text())
                    .setThrough(key(chunk.through()));
            RowName before = chunk.after();
            if (before != null) {
                message.setAfter(key(before));
            }
            return message.build();
        }

        private BootstrapEnd end(ShardCopy copy) {
            return BootstrapEnd.newBuilder()
                    .setRowCount(rows)
                    .setDigestVersion(RowHasher.VERSION)
                    .addAllDigests(Digests.ofShards(copy.digests(), copy.shards(), DigestDetail.DIGEST_DETAIL_SHARDS))
                    .addAllTables(copy.tables())
                    .build();
        }

        void onWorker(Runnable step) {
            try {
                workers.execute(step);
            } catch (RuntimeException stopping) {
                fail(stopping);
            }
        }

        void fail(Throwable failure) {
            held.release(place, null);
            failed.increment();
            call.onError(Failures.toStatus(failure));
        }
    }

    private static RowKey key(RowName name) {
        return RowKey.newBuilder().setTable(name.table()).setKey(name.key()).build();
    }

    /** Ends what is under way, and what is held for later. To be called before the store is closed. */
    public void stop() {
        held.close();
    }

    /** How many have been sent to their end. */
    public long completed() {
        return completed.sum();
    }

    /** How many were left unfinished, by their receiver or because of it; some go on later. */
    public long brokenOff() {
        return brokenOff.sum();
    }

    /** How many this server could not go on with. */
    public long failed() {
        return failed.sum();
    }

    /** What was sent. */
    public long bytes() {
        return bytes.sum();
    }

    /** How many states are held. */
    public int heldCount() {
        return held.count();
    }

    /** Null: there is nobody to tell. */
    private @Nullable StatusRuntimeException brokenOff(Room.End end) {
        return switch (end) {
            case CALLER_LEFT -> null;
            case STALLED -> Calls.stalled("copy", options.stallMax(), "resume with the last resume_token");
            case STOPPED ->
                ErrorStatus.of(
                                ErrorReason.ERROR_REASON_STOPPING,
                                "server " + serverId + " is stopping; begin the copy anew elsewhere")
                        .with(ErrorMetadata.SERVED_BY, serverId)
                        .toException();
            case SUPERSEDED ->
                ErrorStatus.of(ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS, "the copy was resumed by another call")
                        .toException();
        };
    }

    private StatusRuntimeException busy() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OVERLOADED,
                        "server " + serverId + " has " + options.bootstrapsMax()
                                + " copies of shards under way, as many as it is configured for; wait, or ask another one")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.LIMIT, options.bootstrapsMax())
                .withRetryDelay(RETRY_DELAY)
                .toException();
    }

    private StatusRuntimeException gone(Store store, BootstrapToken token) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "the state at index " + token.index() + " is not held by " + serverId
                                + " for this copy (any more); begin the copy anew")
                .with(ErrorMetadata.ASKED, token.index())
                .with(ErrorMetadata.SERVED_BY, serverId)
                .withDetail(HorizonPassed.newBuilder()
                        .setAskedIndex(token.index())
                        .setServerHorizon(store.horizon())
                        .setClusterHorizon(store.horizon())
                        .setServedBy(serverId)
                        .build())
                .toException();
    }
}
