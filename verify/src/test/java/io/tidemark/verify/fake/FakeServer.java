// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.fake;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ChangeKind;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ConditionFailed;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetDigestsRequest;
import io.tidemark.proto.v1.GetDigestsResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.ShardDigest;
import io.tidemark.proto.v1.Value;
import io.tidemark.proto.v1.WatchEvent;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * As much of one Tidemark server as the harness talks to: one table on the heap, every call under one lock, so that it is
 * linearizable; request ids are remembered for ever. Faults can be planted in it. Not one that replicates: several of them
 * are several stores.
 */
public final class FakeServer implements AutoCloseable {

    /** What a test may break. */
    public enum Fault {
        /** A repeated request is applied again. */
        APPLIES_RETRIES_AGAIN,
        /** Every tenth write is acknowledged and forgotten. */
        LOSES_WRITES,
        /** Reads see the state of ten commits ago. */
        READS_STALE,
        /** Every tenth answer to a write is lost on its way. */
        LOSES_ANSWERS
    }

    private static final String HISTORY = "0123456789abcdef";
    private static final int SOME = 10;
    private static final int PAGE = 1000;

    private final Server server;
    private final ServerRole role;
    private final List<Fault> faults;
    private final TreeMap<String, Row> rows = new TreeMap<>();
    private final List<WatchResponse> log = new ArrayList<>();
    private final List<StreamObserver<WatchResponse>> watchers = new ArrayList<>();
    private final Map<String, CommitResponse> outcomes = new HashMap<>();
    private final List<TreeMap<String, Row>> past = new ArrayList<>();
    private long index = 1;
    private int writes;
    private @Nullable FakeServer follower;

