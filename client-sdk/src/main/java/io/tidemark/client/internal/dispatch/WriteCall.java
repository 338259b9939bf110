// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.Attempt;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.WriteOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A write. It has one request id and one first-sent index in all its attempts, so that it is applied once however many there are. */
final class WriteCall extends Call<CommitResponse> {

    private static final Target LEADER = new Target.Leader();

    private final boolean named;
    private CommitRequest request;

    WriteCall(Parts parts, CallContext context, CommitRequest request) {
        super(parts, context);
        this.request = request;
        this.named = request.getWriteOptions().hasRequestId();
    }

    @Override
    @Nullable Server choose(List<Server> tried, long nowNanos) {
        return parts.routes.choose(LEADER, 0, tried, nowNanos);
    }

    /** Its index must be known before it is sent for the first time. */
    @Override
    boolean isReady() {
        if (isComplete(request.getWriteOptions())) {
            return true;
        }
        Known.Position position = parts.known.position();
        if (position == null) {
            return false;
        }
        request = complete(position);
        return true;
    }

    private static boolean isComplete(WriteOptions options) {
        return options.hasRequestId() && options.hasFirstSentIndex() && options.hasHistoryId();
    }

    private CommitRequest complete(Known.Position position) {
        WriteOptions.Builder options = request.getWriteOptions().toBuilder();
        if (!options.hasRequestId()) {
            options.setRequestId(parts.requestIds.next());
        }
        if (!options.hasHistoryId()) {
            options.setHistoryId(position.historyId());
        }
        if (!options.hasFirstSentIndex()) {
            // An index of another history would be taken for one of the caller's.
            options.setFirstSentIndex(options.getHistoryId().equals(position.historyId()) ? position.index() : 0);
        }
        return request.toBuilder().setWriteOptions(options).build();
    }

    /** Whoever chose the id may have sent it before; ours was never sent when nothing is open. */
    @Override
    boolean renew() {
        if (named) {
            return false;
        }
        request = request.toBuilder()
                .setWriteOptions(
                        request.getWriteOptions().toBuilder().clearRequestId().clearFirstSentIndex())
                .build();
        return true;
    }

    @Override
    Try attempt(Server server, long limitNanos) {
        // Servers are told how long the caller waits, not when we ask another: a write is not to be dropped half-way
        // for that.
        long limit = context.deadlineNanos();
        return parts.options.batching()
                ? new WriteMember(this, parts.gatherings.writes(parts, server), request, limit)
                : new UnaryTry<>(this, KeyValueGrpc.getCommitMethod(), request, server, limit, answer -> answer);
    }

    @Override
    long attemptLimitNanos() {
        return parts.options.writeAttemptLimit().toNanos();
    }

    @Override
    boolean isWrite() {
        return true;
    }

    @Override
    TidemarkException openEnd(@Nullable AttemptFailure failure, List<Attempt> made) {
        return Exceptions.outcomeUnknown(context.method(), request.getWriteOptions(), failure, made);
    }
}
