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
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.Strength;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.feed.core.FeedErrors;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsk;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.time.Timers;
import io.tidemark.server.transfer.ResumeToken;
import io.tidemark.server.transfer.Room;
import io.tidemark.server.transfer.Transfers;
import io.tidemark.server.upkeep.Digests;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.RowHasher;
import io.tidemark.store.state.ShardCopy;
import io.tidemark.store.state.Store;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Copies of shards of this server's own store, a few at a time. Each is of one state, which is held while it is under way and for a
 * while after it broke off, so that it can go on. For any thread; the calls here do not wait, but each copy under way takes one of the
 * workers, which waits for the disk and for its receiver.
 */
public final class Bootstraps {

    private static final String COPY = "copy";
    private static final Duration RETRY_DELAY = Duration.ofSeconds(2);

    private final String serverId;
    private final Supplier<String> clusterId;
    private final Supplier<LocalState> states;
    private final BootstrapOptions options;
    private final Transfers<ShardCopy> transfers;
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
        this.transfers = new Transfers<>(
                COPY,
                serverId,
                options.bootstrapsMax(),
                options.heldMax(),
                options.stallMax(),
                ShardCopy::close,
                timers,
                workers);
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
        Transfers<ShardCopy>.Transfer transfer = transfers.begin(call);
        if (transfer == null) {
            throw busy();
        }
        Run run = new Run(call, state.store(), transfer.name(), null, 0);
        transfer.whenAdmitted(() -> state.gate().admit(ask), () -> state.store().shardCopy(shards), run);
    }

    private void resume(
            BootstrapRequest request, Shards shards, Store store, ServerCallStreamObserver<BootstrapResponse> call) {
        ResumeToken token = ResumeToken.parse(COPY, request.getResumeToken());
        Transfers<ShardCopy>.Transfer transfer = transfers.resume(call, token, store);
        if (!transfer.state().shards().equals(shards)) {
            transfer.release();
            throw ResumeToken.bad(COPY);
        }
        transfer.goOn(new Run(call, store, transfer.name(), token.passed(), token.rows()));
    }

    /** One call. */
    private final class Run implements Transfers.Sending<ShardCopy> {
        private final ServerCallStreamObserver<BootstrapResponse> call;
        private final String history;
        private final String state;
        private final @Nullable RowName after;
        private long rows;

        /**
         * Nothing was sent yet.
         *
         * @param state what it can be resumed by
         * @param after how far the copy has come before
         * @param rows how many rows it has up to there
         */
        Run(
                ServerCallStreamObserver<BootstrapResponse> call,
                Store store,
                String state,
                @Nullable RowName after,
                long rows) {
            this.call = call;
            this.history = store.history().text();
            this.state = state;
            this.after = after;
            this.rows = rows;
        }

        @Override
        public void send(ShardCopy copy, Room room) {
            send(room, BootstrapResponse.newBuilder().setStart(start(copy)));
            try (RowChunks chunks = copy.chunks(after, options.messageBytes(), options.messageRows())) {
                for (RowChunk chunk = chunks.next(); chunk != null; chunk = chunks.next()) {
                    rows += chunk.rowCount();
                    send(room, BootstrapResponse.newBuilder().setRows(rows(copy, chunk)));
                }
            }
            send(room, BootstrapResponse.newBuilder().setEnd(end(copy)));
        }

        private void send(Room room, BootstrapResponse.Builder message) {
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
                    .setResumeToken(new ResumeToken(serverId, state, copy.index(), chunk.through(), rows, 0).text())
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
    }

    private static RowKey key(RowName name) {
        return RowKey.newBuilder().setTable(name.table()).setKey(name.key()).build();
    }

    /** The copies under way, those that broke off, and how others ended. */
    public Transfers<?> transfers() {
        return transfers;
    }

    /** Ends what is under way, and what is held for later. To be called before the store is closed. */
    public void stop() {
        transfers.stop();
    }

    /** What was sent. */
    public long bytes() {
        return bytes.sum();
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
}
