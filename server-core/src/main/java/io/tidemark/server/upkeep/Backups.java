// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BackupRequest;
import io.tidemark.proto.v1.BackupResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.read.Admission;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsk;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.server.transfer.HeldStates;
import io.tidemark.server.transfer.Room;
import io.tidemark.store.state.Backup;
import io.tidemark.store.state.Store;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Backups of this server's own store, a few at a time. Each is of one state, which is held while it is under way and for a while
 * after it broke off, so that it can go on to the very same bytes. For any thread; the calls here do not wait, but each backup
 * under way takes one of the workers, which waits for the disk and for its caller.
 */
public final class Backups {

    private final Supplier<LocalState> states;
    private final String serverId;
    private final Function<Store, ResponseHeader> headers;
    private final BackupOptions options;
    private final Ticker ticker;
    private final Executor workers;
    private final HeldStates<Backup.Source> held;
    private final LongAdder completed = new LongAdder();
    private final LongAdder brokenOff = new LongAdder();
    private final LongAdder failed = new LongAdder();

    /**
     * Backups of what {@code states} gives.
     *
     * @param headers those of an answer from a store
     * @param workers need a thread for each backup under way, and one more for each whose caller comes back for the rest
     */
    public Backups(
            Supplier<LocalState> states,
            String serverId,
            Function<Store, ResponseHeader> headers,
            BackupOptions options,
            Ticker ticker,
            Timers timers,
            Executor workers) {
        this.states = states;
        this.serverId = serverId;
        this.headers = headers;
        this.options = options;
        this.ticker = ticker;
        this.workers = workers;
        this.held = new HeldStates<>(options.backupsMax(), options.heldMax(), Backup.Source::close, timers);
    }

    /**
     * The server that a backup with that token goes on at.
     *
     * @throws StatusRuntimeException if it is no such token
     */
    public static String serverOf(String resumeToken) {
        return BackupToken.parse(resumeToken).serverId();
    }

    /** Serves a backup until it ends. */
    public void backup(BackupRequest request, StreamObserver<BackupResponse> observer) {
        ServerCallStreamObserver<BackupResponse> call = (ServerCallStreamObserver<BackupResponse>) observer;
        try {
            if (request.hasResumeToken()) {
                resume(request, call);
            } else {
                begin(request, call);
            }
        } catch (StatusRuntimeException e) {
            call.onError(Failures.toStatus(e));
        }
    }

    private void begin(BackupRequest request, ServerCallStreamObserver<BackupResponse> call) {
        LocalState state = states.get();
        ReadAsk ask = ReadAsks.of(request.getReadOptions(), state.store().history(), null, options.readWaitMax());
        refuseOlder(ask);
        HeldStates.Held<Backup.Source> place = held.begin();
        if (place == null) {
            throw busy();
        }
        Run run = new Run(state.store(), call, place, Backup.Place.START);
        run.listen();
        try {
            whenAdmitted(state.gate().admit(ask), run);
        } catch (RuntimeException e) {
            run.fail(e);
        }
    }

    /** A store backs its newest state up: older ones have no digests to go with. */
    private static void refuseOlder(ReadAsk ask) {
        if (ask.base() instanceof ReadAsk.AsOfIndex) {
            throw unsupported("read_options.as_of_index");
        }
        if (ask.base() instanceof ReadAsk.AsOfTime) {
            throw unsupported("read_options.as_of_time");
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the listener does not throw
    private void whenAdmitted(CompletableFuture<Admission> admitted, Run run) {
        BiConsumer<@Nullable Admission, @Nullable Throwable> listener = (admission, failure) -> {
            if (admission != null) {
                // The newest state is at or above this one, and so it meets the same ask.
                admission.close();
                run.onWorker(run::begin);
            } else if (failure != null) {
                run.fail(failure);
            }
        };
        admitted.whenComplete(listener);
    }

    private void resume(BackupRequest request, ServerCallStreamObserver<BackupResponse> call) {
        BackupToken token = BackupToken.parse(request.getResumeToken());
        requireSettled(request.getReadOptions());
        LocalState state = states.get();
        HeldStates.Held<Backup.Source> place = token.serverId().equals(serverId) ? held.resume(token.backup()) : null;
        if (place == null) {
            throw gone(state.store(), token);
        }
        Run run = new Run(state.store(), call, place, token.place());
        run.listen();
        run.onWorker(run::send);
    }

    private static void requireSettled(ReadOptions options) {
        if (!options.toBuilder().clearHistoryId().build().equals(ReadOptions.getDefaultInstance())) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_INVALID_FIELD,
                            "read_options: expected none beside a resume_token, whose state is settled")
                    .with(ErrorMetadata.FIELD, "read_options")
                    .withField("read_options", "expected: none beside a resume_token")
                    .toException();
        }
    }

