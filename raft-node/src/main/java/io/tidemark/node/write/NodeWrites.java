// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.Message;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.proto.v1.CreateTableResponse;
import io.tidemark.proto.v1.DeleteRequest;
import io.tidemark.proto.v1.DeleteResponse;
import io.tidemark.proto.v1.DropTableRequest;
import io.tidemark.proto.v1.DropTableResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PatchRequest;
import io.tidemark.proto.v1.PatchResponse;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.UpdateTableRequest;
import io.tidemark.proto.v1.UpdateTableResponse;
import io.tidemark.proto.v1.WriteOptions;
import io.tidemark.server.call.Calls;
import io.tidemark.server.forward.ForwardOutcome;
import io.tidemark.server.forward.ForwardedCall;
import io.tidemark.server.forward.Forwarder;
import io.tidemark.server.read.ReadAsks;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.server.write.Writes;
import io.tidemark.store.Refusal;
import io.tidemark.store.RefusedException;
import io.tidemark.store.state.Store;
import io.tidemark.store.validate.NameRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The writes that arrive at a node: carried out here if it leads, else passed on, whole and with an identity, to the node that does;
 * and again, until their outcome is known or their caller's time is up.
 */
public final class NodeWrites implements Writes {

    private final Surroundings node;
    private final AnswerHeaders headers;
    private final UnderWay underWay;
    private final RequestIds requestIds = new RequestIds();

    /**
     * Writes on one node.
     *
     * @param store the node's; throws the error for the caller while there is none
     * @param diskFreeBytes the room that is left where the store is
     * @param chance from 0 to 1, to spread retries
     * @param tableDropped called when a table begins to be dropped; must be quick
     */
    public NodeWrites(
            String serverId,
            Supplier<Store> store,
            Leadership leadership,
            WritePath path,
            Forwarder forwarder,
            ValueForms forms,
            AnswerHeaders headers,
            NodeWriteOptions options,
            LongSupplier diskFreeBytes,
            Ticker ticker,
            Timers timers,
            DoubleSupplier chance,
            Runnable tableDropped) {
        this.node = new Surroundings(
                serverId,
                store,
                leadership,
                path,
                forwarder,
                new Answers(forms, headers, options.answerBytesMax()),
                options,
                diskFreeBytes,
                ticker,
                timers,
                chance,
                tableDropped);
        this.headers = headers;
        this.underWay = new UnderWay(ticker, timers, options);
        leadership.onChange(this::leadershipChanged);
    }

    private void leadershipChanged() {
        if (!node.leadership().isReady()) {
            node.path().leadershipLost();
        }
        underWay.leadershipChanged();
    }

    /** How many calls have no outcome yet. */
    public int callsUnderWay() {
        return underWay.count();
    }

    @Override
    public CompletableFuture<PutResponse> put(PutRequest request) {
        return write(WriteKind.PUT, request);
    }

    @Override
    public CompletableFuture<DeleteResponse> delete(DeleteRequest request) {
        return write(WriteKind.DELETE, request);
    }

    @Override
    public CompletableFuture<PatchResponse> patch(PatchRequest request) {
        return write(WriteKind.PATCH, request);
    }

    @Override
    public CompletableFuture<CommitResponse> commit(CommitRequest request) {
        return write(WriteKind.COMMIT, request);
    }

    @Override
    public CompletableFuture<CreateTableResponse> createTable(CreateTableRequest request) {
        return write(WriteKind.CREATE_TABLE, request);
    }

    @Override
    public CompletableFuture<UpdateTableResponse> updateTable(UpdateTableRequest request) {
        return write(WriteKind.UPDATE_TABLE, request);
    }

    @Override
    public CompletableFuture<DropTableResponse> dropTable(DropTableRequest request) {
        return write(WriteKind.DROP_TABLE, request);
    }

