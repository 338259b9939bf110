// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/** Gives each call its {@link Origin}: on the internal port as the forwarding server says, on the client port never. */
public final class Origins implements ServerInterceptor {

    private final boolean trusting;

    private Origins(boolean trusting) {
        this.trusting = trusting;
    }

    /** For the internal port, which only servers reach. */
    public static Origins ofServers() {
        return new Origins(true);
    }

    /** For the client port: a client cannot say who it is, nor how far it has come. */
    public static Origins ofClients() {
        return new Origins(false);
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (trusting) {
            return Contexts.interceptCall(Origin.of(headers).in(Context.current()), call, headers, next);
        }
        drop(headers);
        return next.startCall(call, headers);
    }

    private static void drop(Metadata headers) {
        // A copy of the names, so what is discarded does not disturb it.
        for (String name : headers.keys()) {
            if (name.startsWith(Origin.METADATA_PREFIX)) {
                if (name.endsWith(Metadata.BINARY_HEADER_SUFFIX)) {
                    headers.discardAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
                } else {
                    headers.discardAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
                }
            }
        }
    }
}
