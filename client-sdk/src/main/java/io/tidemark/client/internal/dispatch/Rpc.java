// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.tidemark.client.internal.channel.Endpoint;
import io.tidemark.client.internal.failure.AttemptFailure;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One message to a server and its answer. Begun by one thread, given up by any; told how it ended exactly once, unless it was given up
 * before it began.
 */
abstract class Rpc<Q, A> extends ClientCall.Listener<A> {

    private final MethodDescriptor<Q, A> method;
    private final Endpoint endpoint;
    private final Observed observed;

    private volatile boolean mayBeSent;
    private volatile @Nullable ClientCall<Q, A> call;
    private volatile boolean givenUp;
    private volatile boolean cancelled;
    private volatile boolean over;
    private @Nullable A answer;
    private volatile long sentNanos;

    Rpc(MethodDescriptor<Q, A> method, Endpoint endpoint, Observed observed) {
        this.method = method;
        this.endpoint = endpoint;
        this.observed = observed;
    }

    /** It was answered. On a thread that must not block. */
    abstract void answered(A message);

    /** It was not. On a thread that must not block, perhaps the one that began it. */
    abstract void failed(AttemptFailure failure);

    final Endpoint endpoint() {
        return endpoint;
    }

    /** When it was sent, on the ticker's clock. */
    public final long sentNanos() {
        return sentNanos;
    }

    /** Whether a server can have received it. */
    public final boolean mayBeSent() {
        // While it is being begun, that cannot be told.
        return mayBeSent || call == null;
    }

    /**
     * Sends it.
     *
     * @param deadlineNanos what the server is told, on the ticker's clock
     * @param traced whether {@link #mayBeSent} must be exact; else it is true from here on
     * @param calls how many calls travel in it
     */
    final void begin(Q request, long nowNanos, long deadlineNanos, boolean traced, int calls) {
        sentNanos = nowNanos;
        ManagedChannel channel = endpoint.channelOrNull();
        if (channel == null) {
            failed(new AttemptFailure(
                    Status.UNAVAILABLE.withDescription("the server has left the topology"), null, false));
            return;
        }
        CallOptions options =
                CallOptions.DEFAULT.withDeadlineAfter(Math.max(1, deadlineNanos - nowNanos), TimeUnit.NANOSECONDS);
        if (traced) {
            options = options.withStreamTracerFactory(new Tracing());
        } else {
            mayBeSent = true;
        }
        Metadata headers = new Metadata();
        observed.begins(method, endpoint.server().address(), calls, headers, nowNanos);
        ClientCall<Q, A> started = channel.newCall(method, options);
        started.start(this, headers);
        started.request(2);
        started.sendMessage(request);
        started.halfClose();
        call = started;
        if (givenUp) {
            cancel(started);
        }
    }

    /** Nobody waits for it any more. It is still told how it ends. */
    final void giveUp() {
        givenUp = true;
        ClientCall<Q, A> started = call;
        if (started != null) {
            cancel(started);
        }
    }

    private void cancel(ClientCall<Q, A> started) {
        started.cancel("given up", null);
        cancelled = true;
    }

    /** Whether it can still go out, or may have: only once it is given up can nobody receive it who has not. */
    final boolean mayStillBeSent() {
        return mayBeSent() || !(cancelled || over);
    }

    @Override
    public final void onMessage(A message) {
        answer = message;
    }

    @Override
    public final void onClose(Status status, Metadata trailers) {
        over = true;
        A message = answer;
        if (status.isOk() && message != null) {
            observed.ends(null);
            answered(message);
        } else {
            AttemptFailure failure = status.isOk()
                    ? AttemptFailure.senseless("the server ended the call without an answer")
                    : AttemptFailure.of(status, trailers, mayBeSent);
            observed.ends(failure);
            failed(failure);
        }
    }

    /** Notes when the call is given to a connection; before that nobody can have received it. */
    private final class Tracing extends ClientStreamTracer.Factory {
        @Override
        public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
            return new ClientStreamTracer() {
                @Override
                public void streamCreated(Attributes transport, Metadata sent) {
                    mayBeSent = true;
                }
            };
        }
    }
}