    private <Q extends Message, A> CompletableFuture<A> write(WriteKind<Q, A> kind, Q request) {
        Part<Q, A> part = part(kind, request, node.store().get(), node.answers().room(1));
        CompletableFuture<A> result = new CompletableFuture<>();
        Route<Q, A> route = (address, parts, timeout) -> {
            ForwardedCall<A> call = node.forwarder().call(address, kind.method(), part.request(), timeout);
            return new Route.Passage<>(call.outcome().thenApply(List::of), call::cancel);
        };
        begin(kind, List.of(part), route, () -> complete(result, part));
        return result;
    }

    private static <Q extends Message, A> void complete(CompletableFuture<A> result, Part<Q, A> part) {
        StatusRuntimeException error = part.error();
        if (error != null) {
            result.completeExceptionally(error);
        } else {
            result.complete(part.answer());
        }
    }

    private <Q extends Message, A> void begin(
            WriteKind<Q, A> kind, List<Part<Q, A>> parts, Route<Q, A> route, Runnable ended) {
        WriteCall<Q, A> call = new WriteCall<>(node, underWay, kind, parts, route, deadlineNanos(), ended);
        if (!underWay.add(call)) {
            throw WriteErrors.overloaded(node.serverId(), node.options().overloadedRetry());
        }
        call.begin();
    }

    /** The request with all that makes it the same write however often it is sent. */
    private <Q extends Message, A> Part<Q, A> part(WriteKind<Q, A> kind, Q request, Store store, Room room) {
        WriteOptions asked = kind.options().apply(request);
        ReadAsks.requireHistory(asked.hasHistoryId() ? asked.getHistoryId() : null, store.history());
        if (asked.hasRequestId()) {
            requireRequestId(asked.getRequestId());
        }
        WriteOptions options = asked.toBuilder()
                .setRequestId(asked.hasRequestId() ? asked.getRequestId() : requestIds.next())
                .setFirstSentIndex(asked.hasFirstSentIndex() ? asked.getFirstSentIndex() : store.appliedIndex())
                .setHistoryId(store.history().text())
                .build();
        return new Part<>(asked, kind.withOptions().of(request, options), options, room);
    }

    private static void requireRequestId(String requestId) {
        try {
            NameRules.requireRequestId("write_options.request_id", requestId);
        } catch (RefusedException e) {
            throw e.refusal().status().toException();
        }
    }

    /** Shortly before the caller's own, so that what it is told still arrives. */
    private long deadlineNanos() {
        Duration until = Calls.untilDeadline();
        Duration left = until == null ? node.options().defaultDeadline() : until;
        return node.ticker().now().monotonicNanos()
                + ReadAsks.granted(left, left).toNanos();
    }

    // Batches.

    @Override
    public CompletableFuture<BatchWriteResponse> batchWrite(BatchWriteRequest request) {
        Store store = node.store().get();
        int count = request.getWritesCount();
        int countMax = node.options().batchWritesMax();
        if (count > countMax) {
            throw Refusal.tooLarge("writes of a batch", count, countMax)
                    .status()
                    .toException();
        }
        if (count == 0) {
            throw Refusal.ofField("writes", "expected: at least one").status().toException();
        }
        Batch batch = new Batch(count);
        for (CommitRequest write : request.getWritesList()) {
            batch.add(write, store);
        }
        CompletableFuture<BatchWriteResponse> result = new CompletableFuture<>();
        begin(WriteKind.COMMIT, batch.sound, batch::pass, () -> batch.complete(result));
        return result;
    }

    /** The writes of one batch: those that can be tried, and where each result goes. */
    private final class Batch {

        private final List<Part<CommitRequest, CommitResponse>> sound = new ArrayList<>();

        /** By the place in the request; null where a part tells. */
        private final List<@Nullable StatusRuntimeException> wrong = new ArrayList<>();

        private final Room room;

        private volatile @Nullable ResponseHeader passedOn;

        Batch(int writes) {
            this.room = node.answers().room(writes);
        }