    private FakeServer(ServerRole role, List<Fault> faults) {
        this.role = role;
        this.faults = faults;
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .addService(new KeyValue())
                    .addService(new Cluster())
                    .addService(new Maintenance())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that says that it leads. */
    public static FakeServer start(Fault... faults) {
        return new FakeServer(ServerRole.SERVER_ROLE_LEADER, List.of(faults));
    }

    /** One that follows the other, without a delay: it shows its changes to watchers and answers nothing else of it. */
    public static FakeServer startFollowerOf(FakeServer leader) {
        FakeServer follower = new FakeServer(ServerRole.SERVER_ROLE_FOLLOWER, List.of());
        synchronized (leader) {
            leader.follower = follower;
        }
        return follower;
    }

    public String address() {
        return "127.0.0.1:" + server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private ResponseHeader.Builder header() {
        return ResponseHeader.newBuilder()
                .setHistoryId(HISTORY)
                .setServedByRole(role)
                .setAppliedIndex(index);
    }

    /** All or nothing. A condition that does not hold gives an answer without an index. */
    private synchronized CommitResponse commit(CommitRequest request) {
        String id = request.getWriteOptions().getRequestId();
        CommitResponse earlier = outcomes.get(id);
        if (earlier != null && !faults.contains(Fault.APPLIES_RETRIES_AGAIN)) {
            return earlier.toBuilder().setReplayed(true).build();
        }
        CommitResponse.Builder response = CommitResponse.newBuilder();
        if (request.getConditionsList().stream()
                .anyMatch(condition -> !holds(rows.get(condition.getKey()), condition.getCondition()))) {
            response.setHeader(header().setReadIndex(index))
                    .setOutcome(CommitOutcome.COMMIT_OUTCOME_CONDITION_FAILED)
                    .setEvaluatedIndex(index);
        } else {
            index++;
            List<WatchEvent> events = new ArrayList<>();
            boolean lost = faults.contains(Fault.LOSES_WRITES) && ++writes % SOME == 0;
            for (Mutation mutation : request.getMutationsList()) {
                Row row = changed(mutation);
                response.addResultsBuilder().setRow(row);
                if (!lost) {
                    rows.put(row.getKey(), row);
                    events.add(WatchEvent.newBuilder()
                            .setIndex(index)
                            .setPosition(events.size())
                            .setKind(ChangeKind.CHANGE_KIND_PUT)
                            .setRow(row)
                            .build());
                }
            }
            response.setHeader(header().setReadIndex(index))
                    .setOutcome(CommitOutcome.COMMIT_OUTCOME_COMMITTED)
                    .setIndex(index);
            if (faults.contains(Fault.READS_STALE)) {
                past.add(new TreeMap<>(rows));
            }
            show(WatchResponse.newBuilder()
                    .addAllEvents(events)
                    .setThroughIndex(index)
                    .build());
        }
        if (!id.isEmpty()) {
            outcomes.put(id, response.build());
        }
        return response.build();
    }

    private static boolean holds(@Nullable Row row, RowCondition condition) {
        return switch (condition.getCheckCase()) {
            case VERSION -> row != null && row.getVersion() == condition.getVersion();
            case EXISTENCE -> row == null;
            default -> throw new IllegalArgumentException("not a condition of this fake: " + condition);
        };
    }

    private Row changed(Mutation mutation) {
        String key = mutation.hasPut()
                ? mutation.getPut().getKey()
                : mutation.getIncrement().getKey();
        Row before = rows.get(key);
        Value value = mutation.hasPut()
                ? mutation.getPut().getValue()
                : Value.newBuilder()
                        .setBytes(ByteString.copyFromUtf8(Long.toString((before == null
                                        ? 0
                                        : Long.parseLong(
                                                before.getValue().getBytes().toStringUtf8()))
                                + mutation.getIncrement().getDelta())))
                        .build();
        return Row.newBuilder()
                .setTable(mutation.getTable())
                .setKey(key)
                .setValue(value)
                .setVersion(before == null ? 1 : before.getVersion() + 1)
                .setCreatedIndex(before == null ? index : before.getCreatedIndex())
                .setModifiedIndex(index)
                .build();
    }

    private synchronized void show(WatchResponse response) {
        index = response.getThroughIndex();
        log.add(response);
        watchers.forEach(watcher -> watcher.onNext(response));
        if (follower != null) {
            follower.show(response);
        }
    }

    private synchronized boolean losesAnswer() {
        return faults.contains(Fault.LOSES_ANSWERS) && ++writes % SOME == 0;
    }

    private <T> void answer(StreamObserver<T> observer, T response) {
        observer.onNext(response);
        observer.onCompleted();
    }

    private final class KeyValue extends KeyValueGrpc.KeyValueImplBase {
        @Override
        public void put(PutRequest request, StreamObserver<PutResponse> observer) {
            CommitRequest.Builder commit = CommitRequest.newBuilder().setWriteOptions(request.getWriteOptions());
            commit.addMutationsBuilder()
                    .setTable(request.getTable())
                    .getPutBuilder()
                    .setKey(request.getKey())
                    .setValue(request.getValue());
            if (request.hasCondition()) {
                commit.addConditionsBuilder()
                        .setTable(request.getTable())
                        .setKey(request.getKey())
                        .setCondition(request.getCondition());
            }
            CommitResponse response = FakeServer.this.commit(commit.build());
            if (losesAnswer()) {
                observer.onError(io.grpc.Status.UNAVAILABLE
                        .withDescription("the answer is lost")
                        .asRuntimeException());
            } else if (response.getOutcome() == CommitOutcome.COMMIT_OUTCOME_COMMITTED) {
                answer(
                        observer,
                        PutResponse.newBuilder()
                                .setHeader(response.getHeader())
                                .setIndex(response.getIndex())
                                .setRow(response.getResults(0).getRow())
                                .setReplayed(response.getReplayed())
                                .build());
            } else {
                observer.onError(ErrorStatus.of(ErrorReason.ERROR_REASON_CONDITION_FAILED, "the row is not so")
                        .withDetail(ConditionFailed.newBuilder()
                                .setHistoryId(HISTORY)
                                .setEvaluatedIndex(response.getEvaluatedIndex())
                                .build())
                        .toException());
            }
        }

        @Override
        public void commit(CommitRequest request, StreamObserver<CommitResponse> observer) {
            CommitResponse response = FakeServer.this.commit(request);
            if (losesAnswer()) {
                observer.onError(io.grpc.Status.UNAVAILABLE
                        .withDescription("the answer is lost")
                        .asRuntimeException());
            } else {
                answer(observer, response);
            }
        }

        @Override
        public void get(GetRequest request, StreamObserver<GetResponse> observer) {
            GetResponse.Builder response = GetResponse.newBuilder();
            synchronized (FakeServer.this) {
                boolean stale = past.size() > SOME;
                Row row = (stale ? past.get(past.size() - SOME) : rows).get(request.getKey());
                if (row != null) {
                    response.setRow(row);
                }
                response.setHeader(header().setReadIndex(index));
            }
            answer(observer, response.build());
        }

        @Override
        public void scan(ScanRequest request, StreamObserver<ScanResponse> observer) {
            ScanResponse.Builder response = ScanResponse.newBuilder();
            synchronized (FakeServer.this) {
                response.setHeader(header().setReadIndex(index));
                for (Row row : rows.tailMap(request.getPageToken(), false).values()) {
                    if (response.getRowsCount() == PAGE) {
                        response.setNextPageToken(response.getRows(PAGE - 1).getKey());
                        break;
                    }
                    response.addRows(row);
                }
            }
            answer(observer, response.build());
        }

        @Override
        public void watch(WatchRequest request, StreamObserver<WatchResponse> observer) {
            ((ServerCallStreamObserver<WatchResponse>) observer).setOnCancelHandler(() -> {
                synchronized (FakeServer.this) {
                    watchers.remove(observer);
                }
            });
            synchronized (FakeServer.this) {
                long through = request.hasFromIndex() ? request.getFromIndex() - 1 : index;
                observer.onNext(WatchResponse.newBuilder()
                        .setHeader(header())
                        .setThroughIndex(through)
                        .build());
                log.stream().filter(entry -> entry.getThroughIndex() > through).forEach(observer::onNext);
                watchers.add(observer);
            }
        }
    }

    private final class Cluster extends ClusterGrpc.ClusterImplBase {
        @Override
        public void createTable(CreateTableRequest request, StreamObserver<CreateTableResponse> observer) {
            CreateTableResponse.Builder response = CreateTableResponse.newBuilder();
            response.getTableBuilder().setTable(request.getTable()).setCreatedIndex(1);
            synchronized (FakeServer.this) {
                response.setHeader(header().setReadIndex(1));
            }
            answer(observer, response.build());
        }

        @Override
        public void getTopology(GetTopologyRequest request, StreamObserver<GetTopologyResponse> observer) {
            GetTopologyResponse.Builder response = GetTopologyResponse.newBuilder();
            synchronized (FakeServer.this) {
                response.setHeader(header());
            }
            answer(observer, response.build());
        }
    }

    private final class Maintenance extends MaintenanceGrpc.MaintenanceImplBase {
        @Override
        public void getDigests(GetDigestsRequest request, StreamObserver<GetDigestsResponse> observer) {
            GetDigestsResponse.Builder response = GetDigestsResponse.newBuilder();
            synchronized (FakeServer.this) {
                response.setHeader(header())
                        .setIndex(index)
                        .addDigests(ShardDigest.newBuilder()
                                .setRowCount(rows.size())
                                .setDigest(ByteString.copyFromUtf8(Integer.toString(rows.hashCode()))));
            }
            answer(observer, response.build());
        }
    }
}
