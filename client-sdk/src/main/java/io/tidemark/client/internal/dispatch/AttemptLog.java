// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import io.tidemark.client.Attempt;
import io.tidemark.client.internal.failure.AttemptFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has come of a call's attempts so far. Guarded by the call. */
final class AttemptLog {

    private static final int LENGTH_MAX = 32;

    private final long beganNanos;
    private final List<Attempt> attempts = new ArrayList<>(4);
    private @Nullable AttemptFailure last;
    private @Nullable AttemptFailure behind;
    private boolean open;

    /** @param beganNanos when the call began */
    AttemptLog(long beganNanos) {
        this.beganNanos = beganNanos;
    }

    void add(Try attempt, AttemptFailure failure, long nowNanos) {
        if (attempts.size() == LENGTH_MAX) {
            // The first and the latest tell most.
            attempts.remove(LENGTH_MAX / 2);
        }
        attempts.add(new Attempt(
                attempt.server().address(),
                Duration.ofNanos(attempt.sentNanos() - beganNanos),
                Duration.ofNanos(nowNanos - attempt.sentNanos()),
                failure.outcome()));
        last = failure;
        if (failure.isBehind()) {
            behind = failure;
        }
        open |= failure.leavesOpen();
    }

    List<Attempt> attempts() {
        return List.copyOf(attempts);
    }

    /** How the latest failed; null: none has. */
    @Nullable AttemptFailure last() {
        return last;
    }

    /** How the latest failed that was told its asks are not met; null: none was. */
    @Nullable AttemptFailure behind() {
        return behind;
    }

    /** Whether an attempt of a write may have been done without our knowing. */
    boolean isOpen() {
        return open;
    }

    /** Under another name, the write was never sent. */
    void renewed() {
        open = false;
    }
}
