// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import com.google.protobuf.Message;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchGetResult;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PatchResponse;
import io.tidemark.proto.v1.ProbeRequest;
import io.tidemark.proto.v1.ProbeResponse;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.StreamScanRequest;
import io.tidemark.proto.v1.StreamScanResponse;
import io.tidemark.proto.v1.ValueForm;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Failures;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.Workers;
import io.tidemark.server.read.Admission;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.time.Timers;
import io.tidemark.server.write.Writes;
import io.tidemark.store.Refusal;
import io.tidemark.store.RowName;
import io.tidemark.store.StoredRow;
import io.tidemark.store.validate.NameRules;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the local state, as fresh as each asks; writes and watches go to who does them. Thread-safe, and never holds up the
 * thread that calls it.
 */
public final class KeyValueService extends KeyValueGrpc.KeyValueImplBase {

    /** A BatchGet of no more keys is not worth another thread. */
    private static final int SHORT_BATCH = 32;

    /** The tag and length of a result and of its row. */
    private static final int RESULT_FRAME_BYTES = 12;

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final Reads reads;
    private final Headers headers;
    private final RequestLimits limits;
    private final Workers workers;
    private final Timers timers;
    private final Writes writes;
    private final Watcher watcher;
    private final AtomicInteger openStreams = new AtomicInteger();

    /**
     * Workers and timers stay the caller's, who closes them after the server and before the store.
     *
     * @param state throws what the caller of a read is told while there is none
     */
    public KeyValueService(
            Supplier<LocalState> state,
            Headers headers,
            RequestLimits limits,
            Workers workers,
            Timers timers,
            Writes writes,
            Watcher watcher) {
        this.reads = new Reads(state, headers, limits, workers);
        this.headers = headers;
        this.limits = limits;
        this.workers = workers;
        this.timers = timers;
        this.writes = writes;
        this.watcher = watcher;
    }

    @Override
    public void get(GetRequest request, StreamObserver<GetResponse> caller) {
        guarded(caller, call -> {
            Calls.requireKnown(request);
            requireRow(request.getTable(), request.getKey());
            RowName name = new RowName(request.getTable(), request.getKey());
            // Only JSON is taken apart; all else is handed on.
            boolean json = request.getValueForm() == ValueForm.VALUE_FORM_JSON;
            reads.answer(
                    reads.local(),
                    call,
                    request.getReadOptions(),
                    json ? Reads.Length.LONG : Reads.Length.SHORT,
                    reading -> get(reading, name, request));
        });
    }

    private static GetResponse get(Reads.Reading reading, RowName name, GetRequest request) {
        reading.requireShard(name.table(), name.key());
        TableStates.requireReadable(
                reading.view(), name.table(), reading.store().history());
        StoredRow row = reading.view().get(name);
        GetResponse.Builder answer = GetResponse.newBuilder();
        if (row != null) {
            answer.setRow(RowForms.row(name, row, request.getValueForm(), request.getRowView()));
        }
        return answer.setHeader(reading.header()).build();
    }

    private static void requireRow(String table, String key) {
        new RequestRules()
                .check(() -> NameRules.requireTable("table", table))
                .check(() -> NameRules.requireKey("key", key))
                .throwIfAny();
    }

    @Override
    public void batchGet(BatchGetRequest request, StreamObserver<BatchGetResponse> caller) {
        guarded(caller, call -> {
            Calls.requireKnown(request);
            requireKeys(request.getKeysList());
            boolean isShort =
                    request.getKeysCount() <= SHORT_BATCH && request.getValueForm() != ValueForm.VALUE_FORM_JSON;
            reads.answer(
                    reads.local(),
                    call,
                    request.getReadOptions(),
                    isShort ? Reads.Length.SHORT : Reads.Length.LONG,
                    reading -> batchGet(reading, request));
        });
    }

    private void requireKeys(List<RowKey> keys) {
        if (keys.size() > limits.maxBatchKeys()) {
            throw Refusal.tooLarge("keys of a BatchGet", keys.size(), limits.maxBatchKeys())
                    .toException();
        }
        RequestRules rules = new RequestRules().check(!keys.isEmpty(), "keys", "expected: one at least");
        for (int i = 0; i < keys.size() && !rules.isFull(); i++) {
            String field = "keys[" + i + "]";
            RowKey key = keys.get(i);
            rules.check(() -> NameRules.requireTable(field + ".table", key.getTable()))
                    .check(() -> NameRules.requireKey(field + ".key", key.getKey()));
        }
        rules.throwIfAny();
    }

