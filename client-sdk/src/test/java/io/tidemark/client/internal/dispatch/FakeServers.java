// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.client.internal.channel.ChannelSource;
import io.tidemark.client.internal.time.ManualTime;
import io.tidemark.client.internal.time.Timers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Servers that a test plays, and the network to them, on which things happen one after the other when {@link #settle} is called. */
final class FakeServers implements ChannelSource {

    /** gRPC counts a deadline on the clock of the machine, on which a little has passed until it comes here. */
    private static final long DEADLINE_STEP_NANOS = 10_000_000;

    private final ManualTime time;
    private final Map<String, FakeServer> byAddress = new LinkedHashMap<>();
    private final Deque<Runnable> network = new ArrayDeque<>();
    final List<String> opened = new ArrayList<>();

    FakeServers(ManualTime time) {
        this.time = time;
    }

    FakeServer at(String address) {
        return byAddress.computeIfAbsent(address, FakeServer::new);
    }

    /** Lets everything happen that is under way. */
    void settle() {
        for (Runnable next = network.poll(); next != null; next = network.poll()) {
            next.run();
        }
    }

    /** Every message that any server has, of that method. */
    List<Exchange> received(MethodDescriptor<?, ?> method) {
        return byAddress.values().stream()
                .flatMap(server -> server.received(method).stream())
                .toList();
    }

    @Override
    public ManagedChannel open(String address) {
        opened.add(address);
        return new FakeChannel(at(address));
    }

    @Override
    public boolean ownsThread(Thread thread) {
        return false;
    }

    @Override
    public void close() {}

    /** A server: it can be up or down, and holds each message until the test, or its script, answers. */
    static final class FakeServer {

        final String address;
        private final List<Exchange> exchanges = new ArrayList<>();
        private final List<FakeChannel> channels = new ArrayList<>();
        private final Map<String, Consumer<Exchange>> scripts = new LinkedHashMap<>();
        private boolean up = true;
        private boolean hangs;

        FakeServer(String address) {
            this.address = address;
        }

        /** What it does with messages of a method. */
        FakeServer on(MethodDescriptor<?, ?> method, Consumer<Exchange> script) {
            scripts.put(method.getFullMethodName(), script);
            return this;
        }

        /** It holds messages of that method from now on. */
        FakeServer holds(MethodDescriptor<?, ?> method) {
            scripts.remove(method.getFullMethodName());
            return this;
        }

        FakeServer up(boolean now) {
            up = now;
            List.copyOf(channels).forEach(FakeChannel::serverChanged);
            return this;
        }

        /** Connections to it are neither made nor refused, until it hangs no more. */
        FakeServer hangs(boolean now) {
            hangs = now;
            List.copyOf(channels).forEach(FakeChannel::serverChanged);
            return this;
        }

        List<Exchange> received(MethodDescriptor<?, ?> method) {
            return exchanges.stream()
                    .filter(one -> one.method.getFullMethodName().equals(method.getFullMethodName()))
                    .toList();
        }

        List<Exchange> received(Predicate<Exchange> wanted) {
            return exchanges.stream().filter(wanted).toList();
        }

        boolean hasOpenChannel() {
            return channels.stream().anyMatch(channel -> !channel.isShutdown());
        }
    }

    /** A message that a server has. */
    final class Exchange extends ClientCall<Object, Object> {

        final MethodDescriptor<?, ?> method;
        private final FakeChannel channel;
        private final CallOptions options;
        private @Nullable Listener<Object> listener;
        private @Nullable Metadata headers;
        private @Nullable Object message;
        private boolean over;
        private boolean arrived;
        private Timers.@Nullable Pending expiry;
        boolean cancelled;

        Exchange(MethodDescriptor<?, ?> method, FakeChannel channel, CallOptions options) {
            this.method = method;
            this.channel = channel;
            this.options = options;
        }

        FakeServer server() {
            return channel.server;
        }

        <Q> Q request(Class<Q> type) {
            return type.cast(Objects.requireNonNull(message));
        }

        void answer(Object answer) {
            network.add(() -> {
                if (!over && listener != null) {
                    listener.onMessage(answer);
                }
            });
            if (method.getType() == MethodDescriptor.MethodType.UNARY) {
                end(Status.OK, new Metadata());
            }
        }

        void fail(StatusRuntimeException failure) {
            end(failure.getStatus(), failure.getTrailers() == null ? new Metadata() : failure.getTrailers());
        }

        /** The connection breaks. */
        void breakOff() {
            end(Status.UNAVAILABLE.withDescription("connection reset"), new Metadata());
        }

        private void end(Status status, Metadata trailers) {
            network.add(() -> {
                if (!over && listener != null) {
                    over = true;
                    if (expiry != null) {
                        expiry.cancel();
                    }
                    listener.onClose(status, trailers);
                }
            });
        }

        boolean isOver() {
            return over;
        }

        @Override
        public void start(Listener<Object> responses, Metadata sentHeaders) {
            listener = responses;
            headers = sentHeaders;
            Deadline deadline = options.getDeadline();
            if (deadline != null) {
                long left = deadline.timeRemaining(TimeUnit.NANOSECONDS);
                long rounded = -Math.floorDiv(-left, DEADLINE_STEP_NANOS) * DEADLINE_STEP_NANOS;
                expiry = time.at(
                        time.nanoTime() + rounded,
                        () -> end(Status.DEADLINE_EXCEEDED.withDescription("gRPC's own"), new Metadata()));
            }
        }

        @Override
        public void request(int messages) {}

        @Override
        public void sendMessage(Object request) {
            message = request;
        }

        @Override
        public void halfClose() {
            network.add(this::send);
        }

        private void send() {
            if (over || arrived) {
                return;
            }
            switch (channel.state) {
                case READY -> {
                    arrived = true;
                    Metadata sent = headers == null ? new Metadata() : headers;
                    for (ClientStreamTracer.Factory factory : options.getStreamTracerFactories()) {
                        factory.newClientStreamTracer(
                                        ClientStreamTracer.StreamInfo.newBuilder()
                                                .build(),
                                        sent)
                                .streamCreated(Attributes.EMPTY, sent);
                    }
                    server().exchanges.add(this);
                    Consumer<Exchange> script = server().scripts.get(method.getFullMethodName());
                    if (script != null) {
                        script.accept(this);
                    }
                }
                case TRANSIENT_FAILURE -> end(Status.UNAVAILABLE.withDescription("connection refused"), new Metadata());
                case SHUTDOWN -> end(Status.UNAVAILABLE.withDescription("channel is shut down"), new Metadata());
                case IDLE, CONNECTING -> channel.buffered.add(this);
            }
        }

        @Override
        public void cancel(@Nullable String why, @Nullable Throwable cause) {
            cancelled = true;
            end(Status.CANCELLED.withDescription(why), new Metadata());
        }
    }

    private final class FakeChannel extends ManagedChannel {

        private final FakeServer server;
        private final List<Exchange> buffered = new ArrayList<>();
        private final List<Runnable> watchers = new ArrayList<>();
        private ConnectivityState state = ConnectivityState.IDLE;

        FakeChannel(FakeServer server) {
            this.server = server;
            server.channels.add(this);
        }

        private void enter(ConnectivityState next) {
            if (state == next || state == ConnectivityState.SHUTDOWN) {
                return;
            }
            state = next;
            List<Runnable> told = List.copyOf(watchers);
            watchers.clear();
            network.addAll(told);
            List<Exchange> waiting = List.copyOf(buffered);
            buffered.clear();
            waiting.forEach(one -> network.add(one::send));
        }

        void serverChanged() {
            if ((!server.up || server.hangs) && state == ConnectivityState.READY) {
                enter(ConnectivityState.IDLE);
                server.exchanges.stream().filter(one -> !one.over).forEach(Exchange::breakOff);
            } else if (!server.hangs && state == ConnectivityState.CONNECTING) {
                connect();
            }
        }

        private void connect() {
            ConnectivityState found = server.up ? ConnectivityState.READY : ConnectivityState.TRANSIENT_FAILURE;
            enter(server.hangs ? ConnectivityState.CONNECTING : found);
        }

        @Override
        public ConnectivityState getState(boolean requestConnection) {
            if (requestConnection && state != ConnectivityState.READY) {
                network.add(this::connect);
            }
            return state;
        }

        @Override
        public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
            if (state == source) {
                watchers.add(callback);
            } else {
                network.add(callback);
            }
        }

        @Override
        public void resetConnectBackoff() {}

        @Override
        @SuppressWarnings("unchecked") // A fake of anything.
        public <Q, A> ClientCall<Q, A> newCall(MethodDescriptor<Q, A> method, CallOptions options) {
            return (ClientCall<Q, A>) new Exchange(method, this, options);
        }

        @Override
        public String authority() {
            return server.address;
        }

        @Override
        public ManagedChannel shutdown() {
            enter(ConnectivityState.SHUTDOWN);
            return this;
        }

        @Override
        public ManagedChannel shutdownNow() {
            enter(ConnectivityState.SHUTDOWN);
            server.exchanges.stream()
                    .filter(one -> one.channel == this && !one.over)
                    .forEach(one -> one.end(Status.UNAVAILABLE.withDescription("shut down"), new Metadata()));
            return this;
        }

        @Override
        public boolean isShutdown() {
            return state == ConnectivityState.SHUTDOWN;
        }

        @Override
        public boolean isTerminated() {
            return isShutdown();
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }
    }
}
