// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import io.tidemark.client.internal.stream.BlockingReader;
import io.tidemark.client.internal.stream.Intake;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;

/**
 * The events of a {@link Watch}, one after the other. To be read by one thread; to be closed, by any: whoever waits for an event then
 * learns that there are no more.
 *
 * <p>What was not read yet is held, up to {@link Watch#bufferBytes}; beyond that the server waits.
 */
public final class WatchEvents<V> implements Iterable<WatchEvent<V>>, AutoCloseable {

    private final BlockingReader<WatchEvent<V>> reader;

    WatchEvents(Intake<?, WatchEvent<V>> intake) {
        this.reader = new BlockingReader<>(intake);
    }

    /**
     * Waits for each event, for ever. Ends when the watch is closed; fails with a {@link TidemarkException} when it cannot go on. Always the
     * same one: events that were read do not come again.
     */
    @Override
    public Iterator<WatchEvent<V>> iterator() {
        return new CallersStack<>(reader);
    }

    /**
     * The next event, if it comes within the time.
     *
     * @throws TidemarkException if the watch cannot go on
     * @throws IllegalStateException if it is closed
     */
    public Optional<WatchEvent<V>> next(Duration timeout) {
        Durations.requireNotNegative("timeout", timeout);
        try {
            Optional<WatchEvent<V>> next = Optional.ofNullable(reader.next(timeout));
            if (next.isEmpty() && reader.isOver()) {
                throw new IllegalStateException("the watch is closed");
            }
            return next;
        } catch (TidemarkException e) {
            throw e.fromHere();
        }
    }

    /** Ends the watch, and the server's side with it. Does nothing the second time. */
    @Override
    public void close() {
        reader.close();
    }
}
