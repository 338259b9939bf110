// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import java.util.concurrent.CompletableFuture;

/** A command on the write path. Everything that changes is guarded by the path's lock. */
public final class Submission {

    private final ByteString command;
    private final Weight weight;
    private final long deadlineNanos;
    private final CompletableFuture<SubmitOutcome> outcome = new CompletableFuture<>();

    /** What it weighs in an entry; known once it is admitted. */
    long entryWeight;

    boolean isWaiting;

    long admittedNanos;

    /**
     * A command to be submitted once.
     *
     * @param command an encoded {@code Command}
     * @param deadlineNanos on the ticker's monotonic clock; if it is still waiting then it is dropped
     */
    public Submission(ByteString command, Weight weight, long deadlineNanos) {
        this.command = command;
        this.weight = weight;
        this.deadlineNanos = deadlineNanos;
    }

    ByteString command() {
        return command;
    }

    Weight weight() {
        return weight;
    }

    boolean isDue(long nowNanos) {
        return nowNanos - deadlineNanos >= 0;
    }

    /** Completes once; never fails. */
    public CompletableFuture<SubmitOutcome> outcome() {
        return outcome;
    }
}
