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
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.server.call.Failures;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsk;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.server.transfer.ResumeToken;
import io.tidemark.server.transfer.Transfers;
import io.tidemark.store.state.Backup;
import io.tidemark.store.state.Store;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Backups of this server's own store, a few at a time. Each is of one state, which is held while it is under way and for a while
 * after it broke off, so that it can go on to the very same bytes. For any thread; the calls here do not wait, but each backup
 * under way takes one of the workers, which waits for the disk and for its caller.
 */
public final class Backups {

    private static final String BACKUP = "backup";

    private final Supplier<LocalState> states;
    private final String serverId;
    private final Function<Store, ResponseHeader> headers;
    private final BackupOptions options;
    private final Ticker ticker;
    private final Transfers<Backup.Source> transfers;

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
        this.transfers = new Transfers<>(
                BACKUP,
                serverId,
                options.backupsMax(),
                options.heldMax(),
                options.stallMax(),
                Backup.Source::close,
                timers,
                workers);
    }

    /**
     * The server that a backup with that token goes on at.
     *
     * @throws StatusRuntimeException if it is no such token
     */
    public static String serverOf(String resumeToken) {
        return ResumeToken.parse(BACKUP, resumeToken).serverId();
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
        Transfers<Backup.Source>.Transfer transfer = transfers.begin(call);
        if (transfer == null) {
            throw busy();
        }
        // The newest state is at or above the one that is let in, and so it meets the same ask.
        transfer.whenAdmitted(
                () -> state.gate().admit(ask),
                () -> state.store().backup(),
                sending(state.store(), call, transfer.name(), Backup.Place.START));
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

    private void resume(BackupRequest request, ServerCallStreamObserver<BackupResponse> call) {
        ResumeToken token = ResumeToken.parse(BACKUP, request.getResumeToken());
        requireSettled(request.getReadOptions());
        LocalState state = states.get();
        Transfers<Backup.Source>.Transfer transfer = transfers.resume(call, token, state.store());
        Backup.Place reached = new Backup.Place(token.passed(), token.rows(), token.bytes());
        transfer.goOn(sending(state.store(), call, transfer.name(), reached));
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

    /** @param name what the state can be resumed by */
    private Transfers.Sending<Backup.Source> sending(
            Store store, ServerCallStreamObserver<BackupResponse> call, String name, Backup.Place from) {
        return (source, room) -> {
            long index = source.index();
            BackupSender sender = new BackupSender(
                    call,
                    room,
                    headers.apply(store).toBuilder().setReadIndex(index).build(),
                    at -> new ResumeToken(serverId, name, index, at.passed(), at.rows(), at.bytes()).text(),
                    options,
                    ticker);
            source.write(sender, from, sender::reached);
            sender.finish();
        };
    }

    /** The backups under way, those that broke off, and how others ended. */
    public Transfers<?> transfers() {
        return transfers;
    }

    /** Ends what is under way, and what is held for later. To be called before the store is closed. */
    public void stop() {
        transfers.stop();
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

    private static StatusRuntimeException unsupported(String field) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_UNSUPPORTED,
                        field + ": a backup is of the newest state that the server has, not of an older one")
                .with(ErrorMetadata.FIELD, field)
                .toException();
    }
}
