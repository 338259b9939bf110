// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.DropTableResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetLimitsRequest;
import io.tidemark.proto.v1.GetLimitsResponse;
import io.tidemark.proto.v1.GetTableRequest;
import io.tidemark.proto.v1.GetTableResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.ListTablesRequest;
import io.tidemark.proto.v1.ListTablesResponse;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.Unmet;
import io.tidemark.proto.v1.UpdateTableRequest;
import io.tidemark.proto.v1.UpdateTableResponse;
import io.tidemark.proto.v1.WatchTopologyRequest;
import io.tidemark.proto.v1.WatchTopologyResponse;
import io.tidemark.server.call.Answerer;
import io.tidemark.server.call.Calls;
import io.tidemark.server.call.Headers;
import io.tidemark.server.call.UnaryAnswer;
import io.tidemark.server.call.Workers;
import io.tidemark.server.read.LocalState;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.time.Timers;
import io.tidemark.server.write.Writes;
import io.tidemark.store.Utf8;
import io.tidemark.store.state.Store;
import io.tidemark.store.validate.NameRules;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** The topology, tables and limits. Thread-safe, and never holds up the thread that calls it. */
public final class ClusterService extends ClusterGrpc.ClusterImplBase {

    /** What an answer holds beside its tables. */
    private static final long BESIDE_TABLES_BYTES = 4096;

    /** The tag and length of a table in its answer. */
    private static final int FRAME_BYTES = 6;

    private static final Duration RETRY_DELAY = Duration.ofSeconds(1);

    private final Reads reads;
    private final Answerer answerer;
    private final Headers headers;
    private final RequestLimits limits;
    private final Workers workers;
    private final Timers timers;
    private final Writes writes;
    private final Topologies topologies;
    private final AtomicInteger openWatches = new AtomicInteger();

    /**
     * Workers and timers stay the caller's, who closes them after the server and before the store.
     *
     * @param state throws what the caller of a read is told while there is none
     */
    public ClusterService(
            Supplier<LocalState> state,
            Answerer answerer,
            Headers headers,
            RequestLimits limits,
            Workers workers,
            Timers timers,
            Writes writes,
            Topologies topologies) {
        this.reads = new Reads(state, headers, limits, workers);
        this.answerer = answerer;
        this.headers = headers;
        this.limits = limits;
        this.workers = workers;
        this.timers = timers;
        this.writes = writes;
        this.topologies = topologies;
    }

    @Override
    public void getTopology(GetTopologyRequest request, StreamObserver<GetTopologyResponse> caller) {
        KeyValueService.guarded(caller, call -> {
            Calls.requireKnown(request);
            Store store = reads.local().store();
            UnaryAnswer<GetTopologyResponse> answer = UnaryAnswer.to(call);
            if (!request.hasMinVersion() || reaches(topologies.current(), request.getMinVersion(), store.history())) {
                answer.succeed(answer(store, topologies.current()));
            } else {
                await(store, request.getMinVersion(), answer);
            }
        });
    }

    private void await(Store store, TopologyVersion least, UnaryAnswer<GetTopologyResponse> answer) {
        CompletableFuture<Topology> reached = new CompletableFuture<>();
        answer.onCancel(() -> reached.cancel(false));
        Topologies.Registration registration = topologies.listen(changed -> {
            if (reaches(changed, least, store.history())) {
                reached.complete(changed);
            }
        });
        Timers.Pending timeout = timers.after(
                ReadAsks.granted(Calls.untilDeadline(), limits.maxReadWait()),
                () -> reached.completeExceptionally(tooOld(least)));
        Reads.listen(reached, (topology, failure) -> {
            registration.close();
            timeout.cancel();
            if (topology == null) {
                answer.fail(failure == null ? tooOld(least) : failure);
            } else {
                answer.succeed(answer(store, topology));
            }
        });
        // It may have changed between the first look and the listening.
        Topology now = topologies.current();
        if (reaches(now, least, store.history())) {
            reached.complete(now);
        }
    }

    /** Whether a topology is not older; refuses one of another history. */
    private static boolean reaches(Topology topology, TopologyVersion least, HistoryId history) {
        ReadAsks.requireHistory(least.getHistoryId().isEmpty() ? null : least.getHistoryId(), history);
        return !TopologyStream.isNewer(least, topology.getVersion());
    }

    private GetTopologyResponse answer(Store store, Topology topology) {
        return GetTopologyResponse.newBuilder()
                .setHeader(headers.ofNoState(store))
                .setTopology(topology)
                .build();
    }

