// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import com.google.protobuf.MessageLite;
import io.grpc.ConnectivityState;
import io.grpc.InsecureChannelCredentials;
import io.grpc.MethodDescriptor;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.channel.ChannelSource;
import io.tidemark.client.internal.channel.Endpoint;
import io.tidemark.client.internal.channel.Endpoints;
import io.tidemark.client.internal.channel.NettyChannels;
import io.tidemark.client.internal.channel.Seeds;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.routing.Choice;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.client.internal.routing.TableMaker;
import io.tidemark.client.internal.time.SystemTimers;
import io.tidemark.client.internal.time.Ticker;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.Limits;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.WriteOptions;
import java.net.InetAddress;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** The dispatcher over gRPC: puts the parts together, and each call on its way. */
public final class GrpcDispatcher implements Dispatcher {

    private static final int GUESSED_SHARE_MAX = 4;

    private final Parts parts;
    private final ChannelSource channels;
    private final TopologyKeeper keeper;
    private final TopologyListeners listeners = new TopologyListeners();
    private final LimitsKeeper limits;

    /** Begins to connect; returns at once. */
    public static Dispatcher open(DispatchOptions options, DispatchObserver observer) {
        NettyChannels channels =
                new NettyChannels(InsecureChannelCredentials.create(), options.keepAlive(), options.ioThreads());
        Seeds seeds = Seeds.parse(options.servers(), InetAddress::getAllByName);
        GrpcDispatcher made = new GrpcDispatcher(
                options,
                observer,
                Ticker.system(),
                new SystemTimers("tidemark-client-timer"),
                ThreadLocalRandom::current,
                channels,
                seeds,
                channels.lookups());
        made.begin();
        return made;
    }

    GrpcDispatcher(
            DispatchOptions options,
            DispatchObserver observer,
            Ticker ticker,
            Timers timers,
            Supplier<? extends RandomGenerator> chance,
            ChannelSource channels,
            Seeds seeds,
            Executor lookups) {
        this.channels = channels;
        Endpoints endpoints =
                new Endpoints(new Endpoint.Surroundings(channels, ticker, timers, chance, this::endpointChanged));
        this.parts = new Parts(
                options,
                ticker,
                timers,
                chance,
                observer,
                endpoints,
                new Routes(new Choice(chance)),
                thread -> channels.ownsThread(thread) || timers.ownsThread(thread),
                new FromCalls());
        this.keeper = new TopologyKeeper(
                parts,
                seeds,
                new TableMaker(options.zone(), address -> endpoints.of(address).server()),
                lookups,
                this::accepted);
        this.limits = new LimitsKeeper(parts);
    }

    /** Looks for the cluster. */
    void begin() {
        keeper.begin();
    }

    /** What calls find out that concerns more than themselves. */
    private final class FromCalls implements Parts.Listener {

        @Override
        public void topologyAt(TopologyVersion version, Server server) {
            keeper.heardOf(version, server);
        }

        @Override
        public void ejected(Server server) {
            parts.observer.endpointChanged(server.address(), DispatchObserver.EndpointState.EJECTED);
            new Trials(parts).tryLater(server);
        }
    }

    private void accepted(Topology topology) {
        parts.gatherings.retain(parts.endpoints::has);
        limits.topologyOf(topology.getVersion().getHistoryId());
        listeners.tell(topology);
    }

    private void endpointChanged(String address, ConnectivityState state) {
        parts.observer.endpointChanged(
                address,
                switch (state) {
                    case READY ->
                        isEjected(address)
                                ? DispatchObserver.EndpointState.EJECTED
                                : DispatchObserver.EndpointState.READY;
                    case IDLE -> DispatchObserver.EndpointState.IDLE;
                    case CONNECTING -> DispatchObserver.EndpointState.CONNECTING;
                    case TRANSIENT_FAILURE -> DispatchObserver.EndpointState.UNREACHABLE;
                    case SHUTDOWN -> DispatchObserver.EndpointState.CLOSED;
                });
        if (state == ConnectivityState.READY) {
            // Not on gRPC's thread, which may hold locks of whoever called it.
            Timers.Pending unused = parts.timers.at(parts.ticker.nanoTime(), () -> {
                keeper.connected();
                parts.endpoints
                        .known(address)
                        .filter(server -> server.ejection().isEjected())
                        .forEach(new Trials(parts)::trySoon);
            });
        }
    }

    /** Only a trial ends that, not a connection. */
    private boolean isEjected(String address) {
        return parts.endpoints
                .known(address)
                .anyMatch(server -> server.ejection().isEjected());
    }

