// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.time.Ticker;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the observer hears of one message. */
class Observed {

    /** Where nobody listens. */
    static final Observed NOT = new Observed();

    void begins(MethodDescriptor<?, ?> method, String address, int calls, Metadata headers, long nowNanos) {}

    void ends(@Nullable AttemptFailure failure) {}

    private Observed() {}

    /** @param context what the observer returned when the call began */
    static Observed by(DispatchObserver observer, Ticker ticker, @Nullable Object context) {
        return observer == DispatchObserver.NONE ? NOT : new Told(observer, ticker, context);
    }

    private static final class Told extends Observed {

        private static final Logger log = LoggerFactory.getLogger(Observed.class);

        private final DispatchObserver observer;
        private final Ticker ticker;
        private final @Nullable Object context;
        private DispatchObserver.@Nullable Attempt attempt;
        private @Nullable Object begun;
        private long beganNanos;

        Told(DispatchObserver observer, Ticker ticker, @Nullable Object context) {
            this.observer = observer;
            this.ticker = ticker;
            this.context = context;
        }

        @Override
        void begins(MethodDescriptor<?, ?> method, String address, int calls, Metadata headers, long nowNanos) {
            beganNanos = nowNanos;
            DispatchObserver.Attempt made = new DispatchObserver.Attempt(method.getFullMethodName(), address, calls);
            attempt = made;
            try {
                begun = observer.attemptBegins(
                        context,
                        made,
                        (name, value) -> headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
            } catch (RuntimeException e) {
                log.warn("an observer failed", e);
            }
        }

        @Override
        void ends(@Nullable AttemptFailure failure) {
            DispatchObserver.Attempt made = attempt;
            if (made == null) {
                return;
            }
            try {
                observer.attemptEnded(
                        begun, made, ticker.nanoTime() - beganNanos, failure == null ? null : failure.outcome());
            } catch (RuntimeException e) {
                log.warn("an observer failed", e);
            }
        }
    }
}
