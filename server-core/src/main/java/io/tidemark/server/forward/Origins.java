// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.forward;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/**
 * Gives each call the {@link Origin} that the forwarding server says. For the internal port, which only servers reach: on the client
 * port, which does without, nobody can say who he is or how far a call has come, since nothing else looks at those headers.
 */
public final class Origins implements ServerInterceptor {

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        return Contexts.interceptCall(Origin.of(headers).in(Context.current()), call, headers, next);
    }
}