    @Override
    public long nanoTime() {
        return parts.ticker.nanoTime();
    }

    @Override
    public Timers timers() {
        return parts.timers;
    }

    @Override
    public CompletableFuture<Answer<GetResponse>> get(
            String table, String key, ReadAsk ask, RowView view, CallContext call) {
        long bytes = (long) table.length() + key.length() + brings(1, view);
        return begun(new GetCall(parts, call, table, key, ask, view), bytes);
    }

    @Override
    public CompletableFuture<Answer<BatchGetResponse>> batchGet(
            List<RowKey> keys, ReadAsk ask, RowView view, CallContext call) {
        long bytes = BatchGetCall.bytes(keys) + brings(keys.size(), view);
        TidemarkException refused =
                keys.isEmpty() ? Exceptions.nothingAsked(call.method()) : parts.underWay.enter(call, bytes);
        if (refused != null) {
            return CompletableFuture.failedFuture(refused);
        }
        BatchGetCall made = new BatchGetCall(parts, call, keys, ask, view);
        CompletableFuture<?> unused = made.whenComplete((answer, failure) -> parts.underWay.leave(bytes));
        made.begin();
        return made;
    }

    @Override
    public CompletableFuture<Answer<CommitResponse>> commit(CommitRequest request, CallContext call) {
        long limit = parts.gatherings.limits().getMaxRequestBytes();
        int bytes = request.getSerializedSize();
        return bytes > limit && parts.gatherings.areKnown()
                ? CompletableFuture.failedFuture(Exceptions.tooLarge(call.method(), "the write", bytes, limit))
                : begun(new CommitCall(parts, call, request), bytes);
    }

    @Override
    public <Q, A> CompletableFuture<Answer<A>> write(
            MethodDescriptor<Q, A> method, WriteOptions options, Function<WriteOptions, Q> request, CallContext call) {
        LoneWrite<Q, A> made = new LoneWrite<>(parts, call, method, options, request);
        return begun(made, bytes(made.request()));
    }

    @Override
    public <Q, A> CompletableFuture<Answer<A>> call(
            MethodDescriptor<Q, A> method, Q request, Target target, CallContext call) {
        return begun(new PlainCall<>(parts, call, method, request, target), bytes(request));
    }

    /** Guessed, so it is never so much that a call has to wait until nearly nothing else is under way. */
    private long brings(int rows, RowView view) {
        return Math.min(
                rows * parts.rowBytes.expected(view), parts.options.limit().bytes() / GUESSED_SHARE_MAX);
    }

    private static long bytes(Object request) {
        return request instanceof MessageLite message ? message.getSerializedSize() : 0;
    }

    private <A> CompletableFuture<Answer<A>> begun(Call<A> call, long bytes) {
        TidemarkException refused = parts.underWay.enter(call.context, bytes);
        if (refused != null) {
            call.completeExceptionally(refused);
        } else {
            call.begin(bytes);
        }
        return call;
    }

    @Override
    public <Q, A> StreamHandle stream(
            MethodDescriptor<Q, A> method,
            Function<Peer, Q> request,
            Target target,
            Collection<String> aside,
            CallContext call,
            StreamReceiver<A> receiver) {
        List<Server> tried = aside.stream().flatMap(parts.endpoints::known).toList();
        Server server = parts.routes.choose(target, 0, tried, parts.ticker.nanoTime());
        if (server == null) {
            receiver.failed(
                    parts.isClosed()
                            ? Exceptions.closed(call.method(), List.of())
                            : Exceptions.nobodyToAsk(call.method(), List.of()));
            return new StreamHandle() {
                @Override
                public void request(int messages) {}

                @Override
                public void cancel() {}

                @Override
                public void giveUp() {}
            };
        }
        Peer peer =
                new Peer(server.address(), parts.routes.table().ownersOfAll().contains(server));
        StreamAttempt<Q, A> attempt = new StreamAttempt<>(parts, call, method, server, peer, receiver);
        attempt.begin(request.apply(peer));
        return attempt;
    }

    @Override
    public Optional<Topology> topology() {
        return Optional.ofNullable(keeper.topology());
    }

    @Override
    public Subscription onTopology(Consumer<Topology> listener) {
        return listeners.add(listener, keeper.topology());
    }

    @Override
    public CompletableFuture<Limits> limits(CallContext call) {
        return limits.get(call);
    }

    @Override
    public void close() {
        if (parts.isClosed()) {
            return;
        }
        parts.close();
        parts.endpoints.close();
        parts.timers.close();
        channels.close();
    }
}
