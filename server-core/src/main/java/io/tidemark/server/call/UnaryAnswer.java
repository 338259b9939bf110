// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicBoolean;

/** The one answer of a call: given once, to a caller who is still there. Any thread may give it. */
public final class UnaryAnswer<T> {

    private final StreamObserver<T> caller;
    private final AtomicBoolean given = new AtomicBoolean();

    private UnaryAnswer(StreamObserver<T> caller) {
        this.caller = caller;
    }

    public static <T> UnaryAnswer<T> to(StreamObserver<T> caller) {
        return new UnaryAnswer<>(caller);
    }

    /**
     * What to do if the caller goes away before it was answered. To be said on the thread that received the call, before it
     * returns.
     */
    public void onCancel(Runnable cancelled) {
        if (caller instanceof ServerCallStreamObserver<T> call) {
            call.setOnCancelHandler(cancelled);
        }
    }

    /** Whether nobody waits for the answer any more. */
    public boolean isCancelled() {
        return caller instanceof ServerCallStreamObserver<T> call && call.isCancelled();
    }

    public void succeed(T answer) {
        if (given.compareAndSet(false, true) && !isCancelled()) {
            caller.onNext(answer);
            caller.onCompleted();
        }
    }

    /** See {@link Failures#toStatus}. */
    public void fail(Throwable failure) {
        if (given.compareAndSet(false, true) && !isCancelled()) {
            caller.onError(Failures.toStatus(failure));
        }
    }
}
