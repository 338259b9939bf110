// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.Attempt;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.WriteOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A write. It has one request id and one first-sent index in all its attempts, so that it is applied once however many there are.
 */
abstract class WriteCall<A> extends Call<A> {

    private static final Target LEADER = new Target.Leader();

    private final boolean named;
    private WriteOptions options;

    /** @param options what is in these already stays */
    WriteCall(Parts parts, CallContext context, WriteOptions options) {
        super(parts, context);
        this.options = options;
        this.named = options.hasRequestId();
    }

    /** Every attempt carries these from now on. */
    abstract void named(WriteOptions complete);

    @Override
    final @Nullable Server choose(List<Server> tried, long nowNanos) {
        return parts.routes.choose(LEADER, 0, tried, nowNanos);
    }

    /** Its index must be known before it is sent for the first time. */
    @Override
    final boolean isReady() {
        if (isComplete()) {
            return true;
        }
        Known.Position position = parts.known.position();
        if (position == null) {
            return false;
        }
        options = complete(position);
        named(options);
        return true;
    }

    private boolean isComplete() {
        return options.hasRequestId() && options.hasFirstSentIndex() && options.hasHistoryId();
    }

    private WriteOptions complete(Known.Position position) {
        WriteOptions.Builder completed = options.toBuilder();
        if (!completed.hasRequestId()) {
            completed.setRequestId(parts.requestIds.next());
        }
        if (!completed.hasHistoryId()) {
            completed.setHistoryId(position.historyId());
        }
        if (!completed.hasFirstSentIndex()) {
            // An index of another history would be taken for one of the caller's.
            completed.setFirstSentIndex(completed.getHistoryId().equals(position.historyId()) ? position.index() : 0);
        }
        return completed.build();
    }

    /** Whoever chose the id may have sent it before; ours was never sent when nothing is open. */
    @Override
    final boolean renew() {
        if (named) {
            return false;
        }
        options = options.toBuilder().clearRequestId().clearFirstSentIndex().build();
        return true;
    }

    @Override
    final long attemptLimitNanos() {
        return parts.options.writeAttemptLimit().toNanos();
    }

    @Override
    final boolean isWrite() {
        return true;
    }

    @Override
    final TidemarkException openEnd(@Nullable AttemptFailure failure, List<Attempt> made) {
        return Exceptions.outcomeUnknown(context.method(), options, failure, made);
    }
}
