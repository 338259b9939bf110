// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.Dispatcher;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.client.internal.wire.Headers;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchGetResult;
import io.tidemark.proto.v1.CommitOutcome;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.FailedCondition;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetTopologyResponse;
import io.tidemark.proto.v1.KeyRange;
import io.tidemark.proto.v1.Limits;
import io.tidemark.proto.v1.Mutation;
import io.tidemark.proto.v1.MutationResult;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.RangeRemainder;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowCondition;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.Unmet;
import io.tidemark.proto.v1.Value;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One server without a network: rows in memory, a clock that is moved by hand, and failures on demand. For one thread at a time. */
final class FakeDispatcher implements Dispatcher {

    static final String HISTORY = "0123456789abcdef";

    String historyId = HISTORY;
    long index;
    long nanos = 1_000_000_000L;
    long wallMillis = 5_000;

    @Nullable Duration staleness = Duration.ofMillis(10);

    @Nullable Unmet unmet;

    Duration tripTime = Duration.ZERO;
    boolean closed;

    final List<ReadAsk> asks = new ArrayList<>();
    final List<RowView> views = new ArrayList<>();
    final List<CommitRequest> commits = new ArrayList<>();
    /** What the writes came with that are no commits. */
    final List<io.tidemark.proto.v1.WriteOptions> writes = new ArrayList<>();

    final List<Object> requests = new ArrayList<>();
    final List<CallContext> contexts = new ArrayList<>();
    final Deque<Throwable> failures = new ArrayDeque<>();
    final Deque<Runnable> beforeCommit = new ArrayDeque<>();
    Function<CommitResponse, CommitResponse> answering = response -> response;

    @Nullable CompletableFuture<Void> gate;

    /** What was given out last while the gate was shut. */
    CompletableFuture<?> underWay = new CompletableFuture<>();

    Runnable handedOver = () -> {};

    private final Map<RowKey, Row> rows = new HashMap<>();

    /** How many rows a commit may delete from a range. */
    int rangeLimit = Integer.MAX_VALUE;

    /** Somebody else writes. */
    long write(String table, String key, String value) {
        RowKey name = name(table, key);
        Row before = rows.get(name);
        index++;
        rows.put(name, row(name, before, value(value)));
        return index;
    }

