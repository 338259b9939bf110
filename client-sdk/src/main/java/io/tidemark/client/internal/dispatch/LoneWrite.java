// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.grpc.MethodDescriptor;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.WriteOptions;
import java.util.function.Function;

/** A write that is no commit, and travels by itself. */
final class LoneWrite<Q, A> extends WriteCall<A> {

    private final MethodDescriptor<Q, A> method;
    private final Function<WriteOptions, Q> requests;
    private Q request;

    /**
     * A write under the names that the caller gave it, or one that we do.
     *
     * @param requests what to send with these options
     */
    LoneWrite(
            Parts parts,
            CallContext context,
            MethodDescriptor<Q, A> method,
            WriteOptions options,
            Function<WriteOptions, Q> requests) {
        super(parts, context, options);
        this.method = method;
        this.requests = requests;
        this.request = requests.apply(options);
    }

    /** What it is to send, but for what is put into its options still. */
    Q request() {
        return request;
    }

    @Override
    void named(WriteOptions complete) {
        request = requests.apply(complete);
    }

    @Override
    Try attempt(Server server, long waitNanosMax) {
        return new UnaryTry<>(this, method, request, server, answer -> answer);
    }
}
