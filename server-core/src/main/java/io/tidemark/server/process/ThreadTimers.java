// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.process;

import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The timers of a process, on one thread. A call that fails is logged, and the others go on. Thread-safe. */
final class ThreadTimers implements Timers, AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(ThreadTimers.class);

    private final ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(
            1,
            task -> {
                Thread thread = new Thread(task, "timers");
                thread.setDaemon(true);
                return thread;
            },
            // What comes after the end is of no use to anybody.
            new ThreadPoolExecutor.DiscardPolicy());

    ThreadTimers() {
        executor.setRemoveOnCancelPolicy(true);
    }

    @Override
    public Pending after(Duration delay, Runnable call) {
        ScheduledFuture<?> future = executor.schedule(() -> run(call), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    private static void run(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            log.error("a timer's call failed", e);
        }
    }
}
