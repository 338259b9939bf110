// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.gateway;

import io.grpc.MethodDescriptor;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.internal.call.AnsweredHeader;
import io.tidemark.client.internal.call.Begun;
import io.tidemark.client.internal.call.Callbacks;
import io.tidemark.client.internal.call.Calls;
import io.tidemark.client.internal.call.Stages;
import io.tidemark.client.internal.dispatch.Answer;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.Dispatcher;
import io.tidemark.client.internal.dispatch.ReadAsk;
import io.tidemark.client.internal.dispatch.Target;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.GetTopologyRequest;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.WriteOptions;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A client's calls in the contract's own messages. What a request says is asked for as it is; whom to ask, what to repeat, and what
 * travels together is decided as for every other call of the client. Values come as bytes, whatever form a request asks for, from {@link
 * #get}, {@link #batchGet} and {@link #commit}.
 *
 * <p>For any thread. Futures are completed where the client completes its own unless said, and fail with {@code io.tidemark.client.TidemarkException}.
 */
public final class Gateway {

    /** How to come by the calls of a client: only the client's own class knows. */
    private static volatile @Nullable Function<TidemarkClient, Calls> door;

    private final Calls calls;
    private final Executor executor;

    private Gateway(Calls calls, Executor executor) {
        this.calls = calls;
        this.executor = executor;
    }

    /** For the class of the client, when it is loaded. */
    public static void opensBy(Function<TidemarkClient, Calls> callsOf) {
        door = callsOf;
    }

    /** The calls of that client. */
    public static Gateway of(TidemarkClient client) {
        Calls calls = Objects.requireNonNull(door, "door").apply(client);
        return new Gateway(calls, calls.executor());
    }

    /** The same, whose futures are completed there. What it does not take runs on threads of the SDK. */
    public Gateway completingOn(Executor executor) {
        return new Gateway(calls, Callbacks.orPool(executor));
    }

    /** The newest topology that is known; empty before the first server has answered. */
    public Optional<Topology> topology() {
        return calls.dispatcher().topology();
    }

    /** Tells of the topology that is known, and of every newer one, on a thread that must not be kept waiting. */
    public Dispatcher.Subscription onTopology(Consumer<Topology> listener) {
        return calls.dispatcher().onTopology(listener);
    }

    /** One row. */
    public CompletableFuture<Answered<GetResponse>> get(GetRequest request, Duration deadline) {
        return read(
                "get",
                request.getReadOptions(),
                deadline,
                (ask, context) -> calls.dispatcher()
                        .get(request.getTable(), request.getKey(), ask, request.getRowView(), context),
                GetResponse::getHeader);
    }

    /** Many rows as of one index, however many servers have them. */
    public CompletableFuture<Answered<BatchGetResponse>> batchGet(BatchGetRequest request, Duration deadline) {
        return read(
                "get_all",
                request.getReadOptions(),
                deadline,
                (ask, context) ->
                        calls.dispatcher().batchGet(request.getKeysList(), ask, request.getRowView(), context),
                BatchGetResponse::getHeader);
    }

    /**
     * Any other read that may be sent again without harm.
     *
     * @param name what metrics and exceptions call it
     * @param ofRows whether it needs servers that have all rows
     */
    public <Q, A> CompletableFuture<Answered<A>> call(
            String name,
            MethodDescriptor<Q, A> method,
            Q request,
            boolean ofRows,
            Function<A, ResponseHeader> header,
            Duration deadline) {
        Begun begun = calls.begin(name, deadline);
        Target target = ofRows ? new Target.OwnersOfAll() : new Target.Anyone();
        return finish(begun, calls.dispatcher().call(method, request, target, begun.context()), header);
    }

    /** A commit. That its conditions do not hold is an answer. */
    public CompletableFuture<Answered<CommitResponse>> commit(CommitRequest request, Duration deadline) {
        Begun begun = calls.begin("commit", deadline);
        return finish(begun, calls.dispatcher().commit(request, begun.context()), CommitResponse::getHeader);
    }

    /**
     * A write that is no commit.
     *
     * @param named the request with these options
     */
    public <Q, A> CompletableFuture<Answered<A>> write(
            String name,
            MethodDescriptor<Q, A> method,
            WriteOptions options,
            Function<WriteOptions, Q> named,
            Function<A, ResponseHeader> header,
            Duration deadline) {
        Begun begun = calls.begin(name, deadline);
        return finish(begun, calls.dispatcher().write(method, options, named, begun.context()), header);
    }

    private <A> CompletableFuture<Answered<A>> read(
            String name,
            ReadOptions options,
            Duration deadline,
            BiFunction<ReadAsk, CallContext, CompletableFuture<Answer<A>>> send,
            Function<A, ResponseHeader> header) {
        Begun begun = calls.begin(
                name,
                ProtoAsks.label(options),
                io.tidemark.client.ReadOptions.defaults().withDeadline(deadline));
        ReadAsk ask = ProtoAsks.ask(options);
        CompletableFuture<Answer<A>> answer = ProtoAsks.lacksHistory(ask, options)
                ? Stages.then(
                        presentHistory(begun.context()),
                        history -> send.apply(ProtoAsks.inHistory(ask, options, history), begun.context()))
                : begun.handOver(() -> send.apply(ask, begun.context()));
        return finish(begun, answer, header);
    }

    private CompletableFuture<String> presentHistory(CallContext context) {
        Dispatcher dispatcher = calls.dispatcher();
        return dispatcher
                .topology()
                .map(topology ->
                        CompletableFuture.completedFuture(topology.getVersion().getHistoryId()))
                .orElseGet(() -> Stages.map(
                        dispatcher.call(
                                ClusterGrpc.getGetTopologyMethod(),
                                GetTopologyRequest.getDefaultInstance(),
                                new Target.Anyone(),
                                context),
                        answer -> answer.message().getHeader().getHistoryId()));
    }

    private <A> CompletableFuture<Answered<A>> finish(
            Begun begun, CompletableFuture<Answer<A>> sent, Function<A, ResponseHeader> header) {
        CompletableFuture<Answered<A>> result = new CompletableFuture<>();
        var unused = sent.whenCompleteAsync(
                (answer, failure) -> {
                    if (failure != null) {
                        Throwable cause = Stages.cause(failure);
                        begun.failed(cause);
                        result.completeExceptionally(cause);
                        return;
                    }
                    ResponseHeader proto = header.apply(answer.message());
                    AnsweredHeader answered =
                            AnsweredHeader.of(answer, proto, proto.getReadIndex(), begun.moment(), calls.clock());
                    begun.ended("ok", answered);
                    result.complete(new Answered<>(answer.message(), answered));
                },
                executor);
        var ignored = result.whenComplete((done, failure) -> {
            if (result.isCancelled()) {
                sent.cancel(false);
            }
        });
        return result;
    }
}
