// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.tidemark.server.service.RequestLimits;
import java.time.Duration;

/**
 * How a node carries writes through.
 *
 * @param defaultDeadline for a write whose caller gives none
 * @param retryPauseMin before the first try again; doubles with each
 * @param retryPauseMax the longest pause
 * @param handover how long an attempt under way is waited for once another leader is known: it may just have been done
 * @param overloadedRetry what the caller of a write that finds the queue full is told to wait
 * @param tick how long a write whose deadline has passed, and which does not end at once, is left before it is looked at again
 * @param callsMax how many calls may be without an outcome, here and on their way to the leader
 * @param callsBytesMax how large they may be together
 * @param batchWritesMax how many writes one batch may hold
 * @param answerBytesMax how large the rows of an answer may be together, also where it answers many writes
 */
public record NodeWriteOptions(
        Duration defaultDeadline,
        Duration retryPauseMin,
        Duration retryPauseMax,
        Duration handover,
        Duration overloadedRetry,
        Duration tick,
        int callsMax,
        long callsBytesMax,
        int batchWritesMax,
        long answerBytesMax) {

    /** What production uses. */
    public static NodeWriteOptions defaults() {
        return new NodeWriteOptions(
                Duration.ofSeconds(10),
                Duration.ofMillis(10),
                Duration.ofMillis(500),
                Duration.ofMillis(300),
                Duration.ofMillis(50),
                Duration.ofMillis(10),
                16_384,
                128L << 20,
                1000,
                4L << 20);
    }

    /** The same for a server that allows its callers so much. */
    public NodeWriteOptions within(RequestLimits limits) {
        return new NodeWriteOptions(
                defaultDeadline,
                retryPauseMin,
                retryPauseMax,
                handover,
                overloadedRetry,
                tick,
                callsMax,
                callsBytesMax,
                limits.maxBatchWrites(),
                limits.maxRowsBytes());
    }
}
