// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.maintenance;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tidemark.proto.v1.Progress;
import io.tidemark.server.call.Failures;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells a caller how far an operation has come and how it ended. What a slow caller does not take in time is left out: only the
 * newest counts. Guarded by its monitor; the operation goes on when the caller has gone.
 */
final class ProgressStream<A> {

    private final ServerCallStreamObserver<A> caller;
    private final Function<Progress, A> message;
    private boolean ended;

    private ProgressStream(ServerCallStreamObserver<A> caller, Function<Progress, A> message) {
        this.caller = caller;
        this.message = message;
    }

    /** To be called by the method that received the call. */
    static <A> ProgressStream<A> to(StreamObserver<A> caller, Function<Progress, A> message) {
        ServerCallStreamObserver<A> observer = (ServerCallStreamObserver<A>) caller;
        // With a handler, a caller who has gone is not an exception in whoever tells it something.
        observer.setOnCancelHandler(() -> {});
        return new ProgressStream<>(observer, message);
    }

    /** Runs the operation; its result ends the stream. */
    @SuppressWarnings("FutureReturnValueIgnored") // the listener does not throw
    <T> void run(Supplier<CompletableFuture<T>> operation, Consumer<T> last) {
        operation.get().whenComplete((done, failure) -> {
            if (failure == null) {
                last.accept(done);
            } else {
                fail(failure);
            }
        });
    }

    void progress(Progress now) {
        send(message.apply(now));
    }

    synchronized void send(A now) {
        if (!ended && caller.isReady()) {
            caller.onNext(now);
        }
    }

    /** Whether nobody listens any more. */
    boolean isGone() {
        return caller.isCancelled();
    }

    /** @param last null: there is nothing more to say */
    synchronized void end(@Nullable A last) {
        if (ended || caller.isCancelled()) {
            return;
        }
        ended = true;
        if (last != null) {
            caller.onNext(last);
        }
        caller.onCompleted();
    }

    private synchronized void fail(Throwable failure) {
        if (!ended && !caller.isCancelled()) {
            ended = true;
            caller.onError(Failures.toStatus(failure));
        }
    }
}