    private RuntimeException tooOld(TopologyVersion least) {
        TopologyVersion here = topologies.current().getVersion();
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_TOO_STALE,
                        "the topology at " + answerer.serverId() + " is that of term " + here.getTerm() + ", epoch "
                                + here.getEpoch() + ", and did not reach term " + least.getTerm() + ", epoch "
                                + least.getEpoch() + " in time; ask another server")
                .with(ErrorMetadata.SERVED_BY, answerer.serverId())
                .with(ErrorMetadata.ASKED_TERM, least.getTerm())
                .with(ErrorMetadata.ASKED_EPOCH, least.getEpoch())
                .with(ErrorMetadata.ACTUAL_TERM, here.getTerm())
                .with(ErrorMetadata.ACTUAL_EPOCH, here.getEpoch())
                .withDetail(TooStale.newBuilder()
                        .setUnmet(Unmet.getDefaultInstance())
                        .setServedBy(answerer.serverId())
                        .build())
                .toException();
    }

    @Override
    public void watchTopology(WatchTopologyRequest request, StreamObserver<WatchTopologyResponse> caller) {
        KeyValueService.guarded(caller, call -> {
            Calls.requireKnown(request);
            String history = reads.local().store().history().text();
            TopologyVersion known = request.getKnownVersion();
            if (known.getHistoryId().isEmpty()) {
                known = known.toBuilder().setHistoryId(history).build();
            }
            ServerCallStreamObserver<WatchTopologyResponse> stream =
                    (ServerCallStreamObserver<WatchTopologyResponse>) call;
            openWatch();
            TopologyStream watch = new TopologyStream(
                    stream,
                    topologies,
                    request.hasKnownVersion() ? known : null,
                    topology -> WatchTopologyResponse.newBuilder()
                            .setHeader(headers.ofNoState(reads.local().store()))
                            .setTopology(topology)
                            .build(),
                    workers,
                    timers,
                    limits.maxStreamStall(),
                    openWatches::decrementAndGet);
            stream.setOnReadyHandler(watch::signal);
            stream.setOnCancelHandler(watch::cancelled);
            watch.begin();
        });
    }

    private void openWatch() {
        if (openWatches.incrementAndGet() > limits.maxTopologyWatches()) {
            openWatches.decrementAndGet();
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_OVERLOADED,
                            "server " + answerer.serverId() + " has " + limits.maxTopologyWatches()
                                    + " watches of the topology, as many as it is configured for; watch at another one")
                    .with(ErrorMetadata.SERVED_BY, answerer.serverId())
                    .with(ErrorMetadata.LIMIT, limits.maxTopologyWatches())
                    .withRetryDelay(RETRY_DELAY)
                    .toException();
        }
    }

    @Override
    public void getLimits(GetLimitsRequest request, StreamObserver<GetLimitsResponse> caller) {
        KeyValueService.guarded(caller, call -> {
            Calls.requireKnown(request);
            Store store = reads.local().store();
            UnaryAnswer.to(call)
                    .succeed(GetLimitsResponse.newBuilder()
                            .setHeader(headers.ofNoState(store))
                            .setLimits(limits.published(store.settings()))
                            .build());
        });
    }

    @Override
    public void getTable(GetTableRequest request, StreamObserver<GetTableResponse> caller) {
        KeyValueService.guarded(caller, call -> {
            Calls.requireKnown(request);
            NameRules.requireTable("table", request.getTable());
            reads.answer(reads.local(), call, request.getReadOptions(), Reads.Length.SHORT, reading -> {
                Table table = TableStates.require(
                        reading.view(), request.getTable(), reading.store().history());
                return GetTableResponse.newBuilder()
                        .setTable(table)
                        .setHeader(reading.header())
                        .build();
            });
        });
    }

    @Override
    public void listTables(ListTablesRequest request, StreamObserver<ListTablesResponse> caller) {
        KeyValueService.guarded(caller, call -> {
            Calls.requireKnown(request);
            new RequestRules()
                    .check(request.getPageSize() >= 0, "page_size", "expected: zero or more")
                    .throwIfAny();
            LocalState local = reads.local();
            ReadOptions asked = request.getReadOptions();
            PageToken start =
                    KeyValueService.start(PageToken.Kind.LIST_TABLES, request.getPageToken(), 0, asked, local);
            reads.answer(
                    local,
                    call,
                    KeyValueService.options(request.getPageToken(), start, asked),
                    Reads.Length.LONG,
                    reading -> listTables(reading, start, limits.pageSize(request.getPageSize())));
        });
    }

    private ListTablesResponse listTables(Reads.Reading reading, PageToken start, int pageSize) {
        ListTablesResponse.Builder answer = ListTablesResponse.newBuilder();
        long room = limits.maxAnswerBytes() - BESIDE_TABLES_BYTES;
        List<Table> tables = reading.view().tables().stream()
                .filter(table -> Utf8.compare(table.getTable(), start.last()) > 0)
                .sorted(Comparator.comparing(Table::getTable, Utf8::compare))
                .toList();
        int count = 0;
        for (Table table : tables) {
            room -= table.getSerializedSize() + FRAME_BYTES;
            if (count == pageSize || (count > 0 && room < 0)) {
                break;
            }
            answer.addTables(table);
            count++;
        }
        if (count < tables.size()) {
            answer.setNextPageToken(new PageToken(
                            start.kind(),
                            start.history(),
                            reading.view().index(),
                            start.rows() + count,
                            tables.get(count - 1).getTable(),
                            start.request(),
                            start.asks())
                    .text());
        }
        return answer.setHeader(reading.header()).build();
    }

    @Override
    public void createTable(CreateTableRequest request, StreamObserver<CreateTableResponse> caller) {
        KeyValueService.write(request, caller, writes::createTable);
    }

    @Override
    public void updateTable(UpdateTableRequest request, StreamObserver<UpdateTableResponse> caller) {
        KeyValueService.write(request, caller, writes::updateTable);
    }

    @Override
    public void dropTable(DropTableRequest request, StreamObserver<DropTableResponse> caller) {
        KeyValueService.write(request, caller, writes::dropTable);
    }
}
