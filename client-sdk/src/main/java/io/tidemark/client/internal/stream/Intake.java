// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import io.tidemark.client.TidemarkException;
import java.util.Collections;
import java.util.Iterator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer takes: each thing of each batch that a stream brought, unpacked by whoever takes it. One consumer at a time owns
 * it; only {@link #close} is for any thread.
 */
public final class Intake<B, T> implements AutoCloseable {

    private final Buffer<B> buffer;
    private final Function<B, Iterator<T>> unpack;
    private final Runnable end;
    private Iterator<T> batch = Collections.emptyIterator();
    private volatile boolean closed;

    /** @param end ends the stream that fills the buffer */
    public Intake(Buffer<B> buffer, Function<B, Iterator<T>> unpack, Runnable end) {
        this.buffer = buffer;
        this.unpack = unpack;
        this.end = end;
    }

    /**
     * The next thing; null if there is none now.
     *
     * @throws TidemarkException why there will be no more; or why this one cannot be given, and then the next one can
     */
    @Nullable T poll() {
        while (!closed) {
            if (batch.hasNext()) {
                return batch.next();
            }
            B next = buffer.poll();
            if (next == null) {
                return null;
            }
            batch = unpack.apply(next);
        }
        return null;
    }

    /** Whether there is nothing more, now and later. */
    boolean isOver() {
        return closed || (!batch.hasNext() && buffer.isDrained());
    }

    /** Whether there is nothing more to give: {@link #poll} can only throw, or it is over. */
    boolean isAtEnd() {
        return closed || (!batch.hasNext() && buffer.isAtEnd());
    }

    /** Whether it was closed, rather than come to its end. */
    boolean isClosed() {
        return closed;
    }

    /** Waits until {@link #poll} has something to give or to throw, or it is over. False: the time passed. */
    boolean await(long nanos) throws InterruptedException {
        return closed || batch.hasNext() || buffer.await(nanos);
    }

    void onNews(Runnable listener) {
        buffer.onNews(listener);
    }

    /** Takes no more, and ends the stream. */
    @Override
    public void close() {
        closed = true;
        end.run();
        buffer.drop();
    }
}
