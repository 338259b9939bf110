// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.watch;

import io.tidemark.rest.http.Problem;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The watchers that there are: so many and no more, and all told when the process stops. For any thread. */
public final class Watchers {

    private final int max;
    private final long unreadMax;
    private final AtomicLong unread = new AtomicLong();
    private final AtomicInteger count = new AtomicInteger();
    private final Set<EventStream> open = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * @param max how many there may be
     * @param unreadMax how many bytes may wait for all of them together
     */
    public Watchers(int max, long unreadMax) {
        this.max = max;
        this.unreadMax = unreadMax;
    }

    /** How many there are. */
    public int count() {
        return count.get();
    }

    /** Takes one in, or fails with a problem. */
    void enter() {
        if (closed) {
            throw stopping().toException();
        }
        if (count.incrementAndGet() > max) {
            count.decrementAndGet();
            throw Problem.of(
                            503,
                            "TOO_MANY_WATCHES",
                            "watch: there are " + max + " already (limit: watch.max); try again later")
                    .withRetryAfter(Duration.ofSeconds(5))
                    .toException();
        }
    }

    /** So many bytes more wait for one, or fewer. */
    void unread(long bytes) {
        unread.addAndGet(bytes);
    }

    /** Whether as much waits as may. */
    boolean areFull() {
        return unread.get() >= unreadMax;
    }

    void opened(EventStream stream) {
        open.add(stream);
        if (closed) {
            stream.end(stopping());
        }
    }

    void left(EventStream stream) {
        open.remove(stream);
        count.decrementAndGet();
    }

    /** Tells all that they should come back elsewhere, and lets nobody in any more. */
    public void close() {
        closed = true;
        open.forEach(stream -> stream.end(stopping()));
    }

    private static Problem stopping() {
        return Problem.of(503, "STOPPING", "the sidecar stops; go on elsewhere from the last id")
                .withRetryAfter(Duration.ofSeconds(1));
    }
}