        void add(CommitRequest write, Store store) {
            try {
                sound.add(part(WriteKind.COMMIT, write, store, room));
                wrong.add(null);
            } catch (StatusRuntimeException e) {
                wrong.add(e);
            }
        }

        Route.Passage<CommitResponse> pass(
                String address, List<Part<CommitRequest, CommitResponse>> parts, Duration timeout) {
            BatchWriteRequest.Builder request = BatchWriteRequest.newBuilder();
            parts.forEach(part -> request.addWrites(part.request()));
            ForwardedCall<BatchWriteResponse> call =
                    node.forwarder().call(address, KeyValueGrpc.getBatchWriteMethod(), request.build(), timeout);
            return new Route.Passage<>(call.outcome().thenApply(outcome -> each(outcome, parts.size())), call::cancel);
        }

        private List<ForwardOutcome<CommitResponse>> each(ForwardOutcome<BatchWriteResponse> outcome, int count) {
            List<ForwardOutcome<CommitResponse>> outcomes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                if (outcome instanceof ForwardOutcome.Answered<BatchWriteResponse> answered) {
                    passedOn = answered.answer().getHeader();
                    outcomes.add(of(answered.answer(), i));
                } else if (outcome instanceof ForwardOutcome.Refused<BatchWriteResponse> refused) {
                    outcomes.add(new ForwardOutcome.Refused<>(refused.error()));
                } else if (outcome instanceof ForwardOutcome.NotSent<BatchWriteResponse> notSent) {
                    outcomes.add(new ForwardOutcome.NotSent<>(notSent.status()));
                } else if (outcome instanceof ForwardOutcome.Lost<BatchWriteResponse> lost) {
                    outcomes.add(new ForwardOutcome.Lost<>(lost.status()));
                }
            }
            return outcomes;
        }

        private ForwardOutcome<CommitResponse> of(BatchWriteResponse answer, int i) {
            if (i < answer.getResultsCount()) {
                if (answer.getResults(i).hasCommit()) {
                    return new ForwardOutcome.Answered<>(
                            Answers.within(room, answer.getResults(i).getCommit()));
                }
                ErrorStatus error =
                        ErrorStatus.from(answer.getResults(i).getError()).orElse(null);
                if (error != null) {
                    return new ForwardOutcome.Refused<>(error);
                }
            }
            return new ForwardOutcome.Lost<>(Status.INTERNAL.withDescription("no result that is understood"));
        }

        void complete(CompletableFuture<BatchWriteResponse> result) {
            try {
                result.complete(answer());
            } catch (StatusRuntimeException e) {
                result.completeExceptionally(e);
            }
        }

        private BatchWriteResponse answer() {
            BatchWriteResponse.Builder answer = BatchWriteResponse.newBuilder();
            long highest = 0;
            int next = 0;
            for (StatusRuntimeException error : wrong) {
                Part<CommitRequest, CommitResponse> part = error == null ? sound.get(next++) : null;
                CommitResponse commit = part == null ? null : part.answer();
                StatusRuntimeException failure = part == null ? error : part.error();
                if (commit != null) {
                    highest = Math.max(highest, Math.max(commit.getIndex(), commit.getEvaluatedIndex()));
                    answer.addResultsBuilder().setCommit(commit.toBuilder().clearHeader());
                } else if (failure != null) {
                    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
                    answer.addResultsBuilder()
                            .setError(status != null ? status : com.google.rpc.Status.getDefaultInstance());
                }
            }
            ResponseHeader remote = passedOn;
            ResponseHeader.Builder header = remote != null
                    ? remote.toBuilder()
                    : headers.of(node.store().get(), highest, null).toBuilder();
            header.clearReadTime();
            if (highest > 0) {
                header.setReadIndex(highest);
            } else {
                header.clearReadIndex();
            }
            return answer.setHeader(header).build();
        }
    }
}
