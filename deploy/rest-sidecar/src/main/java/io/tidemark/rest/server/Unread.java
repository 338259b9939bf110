// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tidemark.rest.http.Problem;
import java.time.Duration;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of answers is in memory because their callers have not taken them yet. Above its limit no request is begun, and callers that
 * are slow lose theirs; requests that are under way may still exceed it. For any thread.
 */
final class Unread {

    /** Smaller answers are not counted one by one: as many as there may be requests fit beside all others. */
    private static final long COUNTED_FROM = 16 << 10;

    /** So long an answer may take where others want the room. */
    private static final Duration SLOW = Duration.ofSeconds(5);

    private final long bytesMax;
    private final AtomicLong bytes = new AtomicLong();
    private final Set<Held> held = ConcurrentHashMap.newKeySet();

    private record Held(ServiceRequestContext context, long nanos) {}

    Unread(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    long bytes() {
        return bytes.get();
    }

    /** Whether there is no room for a further answer. Then the oldest one, if it is a slow caller's, makes some. */
    boolean isFull() {
        if (bytes.get() <= bytesMax) {
            return false;
        }
        long now = System.nanoTime();
        held.stream()
                .max(Comparator.comparingLong(each -> now - each.nanos()))
                .filter(oldest -> now - oldest.nanos() > SLOW.toNanos())
                .ifPresent(oldest -> cutOff(oldest.context()));
        return true;
    }

    /** What it has not taken is with the connection: over HTTP/1.1 that is its alone, over HTTP/2 others may read from it. */
    private static void cutOff(ServiceRequestContext context) {
        context.cancel();
        if (!context.sessionProtocol().isMultiplex()) {
            var unused = context.log().partial().channel().close();
        }
    }

    /** Counts an answer that is whole, until it is taken. Streams have limits of their own. */
    void hold(ServiceRequestContext context, ResponseHeaders headers) {
        long length = headers.contentLength();
        if (length < COUNTED_FROM) {
            return;
        }
        Held answer = new Held(context, System.nanoTime());
        held.add(answer);
        bytes.addAndGet(length);
        var unused = context.log().whenComplete().thenRun(() -> {
            held.remove(answer);
            bytes.addAndGet(-length);
        });
    }

    RuntimeException busy() {
        return Problem.of(
                        503,
                        "SIDECAR_BUSY",
                        "the sidecar has more than " + bytesMax
                                + " bytes of answers that their callers have not taken (limit: rest.max-unread-bytes)")
                .withRetryAfter(Duration.ofSeconds(1))
                .toException();
    }
}
