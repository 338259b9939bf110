// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.tidemark.api.ErrorStatus;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A call with a stream of answers that another server carries out. Asks for the next answer only when the caller can take it, so
 * nothing gathers here, and ends when either side does.
 */
public final class PassedOnStream {

    private PassedOnStream() {}

    /**
     * Passes the call on. To be called by the method that received it, before it returns.
     *
     * @param caller is given every answer and the end, errors of ours as they are
     * @param broken what the caller is told when the other server did not say how it ended
     */
    public static <Q, A> void pass(
            Channel channel,
            MethodDescriptor<Q, A> method,
            CallOptions options,
            Metadata headers,
            Q request,
            ServerCallStreamObserver<A> caller,
            Function<Status, StatusRuntimeException> broken) {
        ClientCall<Q, A> call = channel.newCall(method, options);
        AtomicBoolean owed = new AtomicBoolean();
        Runnable askIfReady = () -> {
            if (caller.isReady() && owed.compareAndSet(true, false)) {
                call.request(1);
            }
        };
        caller.setOnReadyHandler(askIfReady);
        caller.setOnCancelHandler(() -> call.cancel("the caller has left", null));
        call.start(new Answers<>(caller, broken, owed, askIfReady), headers);
        call.sendMessage(request);
        call.halfClose();
        call.request(1);
    }

    private static final class Answers<A> extends ClientCall.Listener<A> {
        private final ServerCallStreamObserver<A> caller;
        private final Function<Status, StatusRuntimeException> broken;
        private final AtomicBoolean owed;
        private final Runnable askIfReady;

        Answers(
                ServerCallStreamObserver<A> caller,
                Function<Status, StatusRuntimeException> broken,
                AtomicBoolean owed,
                Runnable askIfReady) {
            this.caller = caller;
            this.broken = broken;
            this.owed = owed;
            this.askIfReady = askIfReady;
        }

        @Override
        public void onMessage(A answer) {
            if (!caller.isCancelled()) {
                caller.onNext(answer);
            }
            owed.set(true);
            askIfReady.run();
        }

        @Override
        public void onClose(Status status, @Nullable Metadata trailers) {
            if (caller.isCancelled()) {
                return;
            }
            if (status.isOk()) {
                caller.onCompleted();
            } else {
                StatusRuntimeException told = status.asRuntimeException(trailers);
                caller.onError(ErrorStatus.from(told).isPresent() ? told : broken.apply(status));
            }
        }
    }
}
