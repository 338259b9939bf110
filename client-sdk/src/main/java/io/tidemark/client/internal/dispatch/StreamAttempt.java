// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.tidemark.client.Attempt;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.routing.Server;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A call that is answered by a stream. gRPC tells its listener one thing after the other; any thread may ask for more, or end it. */
final class StreamAttempt<Q, A> extends ClientCall.Listener<A> implements Dispatcher.StreamHandle {

    /** A deadline further off than this is none: servers take no longer ones. */
    private static final long DEADLINE_NANOS_MAX = TimeUnit.DAYS.toNanos(365);

    private final Parts parts;
    private final CallContext context;
    private final MethodDescriptor<Q, A> method;
    private final Server server;
    private final Dispatcher.Peer peer;
    private final Dispatcher.StreamReceiver<A> receiver;
    private final Observed observed;

    private final long sentNanos;
    private volatile long heardNanos;
    private volatile boolean over;
    private @Nullable ClientCall<Q, A> call;
    private int wanted;

    StreamAttempt(
            Parts parts,
            CallContext context,
            MethodDescriptor<Q, A> method,
            Server server,
            Dispatcher.Peer peer,
            Dispatcher.StreamReceiver<A> receiver) {
        this.parts = parts;
        this.context = context;
        this.method = method;
        this.server = server;
        this.peer = peer;
        this.receiver = receiver;
        Object told = parts.observer == DispatchObserver.NONE ? null : parts.observer.callBegins(context);
        this.observed = Observed.by(parts.observer, parts.ticker, told);
        this.sentNanos = parts.ticker.nanoTime();
        this.heardNanos = sentNanos;
    }

    void begin(Q request) {
        ManagedChannel channel = parts.endpoint(server).channelOrNull();
        if (channel == null || parts.isClosed()) {
            over = true;
            receiver.failed(
                    parts.isClosed()
                            ? Exceptions.closed(context.method(), List.of())
                            : Exceptions.nobodyToAsk(context.method(), List.of()));
            return;
        }
        long left = context.deadlineNanos() - sentNanos;
        CallOptions options = left > DEADLINE_NANOS_MAX
                ? CallOptions.DEFAULT
                : CallOptions.DEFAULT.withDeadlineAfter(Math.max(1, left), TimeUnit.NANOSECONDS);
        Metadata headers = new Metadata();
        observed.begins(method, server.address(), 1, headers, sentNanos);
        ClientCall<Q, A> started = channel.newCall(method, options);
        started.start(this, headers);
        started.sendMessage(request);
        started.halfClose();
        int more;
        synchronized (this) {
            call = started;
            more = wanted;
            wanted = 0;
        }
        if (over) {
            started.cancel("ended by the caller", null);
        } else if (more > 0) {
            started.request(more);
        }
    }

    @Override
    public void request(int messages) {
        ClientCall<Q, A> started;
        synchronized (this) {
            started = call;
            if (started == null) {
                wanted += messages;
            }
        }
        if (started != null) {
            started.request(messages);
        }
    }

    @Override
    public void cancel() {
        over = true;
        ClientCall<Q, A> started;
        synchronized (this) {
            started = call;
        }
        if (started != null) {
            started.cancel("ended by the caller", null);
        }
    }

    @Override
    public void giveUp() {
        if (!over) {
            // Later than its last word, so that only what it said to others counts for it.
            parts.learnSilence(server, heardNanos + 1);
        }
        cancel();
    }

    @Override
    public void onMessage(A message) {
        if (over) {
            return;
        }
        heardNanos = parts.ticker.nanoTime();
        server.answered(heardNanos);
        parts.learn(Headers.of(message), server);
        receiver.received(message, peer, sentNanos);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        AttemptFailure failure = status.isOk() ? null : AttemptFailure.of(status, trailers, true);
        observed.ends(over ? null : failure);
        if (over) {
            return;
        }
        over = true;
        if (failure == null) {
            receiver.ended();
        } else if (parts.isClosed()) {
            receiver.failed(Exceptions.closed(context.method(), List.of()));
        } else {
            parts.learn(failure, server);
            Attempt made = new Attempt(
                    server.address(),
                    Duration.ZERO,
                    Duration.ofNanos(parts.ticker.nanoTime() - sentNanos),
                    failure.outcome());
            receiver.failed(Exceptions.ofStream(context.method(), failure, List.of(made)));
        }
    }
}
