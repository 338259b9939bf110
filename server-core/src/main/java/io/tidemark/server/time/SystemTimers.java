// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The system's timers: one daemon thread makes all calls, in the order in which they fall due. A call that is cancelled is
 * forgotten at once. What a call throws is logged and hurts no other. Thread-safe.
 */
public final class SystemTimers implements Timers, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SystemTimers.class);
    private static final Pending NEVER = () -> {};

    private final ScheduledThreadPoolExecutor thread;

    public SystemTimers(String threadName) {
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, threadName);
            made.setDaemon(true);
            return made;
        });
        // Else a read that ended early would stay in the queue until its wait would have been over.
        thread.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Pending after(Duration delay, Runnable call) {
        try {
            ScheduledFuture<?> scheduled =
                    thread.schedule(() -> guarded(call), Math.max(0, nanos(delay)), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closed) {
            return NEVER;
        }
    }

    private static long nanos(Duration delay) {
        try {
            return delay.toNanos();
        } catch (ArithmeticException beyondCenturies) {
            return delay.isNegative() ? 0 : Long.MAX_VALUE >> 1;
        }
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            log.error("a timed call failed", e);
        }
    }

    /** How many calls are to come. */
    public int pendingCalls() {
        return thread.getQueue().size();
    }

    /** No more calls are made. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
