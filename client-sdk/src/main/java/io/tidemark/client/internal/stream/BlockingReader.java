// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import static java.util.Objects.requireNonNull;

import io.tidemark.client.Failure;
import io.tidemark.client.UnavailableException;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Takes one thing after the other and waits for each. For one thread; only {@link #close} is for any. */
public final class BlockingReader<T> implements Iterator<T>, AutoCloseable {

    private static final Duration FOR_EVER = Duration.ofDays(365);

    private final Intake<?, T> intake;
    private @Nullable T next;

    public BlockingReader(Intake<?, T> intake) {
        this.intake = intake;
    }

    /**
     * Waits until it is known. False: all was taken, or it was closed.
     *
     * @throws io.tidemark.client.TidemarkException why there will be no more, or why the next one cannot be given
     */
    @Override
    public boolean hasNext() {
        while (!await(FOR_EVER)) {
            if (intake.isOver()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public T next() {
        // What was promised is given, also if it was closed since.
        if (next == null && !hasNext()) {
            throw new NoSuchElementException("all was taken, or it was closed");
        }
        T taken = requireNonNull(next);
        next = null;
        return taken;
    }

    /** The next one, if it comes within the time; null: it did not, or there are no more. */
    public @Nullable T next(Duration timeout) {
        if (!await(timeout)) {
            return null;
        }
        T taken = next;
        next = null;
        return taken;
    }

    /** Whether all was taken, or it was closed. */
    public boolean isOver() {
        return next == null && intake.isOver();
    }

    /** Whether there is a next one, within the time. */
    private boolean await(Duration timeout) {
        if (intake.isClosed()) {
            next = null;
            return false;
        }
        long deadline = System.nanoTime() + timeout.toNanos();
        while (next == null) {
            next = intake.poll();
            if (next == null && (intake.isOver() || !waits(deadline - System.nanoTime()))) {
                return false;
            }
        }
        return true;
    }

    private boolean waits(long nanos) {
        try {
            return intake.await(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnavailableException(new Failure("the calling thread was interrupted", "INTERRUPTED"), e);
        }
    }

    @Override
    public void close() {
        intake.close();
    }
}