    private BatchGetResponse batchGet(Reads.Reading reading, BatchGetRequest request) {
        BatchGetResponse.Builder answer = BatchGetResponse.newBuilder();
        Set<String> tables = new HashSet<>();
        long room = limits.maxRowsBytes();
        for (RowKey key : request.getKeysList()) {
            if (reading.abandoned().getAsBoolean()) {
                break;
            }
            reading.requireShard(key.getTable(), key.getKey());
            if (tables.add(key.getTable())) {
                TableStates.requireReadable(
                        reading.view(), key.getTable(), reading.store().history());
            }
            RowName name = new RowName(key.getTable(), key.getKey());
            StoredRow row = reading.view().get(name);
            BatchGetResult.Builder result = BatchGetResult.newBuilder();
            if (row != null) {
                result.setRow(RowForms.row(name, row, request.getValueForm(), request.getRowView()));
            }
            BatchGetResult built = result.build();
            room -= built.getSerializedSize() + RESULT_FRAME_BYTES;
            if (room < 0 && answer.getResultsCount() > 0) {
                break;
            }
            answer.addResults(built);
        }
        return answer.setHeader(reading.header()).build();
    }

    @Override
    public void scan(ScanRequest request, StreamObserver<ScanResponse> caller) {
        guarded(caller, call -> {
            Calls.requireKnown(request);
            ScanPlan plan = ScanPlan.of(request);
            LocalState local = reads.local();
            PageToken start = start(
                    PageToken.Kind.SCAN, request.getPageToken(), plan.fingerprint(), request.getReadOptions(), local);
            // Even a short page may have to pass over any number of rows that were deleted.
            reads.answer(
                    local,
                    call,
                    options(request.getPageToken(), start, request.getReadOptions()),
                    Reads.Length.LONG,
                    reading -> scan(reading, plan, start, limits.pageSize(request.getPageSize())));
        });
    }

    private ScanResponse scan(Reads.Reading reading, ScanPlan plan, PageToken start, int pageSize) {
        reading.requireAllShards();
        TableStates.requireReadable(
                reading.view(), plan.span().table(), reading.store().history());
        ScanResponse.Builder answer = ScanResponse.newBuilder();
        try (PlannedRows rows = new PlannedRows(reading.view(), plan, start.last())) {
            answer.addAllRows(rows.take(pageSize, limits.maxRowsBytes(), reading.abandoned()));
            if (!rows.isExhausted() && answer.getRowsCount() > 0) {
                answer.setNextPageToken(new PageToken(
                                start.kind(),
                                start.history(),
                                reading.view().index(),
                                start.rows() + answer.getRowsCount(),
                                answer.getRows(answer.getRowsCount() - 1).getKey(),
                                start.request(),
                                start.asks())
                        .text());
            }
        }
        return answer.setHeader(reading.header()).build();
    }

    /** Where a token says that the last page ended, or the beginning. */
    static PageToken start(PageToken.Kind kind, String token, long fingerprint, ReadOptions options, LocalState local) {
        return token.isEmpty()
                ? new PageToken(kind, local.store().history(), 0, 0, "", fingerprint, Asks.of(options))
                : PageToken.parse(
                        token, kind, fingerprint, options, local.store().history());
    }

    static ReadOptions options(String token, PageToken start, ReadOptions asked) {
        return token.isEmpty() ? asked : start.options(asked);
    }

    @Override
    public void streamScan(StreamScanRequest request, StreamObserver<StreamScanResponse> caller) {
        guarded(caller, call -> {
            Calls.requireKnown(request);
            ScanPlan plan = ScanPlan.of(request);
            LocalState local = reads.local();
            PageToken start = start(
                    PageToken.Kind.STREAM_SCAN,
                    request.getResumeToken(),
                    plan.fingerprint(),
                    request.getReadOptions(),
                    local);
            long limit = request.hasLimit() ? request.getLimit() : Long.MAX_VALUE;
            CompletableFuture<Admission> admitted =
                    reads.admit(local, options(request.getResumeToken(), start, request.getReadOptions()));
            try {
                openStream();
            } catch (RuntimeException refused) {
                Reads.listen(admitted, (admission, failure) -> closeIfAny(admission));
                throw refused;
            }
            ServerCallStreamObserver<StreamScanResponse> stream = (ServerCallStreamObserver<StreamScanResponse>) call;
            StreamedScan scan = new StreamedScan(
                    stream,
                    local,
                    plan,
                    start,
                    Math.max(0, limit - start.rows()),
                    headers,
                    limits,
                    workers,
                    timers,
                    openStreams::decrementAndGet);
            stream.setOnReadyHandler(scan::signal);
            stream.setOnCancelHandler(() -> {
                admitted.cancel(false);
                scan.signal();
            });
            Reads.listen(admitted, (admission, failure) -> {
                if (admission == null) {
                    scan.failed(failure == null ? new CompletionException("no admission", null) : failure);
                } else {
                    scan.admitted(admission);
                }
            });
        });
    }

