// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.time;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The system's timers: one daemon thread makes all calls. What a call throws is logged and hurts no other. Thread-safe. */
public final class SystemTimers implements Timers, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SystemTimers.class);
    private static final Pending NEVER = () -> {};

    private final ScheduledThreadPoolExecutor thread;
    private final Ticker ticker = Ticker.system();

    public SystemTimers(String threadName) {
        thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread made = new Thread(task, threadName);
            made.setDaemon(true);
            return made;
        });
        thread.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Pending at(long dueNanos, Runnable call) {
        try {
            ScheduledFuture<?> scheduled = thread.schedule(
                    () -> guarded(call), Math.max(0, dueNanos - ticker.nanoTime()), TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException closed) {
            return NEVER;
        }
    }

    private static void guarded(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            log.error("a timed call failed", e);
        }
    }

    /** No more calls are made. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
