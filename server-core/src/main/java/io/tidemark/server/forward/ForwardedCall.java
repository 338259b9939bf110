// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.tidemark.api.ErrorStatus;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A call on its way. Its outcome completes on a thread of gRPC: what hangs on it must not block. */
public final class ForwardedCall<A> {

    private final CompletableFuture<ForwardOutcome<A>> outcome = new CompletableFuture<>();
    private volatile boolean mayBeSent;
    private volatile @Nullable ClientCallStreamObserver<?> stream;

    ForwardedCall() {}

    /** A call that was refused before it began. */
    static <A> ForwardedCall<A> refused(ErrorStatus error) {
        ForwardedCall<A> call = new ForwardedCall<>();
        call.outcome.complete(new ForwardOutcome.Refused<>(error));
        return call;
    }

    /** Never fails. */
    public CompletableFuture<ForwardOutcome<A>> outcome() {
        return outcome;
    }

    /** Gives up waiting; the outcome then tells whether it may have been sent. */
    public void cancel() {
        ClientCallStreamObserver<?> started = stream;
        if (started != null) {
            started.cancel("given up by the server that forwarded it", null);
        }
    }

    /** Notes when the call is given to a connection; without that, nobody can have received it. */
    ClientStreamTracer.Factory tracing() {
        return new ClientStreamTracer.Factory() {
            @Override
            public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
                return new ClientStreamTracer() {
                    @Override
                    public void streamCreated(Attributes transport, Metadata sent) {
                        mayBeSent = true;
                    }
                };
            }
        };
    }

    <Q> ClientResponseObserver<Q, A> observer() {
        return new ClientResponseObserver<>() {
            private @Nullable A answer;

            @Override
            public void beforeStart(ClientCallStreamObserver<Q> requests) {
                stream = requests;
            }

            @Override
            public void onNext(A value) {
                answer = value;
            }

            @Override
            public void onError(Throwable failure) {
                outcome.complete(failed(failure));
            }

            @Override
            public void onCompleted() {
                A value = answer;
                outcome.complete(
                        value == null
                                ? new ForwardOutcome.Lost<>(Status.INTERNAL.withDescription("ended without an answer"))
                                : new ForwardOutcome.Answered<>(value));
            }
        };
    }

    ForwardOutcome<A> failed(Throwable failure) {
        Status status =
                failure instanceof StatusRuntimeException known ? known.getStatus() : Status.fromThrowable(failure);
        // Only what a connection brought can be the other server's word.
        Optional<ErrorStatus> error = mayBeSent ? ErrorStatus.from(failure) : Optional.empty();
        if (error.isPresent()) {
            return new ForwardOutcome.Refused<>(error.get());
        }
        return mayBeSent ? new ForwardOutcome.Lost<>(status) : new ForwardOutcome.NotSent<>(status);
    }
}