    private static void closeIfAny(@Nullable Admission admission) {
        if (admission != null) {
            admission.close();
        }
    }

    private void openStream() {
        if (openStreams.incrementAndGet() > limits.maxStreams()) {
            openStreams.decrementAndGet();
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_OVERLOADED,
                            limits.maxStreams() + " streamed scans are open already, the most allowed; try again in "
                                    + RETRY_DELAY.toMillis() + " ms, or ask another server")
                    .with(ErrorMetadata.LIMIT, limits.maxStreams())
                    .with(ErrorMetadata.RETRY_DELAY_MS, RETRY_DELAY.toMillis())
                    .withRetryDelay(RETRY_DELAY)
                    .toException();
        }
    }

    @Override
    public void probe(ProbeRequest request, StreamObserver<ProbeResponse> caller) {
        guarded(caller, call -> {
            Calls.requireKnown(request);
            ReadOptions.Builder options = ReadOptions.newBuilder();
            if (request.hasMaxWait()) {
                options.setMaxWait(request.getMaxWait());
            }
            if (request.hasHistoryId()) {
                options.setHistoryId(request.getHistoryId());
            }
            boolean anew = request.getMaxStaleness().equals(com.google.protobuf.Duration.getDefaultInstance());
            if (!anew) {
                options.setMaxStaleness(request.getMaxStaleness());
            }
            reads.answer(
                    reads.local(),
                    call,
                    options.build(),
                    Reads.Length.SHORT,
                    reading -> ProbeResponse.newBuilder()
                            .setHeader(headers.ofProof(
                                    reading.store(),
                                    reading.admission()
                                            .provenIndex()
                                            .orElse(reading.view().index()),
                                    reading.admission().staleness().orElse(null)))
                            .build());
        });
    }

    @Override
    public void put(PutRequest request, StreamObserver<PutResponse> caller) {
        write(request, caller, writes::put);
    }

    @Override
    public void delete(DeleteRequest request, StreamObserver<DeleteResponse> caller) {
        write(request, caller, writes::delete);
    }

    @Override
    public void patch(PatchRequest request, StreamObserver<PatchResponse> caller) {
        write(request, caller, writes::patch);
    }

    @Override
    public void commit(CommitRequest request, StreamObserver<CommitResponse> caller) {
        write(request, caller, writes::commit);
    }

    @Override
    public void batchWrite(BatchWriteRequest request, StreamObserver<BatchWriteResponse> caller) {
        write(request, caller, batch -> {
            if (batch.getWritesCount() > limits.maxBatchWrites()) {
                throw Refusal.tooLarge("writes of a BatchWrite", batch.getWritesCount(), limits.maxBatchWrites())
                        .toException();
            }
            new RequestRules()
                    .check(batch.getWritesCount() > 0, "writes", "expected: one at least")
                    .throwIfAny();
            return writes.batchWrite(batch);
        });
    }

    static <Q extends Message, A> void write(
            Q request, StreamObserver<A> caller, Function<Q, CompletableFuture<A>> write) {
        Calls.answer(caller, () -> {
            Calls.requireKnown(request);
            return write.apply(request);
        });
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> caller) {
        guarded(caller, call -> {
            Calls.requireKnown(request);
            watcher.watch(request, call);
        });
    }

    /** What is thrown before anything was answered is the call's error. */
    static <T> void guarded(StreamObserver<T> caller, Consumer<StreamObserver<T>> work) {
        try {
            work.accept(caller);
        } catch (RuntimeException | Error e) {
            caller.onError(Failures.toStatus(e));
        }
    }
}
