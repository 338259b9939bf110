// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.tidemark.client.internal.dispatch.Dispatcher;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleSupplier;

/**
 * What the streams of one client share.
 *
 * @param callers where users' listeners and subscribers are called: as they may block, each that is busy has a thread
 * @param backoff the pauses between attempts
 * @param steady an attempt that lasted so long has worked: the next pause is the first again
 */
public record StreamServices(
        Dispatcher dispatcher, ExecutorService callers, Backoff backoff, Duration steady, OpenStreams open)
        implements AutoCloseable {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration MAX_PAUSE = Duration.ofSeconds(5);
    private static final Duration STEADY = Duration.ofSeconds(1);
    private static final long IDLE_THREAD_SECONDS = 10;

    /** Where those are called whose own executor takes no more. It is never shut down, so what ends with a client is still told. */
    static final Executor SPARE = threads("tidemark-spare-");

    /** With the pauses and the threads that clients use. */
    public StreamServices(Dispatcher dispatcher, DoubleSupplier random) {
        this(
                dispatcher,
                threads("tidemark-listener-"),
                new Backoff(FIRST_PAUSE, MAX_PAUSE, random),
                STEADY,
                new OpenStreams());
    }

    private static ExecutorService threads(String name) {
        AtomicInteger number = new AtomicInteger();
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), task -> {
                    Thread thread = new Thread(task, name + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** Ends all streams, tells whoever listens, and takes no more. */
    @Override
    public void close() {
        open.close();
        callers.shutdown();
    }
}
