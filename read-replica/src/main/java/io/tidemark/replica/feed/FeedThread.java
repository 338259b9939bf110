// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed;

import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The one thread that the feed runs on, and that writes to the store. What is queued for it is bounded where it comes from: by the
 * credit of the feed, by one message of a copy at a time, by the reads that wait.
 */
public final class FeedThread implements Executor, Timers, AutoCloseable {

    private static final Duration STOP_MAX = Duration.ofSeconds(30);

    private final Timers timers;
    private final Consumer<Throwable> failed;
    private final ThreadPoolExecutor thread = new ThreadPoolExecutor(
            1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> new Thread(task, "feed"));

    /** @param failed told of what a step throws, after which the replica cannot go on */
    public FeedThread(Timers timers, Consumer<Throwable> failed) {
        this.timers = timers;
        this.failed = failed;
    }

    @Override
    public void execute(Runnable step) {
        try {
            thread.execute(() -> guarded(step));
        } catch (RejectedExecutionException stopping) {
            // Nobody waits for it any more.
        }
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            failed.accept(e);
        }
    }

    @Override
    public Pending after(Duration delay, Runnable call) {
        OnThread due = new OnThread(call);
        due.timer = timers.after(delay, () -> execute(due));
        return due;
    }

    /** A call that was cancelled on this thread is not made, even if it is in the queue. */
    private static final class OnThread implements Pending, Runnable {
        private final Runnable call;
        private volatile Pending timer = () -> {};
        private volatile boolean cancelled;

        OnThread(Runnable call) {
            this.call = call;
        }

        @Override
        public void run() {
            if (!cancelled) {
                call.run();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            timer.cancel();
        }
    }

    /** Does what is queued, and no more. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            boolean unused = thread.awaitTermination(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
