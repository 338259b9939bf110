// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Counts the calls that have begun and not ended, so that a stop can wait for them. Thread-safe. */
final class CallsUnderWay implements ServerInterceptor {

    private int count;

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        begin();
        AtomicBoolean ended = new AtomicBoolean();
        ServerCall.Listener<Q> listener;
        try {
            listener = next.startCall(call, headers);
        } catch (RuntimeException e) {
            end(ended);
            throw e;
        }
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onCancel() {
                end(ended);
                super.onCancel();
            }

            @Override
            public void onComplete() {
                end(ended);
                super.onComplete();
            }
        };
    }

    /** Waits until there are none, at most that long; whether there are none. */
    synchronized boolean awaitNone(Duration timeout) {
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            while (count > 0) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized void begin() {
        count++;
    }

    /** Once per call, though gRPC may report both a cancellation and an end. */
    private synchronized void end(AtomicBoolean ended) {
        if (ended.compareAndSet(false, true)) {
            count--;
            if (count == 0) {
                notifyAll();
            }
        }
    }
}
