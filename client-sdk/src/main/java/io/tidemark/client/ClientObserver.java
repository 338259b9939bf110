// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Hears what a client does: {@link TidemarkClient.Builder#observer}. Metrics by Micrometer and traces by OpenTelemetry are made of it, in
 * packages of their own; this is for those who use something else. Everything is told on the threads that do the work, so it must be
 * quick and must not block; what it throws is lost.
 */
public interface ClientObserver {

    /**
     * A client begins with it: what this gives hears that client, and no other. Once for each client that it is given to.
     *
     * @return itself, where it need not tell clients apart
     */
    default ClientObserver ofClient() {
        return this;
    }

    /**
     * A call begins, on the thread of its caller.
     *
     * @param call which one
     * @return given back with the call's end and with each of its attempts
     */
    default @Nullable Object callBegins(CallName call) {
        return null;
    }

    /**
     * A call has ended.
     *
     * @param begun what {@link #callBegins} returned
     */
    default void callEnded(@Nullable Object begun, CallEnd end) {}

    /**
     * A message is about to be sent.
     *
     * @param begun what {@link #callBegins} returned for its call; of several calls that travel together that of the first; null: not known
     * @param headers takes the headers to send with it, by name and value
     * @return given back when it has ended
     */
    default @Nullable Object attemptBegins(@Nullable Object begun, Sent sent, BiConsumer<String, String> headers) {
        return null;
    }

    /**
     * A message was answered, or failed.
     *
     * @param attempt what {@link #attemptBegins} returned
     * @param failure in few words, as in {@link Attempt#outcome}; null: there was an answer
     */
    default void attemptEnded(@Nullable Object attempt, Sent sent, Duration took, @Nullable String failure) {}

    /** A read was sent to a second server while the first may still answer. */
    default void hedged(String method) {}

    /** How the connection to a server fares. */
    default void endpointChanged(String address, EndpointState state) {}

    /**
     * What kind of call.
     *
     * @param method such as {@code get} or {@code put}
     * @param consistency what a read asks for: {@code linearizable}, {@code session}, {@code bounded}, {@code eventual} or
     *     {@code as_of}; {@code none} of everything else
     */
    record CallName(String method, String consistency) {}

    /**
     * How a call ended.
     *
     * @param name what kind of call
     * @param outcome {@code ok}, {@code refused} for a transaction whose conditions did not hold, or what the exception is, such as
     *     {@code too_stale}
     * @param took from its beginning
     * @param header of its result; null: it has none
     * @param failure what it failed with; null: it did not
     */
    record CallEnd(
            CallName name,
            String outcome,
            Duration took,
            @Nullable Header header,
            @Nullable Throwable failure) {}

    /**
     * A message to a server.
     *
     * @param rpc its name in the contract, such as {@code tidemark.v1.KeyValue/BatchGet}
     * @param address {@code host:port}
     * @param calls how many calls travel in it
     */
    record Sent(String rpc, String address, int calls) {}

    /** How the connection to a server fares. */
    enum EndpointState {
        /** Not in use. */
        IDLE,
        /** Being made. */
        CONNECTING,
        /** Made. */
        READY,
        /** Cannot be made. */
        UNREACHABLE,
        /** Made, but calls fail: it is left alone for a while. */
        EJECTED,
        /** Given up, for the server left or the client was closed. */
        CLOSED
    }
}
