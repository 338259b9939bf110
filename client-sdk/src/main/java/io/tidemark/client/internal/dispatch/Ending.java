// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.failure.AttemptFailure;
import io.tidemark.client.internal.failure.Exceptions;
import org.jspecify.annotations.Nullable;

/** What the caller of a call that has no answer is told: of a write first whether it is open. Only while the call's lock is held. */
final class Ending {

    private Ending() {}

    /**
     * The deadline came.
     *
     * @param waited whether an attempt was under way
     */
    static TidemarkException atDeadline(Call<?> call, AttemptLog log, boolean waited) {
        String method = call.context.method();
        AttemptFailure failure = log.last();
        if (call.isWrite() && log.isOpen()) {
            return call.openEnd(waited ? null : failure, log.attempts());
        }
        AttemptFailure stale = log.behind();
        if (stale != null) {
            return Exceptions.of(method, stale, log.attempts());
        }
        if (failure == null) {
            return Exceptions.nobodyToAsk(method, log.attempts());
        }
        return waited
                ? Exceptions.deadlinePassed(method, log.attempts())
                : Exceptions.of(method, failure, log.attempts());
    }

    /** An attempt failed so that no other would do better. */
    static TidemarkException by(AttemptFailure failure, Call<?> call, AttemptLog log) {
        return call.isWrite() && log.isOpen() && !failure.settles()
                ? call.openEnd(failure, log.attempts())
                : Exceptions.of(call.context.method(), failure, log.attempts());
    }

    /** Why nobody waits for an answer any more. */
    enum Cause {
        /** The client was closed. */
        CLOSED,
        /** The calling thread was interrupted. */
        INTERRUPTED
    }

    /**
     * Nobody waits for an answer any more.
     *
     * @param unanswered what was under way; null: nothing
     */
    static TidemarkException brokenOff(Call<?> call, AttemptLog log, @Nullable Try unanswered, Cause cause) {
        boolean open = log.isOpen() || (unanswered != null && unanswered.mayBeSent());
        if (call.isWrite() && open) {
            return call.openEnd(log.last(), log.attempts());
        }
        String method = call.context.method();
        return cause == Cause.CLOSED
                ? Exceptions.closed(method, log.attempts())
                : Exceptions.interrupted(method, log.attempts());
    }
}
