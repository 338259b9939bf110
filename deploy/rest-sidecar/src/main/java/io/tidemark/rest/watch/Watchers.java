// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.watch;

import io.tidemark.rest.http.Problem;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The watchers that there are: so many and no more, and all told when the process stops. For any thread. */
public final class Watchers {

    private final int max;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<EventStream> open = ConcurrentHashMap.newKeySet();

    public Watchers(int max) {
        this.max = max;
    }

    /** How many there are. */
    public int count() {
        return count.get();
    }

    /** Takes one in, or fails with a problem. */
    void enter() {
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

    void opened(EventStream stream) {
        open.add(stream);
    }

    void left(EventStream stream) {
        open.remove(stream);
        count.decrementAndGet();
    }

    /** Tells all that they should come back elsewhere. */
    public void close() {
        Problem stopping = Problem.of(503, "STOPPING", "the sidecar stops; go on elsewhere from the last id")
                .withRetryAfter(Duration.ofSeconds(1));
        open.forEach(stream -> stream.end(stopping));
    }
}