    /** One call. */
    private final class Run {
        private final Store store;
        private final ServerCallStreamObserver<BackupResponse> call;
        private final HeldStates.Held<Backup.Source> place;
        private final Backup.Place from;
        private volatile @Nullable BackupSender sender;

        Run(
                Store store,
                ServerCallStreamObserver<BackupResponse> call,
                HeldStates.Held<Backup.Source> place,
                Backup.Place from) {
            this.store = store;
            this.call = call;
            this.place = place;
            this.from = from;
        }

        void listen() {
            call.setOnReadyHandler(this::signal);
            call.setOnCancelHandler(this::signal);
            // All of it has gone out, to a caller who was there: nobody comes back for it.
            call.setOnCloseHandler(() -> held.drop(place));
        }

        private void signal() {
            BackupSender sending = sender;
            if (sending != null) {
                sending.room().signal();
            }
        }

        void begin() {
            try {
                held.hold(place, store.backup());
            } catch (Throwable e) {
                fail(e);
                return;
            }
            send();
        }

        void send() {
            BackupSender sending = null;
            try {
                sending = sender();
                sender = sending;
                write(held.use(place, sending.room()), sending);
                sending.finish();
                held.release(place, sending == null ? null : sending.room());
                call.onCompleted();
                completed.increment();
            } catch (Room.BrokenOffException e) {
                held.release(place, sending == null ? null : sending.room());
                brokenOff.increment();
                StatusRuntimeException told = brokenOff(e.end());
                if (told != null) {
                    call.onError(Failures.toStatus(told));
                }
            } catch (Throwable e) {
                held.drop(place);
                held.release(place, sending == null ? null : sending.room());
                failed.increment();
                call.onError(Failures.toStatus(e));
            }
        }

        private BackupSender sender() {
            long index = held.state(place).index();
            return new BackupSender(
                    call,
                    headers.apply(store).toBuilder().setReadIndex(index).build(),
                    reached -> new BackupToken(serverId, place.name(), index, reached).text(),
                    options,
                    ticker);
        }

        private void write(Backup.Source source, BackupSender sending) throws IOException {
            source.write(sending, from, sending::reached);
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

    /** Ends what is under way, and what is held for later. To be called before the store is closed. */
    public void stop() {
        held.close();
    }

    /** How many have been sent to their end. */
    public long completed() {
        return completed.sum();
    }

    /** How many were left unfinished, by their caller or because of it; some go on later. */
    public long brokenOff() {
        return brokenOff.sum();
    }

    /** How many this server could not go on with. */
    public long failed() {
        return failed.sum();
    }

    /** How many states are held. */
    public int heldCount() {
        return held.count();
    }

    /** Null: there is nobody to tell. */
    private @Nullable StatusRuntimeException brokenOff(Room.End end) {
        return switch (end) {
            case CALLER_LEFT -> null;
            case STALLED -> Calls.stalled("backup", options.stallMax(), "resume it with its last resume_token");
            case STOPPED ->
                ErrorStatus.of(
                                ErrorReason.ERROR_REASON_STOPPING,
                                "server " + serverId + " is stopping; begin the backup anew elsewhere")
                        .with(ErrorMetadata.SERVED_BY, serverId)
                        .toException();
            case SUPERSEDED ->
                ErrorStatus.of(ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS, "the backup was resumed by another call")
                        .toException();
        };
    }

    private StatusRuntimeException busy() {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                        "server " + serverId + " has " + options.backupsMax()
                                + " backups under way, as many as it is configured for; wait, or ask another one")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.LIMIT, options.backupsMax())
                .toException();
    }

    private StatusRuntimeException gone(Store store, BackupToken token) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_HORIZON_PASSED,
                        "the state at index " + token.index() + " is not held by " + serverId
                                + " for this backup (any more); begin the backup anew")
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

    private static StatusRuntimeException unsupported(String field) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_UNSUPPORTED,
                        field + ": a backup is of the newest state that the server has, not of an older one")
                .with(ErrorMetadata.FIELD, field)
                .toException();
    }
}
