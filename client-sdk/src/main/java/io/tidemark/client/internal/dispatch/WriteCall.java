// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.Attempt;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Exceptions;
import io.tidemark.client.internal.routing.Server;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.WriteOptions;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A write. It has one request id and one first-sent index in all its attempts, so that it is applied once however many there are.
 */
abstract class WriteCall<A> extends Call<A> {

    private static final Target LEADER = new Target.Leader();

    private final boolean named;
    private final boolean ofHistory;
    private WriteOptions options;
    /** The cluster was in this history once, and is not any more; null: that is not known of any. */
    private @Nullable String over;

    /** @param options what is in these already stays */
    WriteCall(Parts parts, CallContext context, WriteOptions options) {
        super(parts, context);
        this.options = options;
        this.named = options.hasRequestId();
        this.ofHistory = options.hasHistoryId();
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
        if (position == null || position.historyId().equals(over)) {
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
    final boolean renew(AttemptFailure refusal) {
        return refusal.is(ErrorReason.ERROR_REASON_HISTORY_CHANGED) ? changeHistory() : rename(refusal);
    }

    private boolean rename(AttemptFailure refusal) {
        // Else the next name would be as old: while nobody reads, nothing else tells how far the cluster has come.
        refusal.windowFloor().ifPresent(floor -> parts.known.seen(options.getHistoryId(), floor));
        if (named) {
            return false;
        }
        options = options.toBuilder().clearRequestId().clearFirstSentIndex().build();
        return true;
    }

    /** Whoever named a history or an index of it means that one; else it is the one that the cluster is in, once that is known. */
    private boolean changeHistory() {
        if (named || ofHistory) {
            return false;
        }
        over = options.getHistoryId();
        options = options.toBuilder()
                .clearRequestId()
                .clearFirstSentIndex()
                .clearHistoryId()
                .build();
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
