// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.WriteOptions;

/** A commit, which may travel with others. */
final class CommitCall extends WriteCall<CommitResponse> {

    private CommitRequest request;

    CommitCall(Parts parts, CallContext context, CommitRequest request) {
        super(parts, context, request.getWriteOptions());
        this.request = request;
    }

    @Override
    void named(WriteOptions complete) {
        request = request.toBuilder().setWriteOptions(complete).build();
    }

    @Override
    void took(Server server, long nanos, long nowNanos) {
        server.sampled(nanos, nowNanos);
    }

    @Override
    Try attempt(Server server, long waitNanosMax) {
        return parts.options.batching()
                ? new WriteMember(this, parts.gatherings.writes(parts, server), request)
                : new UnaryTry<>(this, KeyValueGrpc.getCommitMethod(), request, server, answer -> answer);
    }
}
