// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what takes too long for the threads that receive calls. New work is refused beyond a number that waits; work that was
 * let in may go on at any time. Thread-safe.
 */
public final class Workers implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Workers.class);
    private static final Duration RETRY_DELAY = Duration.ofMillis(100);
    private static final Duration STOP_MAX = Duration.ofSeconds(5);

    private final ThreadPoolExecutor threads;
    private final String name;
    private final int waitingMax;

    /** @param threadName says what they do, also to callers */
    public Workers(String threadName, int threadCount, int waitingMax) {
        this.name = threadName;
        this.waitingMax = waitingMax;
        this.threads = new ThreadPoolExecutor(
                threadCount, threadCount, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread made = new Thread(task, threadName);
                    made.setDaemon(true);
                    return made;
                });
    }

    /** Begins something new; throws what the caller is told if there is too much to do already. */
    public void begin(Runnable work) {
        int waiting = threads.getQueue().size();
        if (waiting >= waitingMax) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_OVERLOADED,
                            waiting + " others wait already for " + name + " here, the most allowed; try again in "
                                    + RETRY_DELAY.toMillis() + " ms, or ask another server")
                    .with(ErrorMetadata.WAITING, waiting)
                    .with(ErrorMetadata.RETRY_DELAY_MS, RETRY_DELAY.toMillis())
                    .withRetryDelay(RETRY_DELAY)
                    .toException();
        }
        goOn(work);
    }

    /** Goes on with something that was begun; its number must be bounded elsewhere. */
    public void goOn(Runnable work) {
        try {
            threads.execute(() -> guarded(work));
        } catch (RejectedExecutionException closed) {
            throw ErrorStatus.of(ErrorReason.ERROR_REASON_STOPPING, "this server is stopping: ask another one")
                    .toException();
        }
    }

    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            log.error("work that nobody waits for failed", e);
        }
    }

    /** Lets what runs come to its end, for a while: whatever reads the store must be over before that is closed. */
    @Override
    public void close() {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(STOP_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("{} did not end within {} s", name, STOP_MAX.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
