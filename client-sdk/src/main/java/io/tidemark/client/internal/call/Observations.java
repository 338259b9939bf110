// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.call;

import io.tidemark.client.ClientObserver;
import io.tidemark.client.ClientObserver.CallName;
import io.tidemark.client.ClientObserver.Sent;
import io.tidemark.client.internal.dispatch.CallContext;
import io.tidemark.client.internal.dispatch.DispatchObserver;
import java.time.Duration;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes on to the users' observers what happens here and in the dispatcher. Thread-safe. */
public final class Observations implements DispatchObserver {

    private static final Logger LOG = LoggerFactory.getLogger(Observations.class);

    /** The call that the present thread is handing to the dispatcher, which asks for it before that returns. */
    private static final ThreadLocal<Object[]> HANDED_OVER = new ThreadLocal<>();

    private final List<ClientObserver> observers;

    public Observations(List<ClientObserver> observers) {
        this.observers = observers.stream().map(ClientObserver::ofClient).toList();
    }

    /** What each observer returned when the call began. */
    Object[] begins(CallName call) {
        @Nullable Object[] begun = new Object[observers.size()];
        for (int i = 0; i < begun.length; i++) {
            ClientObserver observer = observers.get(i);
            begun[i] = asked(() -> observer.callBegins(call));
        }
        return begun;
    }

    void ended(@Nullable Object[] begun, ClientObserver.CallEnd end) {
        for (int i = 0; i < begun.length; i++) {
            ClientObserver observer = observers.get(i);
            Object its = begun[i];
            told(() -> observer.callEnded(its, end));
        }
    }

    /** Hands a call to the dispatcher. */
    <A> A handOver(Object[] begun, Supplier<A> send) {
        HANDED_OVER.set(begun);
        try {
            return send.get();
        } finally {
            HANDED_OVER.remove();
        }
    }

    @Override
    public @Nullable Object callBegins(CallContext call) {
        return HANDED_OVER.get();
    }

    @Override
    public @Nullable Object attemptBegins(
            @Nullable Object context, Attempt attempt, BiConsumer<String, String> headers) {
        @Nullable Object[] attempts = new Object[observers.size()];
        Sent sent = sent(attempt);
        for (int i = 0; i < attempts.length; i++) {
            ClientObserver observer = observers.get(i);
            Object begun = context instanceof Object[] each ? each[i] : null;
            attempts[i] = asked(() -> observer.attemptBegins(begun, sent, headers));
        }
        return attempts;
    }

    @Override
    public void attemptEnded(@Nullable Object begun, Attempt attempt, long nanos, @Nullable String failure) {
        Sent sent = sent(attempt);
        Duration took = Duration.ofNanos(nanos);
        for (int i = 0; i < observers.size(); i++) {
            ClientObserver observer = observers.get(i);
            Object its = begun instanceof Object[] each ? each[i] : null;
            told(() -> observer.attemptEnded(its, sent, took, failure));
        }
    }

    @Override
    public void hedged(String method) {
        observers.forEach(observer -> told(() -> observer.hedged(method)));
    }

    @Override
    public void endpointChanged(String address, EndpointState state) {
        ClientObserver.EndpointState shown = ClientObserver.EndpointState.valueOf(state.name());
        observers.forEach(observer -> told(() -> observer.endpointChanged(address, shown)));
    }

    private static Sent sent(Attempt attempt) {
        return new Sent(attempt.rpc(), attempt.address(), attempt.calls());
    }

    private static @Nullable Object asked(Supplier<@Nullable Object> question) {
        try {
            return question.get();
        } catch (RuntimeException e) {
            LOG.debug("An observer failed", e);
            return null;
        }
    }

    private static void told(Runnable told) {
        try {
            told.run();
        } catch (RuntimeException e) {
            LOG.debug("An observer failed", e);
        }
    }
}
