// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WriteOptions;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A channel to a Tidemark server. */
public final class TidemarkConnection implements Connection {

    private static final long SETUP_TIMEOUT_SECONDS = 10;

    /** How long a server may take to start before it says whether it leads. */
    private static final long START_TIMEOUT_SECONDS = 30;

    private final ManagedChannel channel;
    private final Calls calls;
    private final Options options;
    private final ReadOptions readOptions;
    private final RequestIds requestIds;

    /**
     * How Tidemark is spoken to.
     *
     * @param table the table that is written and read; made when it is not there
     * @param consistency what gets ask for
     * @param maxStaleness the bound of {@link Consistency#BOUNDED}
     * @param requestIds whether puts carry request ids, as an SDK's do
     * @param timeout of each call; zero for none
     */
    public record Options(
            String table, Consistency consistency, Duration maxStaleness, boolean requestIds, Duration timeout) {}

    private TidemarkConnection(ManagedChannel channel, Options options, ResponseHeader found) {
        this.channel = channel;
        this.calls = new Calls(channel, options.timeout());
        this.options = options;
        this.readOptions = readOptions(options, found);
        this.requestIds = new RequestIds(found.getHistoryId(), found.getReadIndex());
    }

    /** Connects, and makes the table if it is not there. */
    public static TidemarkConnection open(Endpoint endpoint, Options options) {
        ManagedChannel channel = endpoint.open();
        try {
            return new TidemarkConnection(channel, options, createTable(channel, options.table()));
        } catch (RuntimeException e) {
            channel.shutdownNow();
            throw e;
        }
    }

    /** Makes the table if it is not there. */
    static ResponseHeader createTable(Endpoint endpoint, String table) {
        ManagedChannel channel = endpoint.open();
        try {
            return createTable(channel, table);
        } finally {
            channel.shutdownNow();
        }
    }

    private static ResponseHeader createTable(ManagedChannel channel, String table) {
        return ClusterGrpc.newBlockingStub(channel)
                .withDeadlineAfter(SETUP_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .createTable(CreateTableRequest.newBuilder().setTable(table).build())
                .getHeader();
    }

    /** Whether the server that is asked leads; not while it is starting. */
    public static boolean leads(Endpoint endpoint) {
        ManagedChannel channel = endpoint.open();
        try {
            return role(ClusterGrpc.newBlockingStub(channel)
                            .withWaitForReady()
                            .withDeadlineAfter(START_TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    == ServerRole.SERVER_ROLE_LEADER;
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
                return false;
            }
            throw e;
        } finally {
            channel.shutdownNow();
        }
    }

    /** What the server that is asked does. Does not wait for one that is not there. */
    static ServerRole role(Endpoint endpoint) {
        ManagedChannel channel = endpoint.open();
        try {
            return role(
                    ClusterGrpc.newBlockingStub(channel).withDeadlineAfter(SETUP_TIMEOUT_SECONDS, TimeUnit.SECONDS));
        } finally {
            channel.shutdownNow();
        }
    }

    private static ServerRole role(ClusterGrpc.ClusterBlockingStub server) {
        return server.getTopology(GetTopologyRequest.getDefaultInstance())
                .getHeader()
                .getServedByRole();
    }

    @Override
    public void put(String key, ByteString value, Completion completion) {
        PutRequest.Builder request = PutRequest.newBuilder()
                .setTable(options.table())
                .setKey(key)
                .setValue(Value.newBuilder().setBytes(value));
        if (options.requestIds()) {
            request.setWriteOptions(requestIds.next());
        }
        calls.call(KeyValueGrpc.getPutMethod(), request.build(), this::notePut, completion);
    }

    @Override
    public void get(String key, Completion completion) {
        GetRequest request = GetRequest.newBuilder()
                .setTable(options.table())
                .setKey(key)
                .setReadOptions(readOptions)
                .setValueForm(ValueForm.VALUE_FORM_BYTES)
                .build();
        calls.call(KeyValueGrpc.getGetMethod(), request, GetResponse::hasRow, completion);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private boolean notePut(PutResponse response) {
        if (options.requestIds()) {
            requestIds.note(response.getIndex());
        }
        return true;
    }

    /** @param found what making the table answered */
    static ReadOptions readOptions(Options options, ResponseHeader found) {
        ReadOptions.Builder builder = ReadOptions.newBuilder();
        switch (options.consistency()) {
            case LINEARIZABLE -> builder.setStrength(Strength.STRENGTH_LINEARIZABLE);
            case EVENTUAL -> builder.setStrength(Strength.STRENGTH_EVENTUAL);
            case SESSION ->
                builder.setStrength(Strength.STRENGTH_EVENTUAL)
                        .setMinIndex(found.getReadIndex())
                        .setHistoryId(found.getHistoryId());
            case BOUNDED ->
                builder.setMaxStaleness(com.google.protobuf.Duration.newBuilder()
                        .setSeconds(options.maxStaleness().toSeconds())
                        .setNanos(options.maxStaleness().toNanosPart()));
        }
        return builder.build();
    }

    /** What makes puts repeatable. Thread-safe. */
    private static final class RequestIds {
        private final String historyId;
        private final AtomicLong newestIndex;
        private final String prefix = UUID.randomUUID() + "-";
        private final AtomicLong sequence = new AtomicLong();

        RequestIds(String historyId, long newestIndex) {
            this.historyId = historyId;
            this.newestIndex = new AtomicLong(newestIndex);
        }

        void note(long index) {
            // Late answers of earlier writes are many, and need not contend.
            if (index > newestIndex.get()) {
                newestIndex.accumulateAndGet(index, Math::max);
            }
        }

        WriteOptions next() {
            return WriteOptions.newBuilder()
                    .setRequestId(prefix + sequence.incrementAndGet())
                    .setFirstSentIndex(newestIndex.get())
                    .setHistoryId(historyId)
                    .build();
        }
    }
}
