// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.tidemark.client.internal.dispatch.Dispatcher;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;

/**
 * What the streams of one client share.
 *
 * @param callers where users' listeners and subscribers are called, who may block
 * @param backoff the pauses between attempts
 * @param steady an attempt that lasted so long has worked: the next pause is the first again
 */
public record StreamServices(
        Dispatcher dispatcher, Executor callers, Backoff backoff, Duration steady, OpenStreams open) {

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    private static final Duration MAX_PAUSE = Duration.ofSeconds(5);
    private static final Duration STEADY = Duration.ofSeconds(1);

    /** With the pauses that clients use. */
    public StreamServices(Dispatcher dispatcher, Executor callers, DoubleSupplier random) {
        this(dispatcher, callers, new Backoff(FIRST_PAUSE, MAX_PAUSE, random), STEADY, new OpenStreams());
    }
}
