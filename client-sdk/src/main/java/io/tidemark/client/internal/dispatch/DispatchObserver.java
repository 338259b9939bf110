// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hears what the dispatcher does, for metrics and traces. Everything is told on the threads that do the work, so it must be quick and
 * must not block; what it throws is lost.
 */
public interface DispatchObserver {

    /** Hears nothing, and costs nothing. */
    DispatchObserver NONE = new DispatchObserver() {};

    /**
     * A call begins, on the thread of its caller. What is returned is given back with each of its attempts: a trace's context, say.
     */
    default @Nullable Object callBegins(CallContext call) {
        return null;
    }

    /**
     * A message is about to be sent.
     *
     * @param context what {@link #callBegins} returned for the call; of several that travel together that of the first
     * @param attempt what is sent, and where
     * @param headers takes the headers to send with it, by name and value
     * @return given back when it has ended
     */
    default @Nullable Object attemptBegins(
            @Nullable Object context, Attempt attempt, BiConsumer<String, String> headers) {
        return null;
    }

    /**
     * It has ended.
     *
     * @param begun what {@link #attemptBegins} returned
     * @param nanos how long it took
     * @param failure in few words, as in the log of attempts; null: there was an answer
     */
    default void attemptEnded(@Nullable Object begun, Attempt attempt, long nanos, @Nullable String failure) {}

    /** A read was sent to a second server while the first may still answer. */
    default void hedged(String method) {}

    /** How the connection to a server fares. */
    default void endpointChanged(String address, EndpointState state) {}

    /**
     * A message to a server.
     *
     * @param rpc its name in the contract, such as {@code tidemark.v1.KeyValue/BatchGet}
     * @param address {@code host:port}
     * @param calls how many calls travel in it
     */
    record Attempt(String rpc, String address, int calls) {}

    /** How the connection to a server fares. */
    enum EndpointState {
        IDLE,
        CONNECTING,
        READY,
        UNREACHABLE,
        /** It fails, and is left alone for a while. */
        EJECTED,
        CLOSED
    }
}