    @Nullable String text(String table, String key) {
        Row row = rows.get(name(table, key));
        return row == null ? null : row.getValue().getBytes().toStringUtf8();
    }

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public Timers timers() {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Answer<GetResponse>> get(
            String table, String key, ReadAsk ask, RowView view, CallContext call) {
        return read(ask, view, call, () -> {
            GetResponse.Builder response = GetResponse.newBuilder().setHeader(header());
            Row row = rows.get(name(table, key));
            if (row != null) {
                response.setRow(viewed(row, view));
            }
            return response.build();
        });
    }

    @Override
    public CompletableFuture<Answer<BatchGetResponse>> batchGet(
            List<RowKey> keys, ReadAsk ask, RowView view, CallContext call) {
        return read(ask, view, call, () -> {
            BatchGetResponse.Builder response = BatchGetResponse.newBuilder().setHeader(header());
            for (RowKey key : keys) {
                Row row = rows.get(key);
                response.addResults(
                        row == null
                                ? BatchGetResult.getDefaultInstance()
                                : BatchGetResult.newBuilder()
                                        .setRow(viewed(row, view))
                                        .build());
            }
            return response.build();
        });
    }

    private <A> CompletableFuture<Answer<A>> read(ReadAsk ask, RowView view, CallContext call, Supplier<A> answer) {
        handedOver.run();
        asks.add(ask);
        views.add(view);
        contexts.add(call);
        if (!ask.historyId().isEmpty() && !ask.historyId().equals(historyId)) {
            return CompletableFuture.failedFuture(historyChanged(ask.historyId()));
        }
        return answer(answer);
    }

    @Override
    public CompletableFuture<Answer<CommitResponse>> commit(CommitRequest request, CallContext call) {
        commits.add(request);
        contexts.add(call);
        Runnable before = beforeCommit.poll();
        if (before != null) {
            before.run();
        }
        String asked = request.getWriteOptions().getHistoryId();
        if (!asked.isEmpty() && !asked.equals(historyId)) {
            return CompletableFuture.failedFuture(historyChanged(asked));
        }
        return answer(() -> answering.apply(committed(request)));
    }

    private CommitResponse committed(CommitRequest request) {
        CommitResponse.Builder response = CommitResponse.newBuilder();
        for (int i = 0; i < request.getConditionsCount(); i++) {
            Row row = rows.get(name(
                    request.getConditions(i).getTable(),
                    request.getConditions(i).getKey()));
            if (!holds(request.getConditions(i).getCondition(), row)) {
                FailedCondition.Builder failed = FailedCondition.newBuilder().setCondition(i);
                if (row != null) {
                    failed.setCurrentRow(row);
                }
                response.addFailedConditions(failed);
            }
        }
        if (response.getFailedConditionsCount() > 0) {
            return response.setHeader(header())
                    .setOutcome(CommitOutcome.COMMIT_OUTCOME_CONDITION_FAILED)
                    .setEvaluatedIndex(index)
                    .build();
        }
        index++;
        for (Mutation mutation : request.getMutationsList()) {
            response.addResults(applied(mutation, request.getRowView()));
        }
        return response.setHeader(header())
                .setOutcome(CommitOutcome.COMMIT_OUTCOME_COMMITTED)
                .setIndex(index)
                .build();
    }

    private MutationResult deletedRange(Mutation mutation) {
        KeyRange range = mutation.getDeleteRange().getRange();
        List<RowKey> within = rows.keySet().stream()
                .filter(name -> name.getTable().equals(mutation.getTable())
                        && name.getKey().startsWith(range.getPrefix())
                        && name.getKey().compareTo(range.getStart()) >= 0
                        && (!range.hasEnd() || name.getKey().compareTo(range.getEnd()) < 0))
                .sorted(Comparator.comparing(RowKey::getKey))
                .toList();
        List<RowKey> deleted = within.subList(0, Math.min(rangeLimit, within.size()));
        deleted.forEach(rows::remove);
        return MutationResult.newBuilder()
                .setDeletedRows(deleted.size())
                .setRemainder(
                        deleted.size() == within.size()
                                ? RangeRemainder.RANGE_REMAINDER_EMPTY
                                : RangeRemainder.RANGE_REMAINDER_MORE)
                .build();
    }

    private MutationResult applied(Mutation mutation, RowView view) {
        if (mutation.hasDeleteRange()) {
            return deletedRange(mutation);
        }
        RowKey name = name(mutation.getTable(), Mutations.keyOf(mutation));
        Row before = rows.get(name);
        if (mutation.hasDelete()) {
            rows.remove(name);
            return MutationResult.newBuilder()
                    .setDeletedRows(before == null ? 0 : 1)
                    .build();
        }
        Value value = switch (mutation.getChangeCase()) {
            case PUT -> mutation.getPut().getValue();
            case PATCH -> mutation.getPatch().getPatch();
            case INCREMENT ->
                value(Long.toString(mutation.getIncrement().getDelta()
                        + (before == null
                                ? mutation.getIncrement().getInitial()
                                : Long.parseLong(before.getValue().getBytes().toStringUtf8()))));
            default -> throw new AssertionError(mutation);
        };
        Row row = expiring(row(name, before, value), mutation);
        rows.put(name, row);
        return MutationResult.newBuilder()
                .setRow(viewed(row, view == RowView.ROW_VIEW_FULL ? view : RowView.ROW_VIEW_METADATA))
                .build();
    }

    private static Row expiring(Row row, Mutation mutation) {
        return mutation.getPut().getExpiry().hasExpireTime()
                ? row.toBuilder()
                        .setExpireTime(mutation.getPut().getExpiry().getExpireTime())
                        .build()
                : row;
    }

    private static boolean holds(RowCondition condition, @Nullable Row row) {
        return switch (condition.getCheckCase()) {
            case EXISTENCE -> (condition.getExistenceValue() == 1) == (row == null);
            case MODIFIED_INDEX -> row != null && row.getModifiedIndex() == condition.getModifiedIndex();
            case VERSION -> row != null && row.getVersion() == condition.getVersion();
            case VALUE ->
                row != null
                        && row.getValue().getBytes().equals(condition.getValue().getBytes());
            case CHECK_NOT_SET -> throw new AssertionError(condition);
        };
    }

    @Override
    public <Q, A> CompletableFuture<Answer<A>> write(
            MethodDescriptor<Q, A> method,
            io.tidemark.proto.v1.WriteOptions options,
            Function<io.tidemark.proto.v1.WriteOptions, Q> request,
            CallContext call) {
        writes.add(options);
        return asked(request.apply(options), call);
    }

    @Override
    public <Q, A> CompletableFuture<Answer<A>> call(
            MethodDescriptor<Q, A> method, Q request, Target target, CallContext call) {
        return asked(request, call);
    }

    @SuppressWarnings("unchecked")
    private <Q, A> CompletableFuture<Answer<A>> asked(Q request, CallContext call) {
        requests.add(request);
        contexts.add(call);
        if (request instanceof PutRequest put) {
            return answer(() -> (A) put(put));
        }
        if (request instanceof DeleteRequest delete) {
            return answer(() -> (A) delete(delete));
        }
        return answer(() -> (A) GetTopologyResponse.newBuilder()
                .setHeader(header())
                .setTopology(Topology.newBuilder().setClusterId("c"))
                .build());
    }

    private PutResponse put(PutRequest put) {
        RowKey name = name(put.getTable(), put.getKey());
        Row before = rows.get(name);
        index++;
        Row row = row(name, before, put.getValue());
        rows.put(name, row);
        PutResponse.Builder response = PutResponse.newBuilder()
                .setHeader(header())
                .setIndex(index)
                .setRow(viewed(row, RowView.ROW_VIEW_METADATA));
        return (before == null ? response : response.setPreviousRow(before)).build();
    }

    private DeleteResponse delete(DeleteRequest delete) {
        Row before = rows.remove(name(delete.getTable(), delete.getKey()));
        index++;
        DeleteResponse.Builder response =
                DeleteResponse.newBuilder().setHeader(header()).setIndex(index).setDeletedRows(before == null ? 0 : 1);
        return (before == null ? response : response.setPreviousRow(before)).build();
    }

    private <A> CompletableFuture<Answer<A>> answer(Supplier<A> message) {
        long sent = nanos;
        Throwable failure = failures.poll();
        if (failure != null) {
            return CompletableFuture.failedFuture(failure);
        }
        Answer<A> answer = new Answer<>(message.get(), sent, "fake:1", 1);
        nanos += tripTime.toNanos();
        wallMillis += tripTime.toMillis();
        if (gate == null) {
            return CompletableFuture.completedFuture(answer);
        }
        CompletableFuture<Answer<A>> waiting = gate.thenApply(open -> answer);
        underWay = waiting;
        return waiting;
    }

    ResponseHeader header() {
        ResponseHeader.Builder header = ResponseHeader.newBuilder()
                .setHistoryId(historyId)
                .setServedBy("r1")
                .setServedByRole(ServerRole.SERVER_ROLE_REPLICA)
                .setAppliedIndex(index)
                .setReadIndex(index);
        if (staleness != null) {
            header.setStaleness(Headers.duration(staleness));
        }
        if (unmet != null) {
            header.setUnmet(unmet);
        }
        return header.build();
    }

    private Row row(RowKey name, @Nullable Row before, Value value) {
        return Row.newBuilder()
                .setTable(name.getTable())
                .setKey(name.getKey())
                .setValue(value)
                .setVersion(before == null ? 1 : before.getVersion() + 1)
                .setCreatedIndex(before == null ? index : before.getCreatedIndex())
                .setModifiedIndex(index)
                .build();
    }

    private static Row viewed(Row row, RowView view) {
        return view == RowView.ROW_VIEW_METADATA ? row.toBuilder().clearValue().build() : row;
    }

    private static Value value(String text) {
        return Value.newBuilder()
                .setBytes(ByteString.copyFromUtf8(text))
                .setContentType("text/plain")
                .build();
    }

    private static RowKey name(String table, String key) {
        return RowKey.newBuilder().setTable(table).setKey(key).build();
    }

    HistoryChangedException historyChanged(String asked) {
        return new HistoryChangedException(new Failure("another history", "HISTORY_CHANGED"), null, asked, historyId);
    }

    @Override
    public <Q, A> StreamHandle stream(
            MethodDescriptor<Q, A> method,
            Function<Peer, Q> request,
            Target target,
            Collection<String> aside,
            CallContext call,
            StreamReceiver<A> receiver) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Topology> topology() {
        return Optional.empty();
    }

    @Override
    public Subscription onTopology(Consumer<Topology> listener) {
        return () -> {};
    }

    @Override
    public CompletableFuture<Limits> limits(CallContext call) {
        return CompletableFuture.completedFuture(Limits.getDefaultInstance());
    }

    @Override
    public void close() {
        closed = true;
    }
}
