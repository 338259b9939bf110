// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpRequest;
import io.tidemark.rest.http.Problem;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** How much of the bodies of requests under way may be in memory, by what they say of themselves. For any thread. */
final class Bodies {

    private final long bytesMax;
    private final long bodyBytesMax;
    private final AtomicLong taken = new AtomicLong();

    /** @param bodyBytesMax of one body, which is never too much */
    Bodies(long bytesMax, long bodyBytesMax) {
        this.bytesMax = Math.max(bytesMax, bodyBytesMax);
        this.bodyBytesMax = bodyBytesMax;
    }

    /** How large a request's body may become. One that is larger than may be is refused by its length, and nothing of it is kept. */
    long size(HttpRequest request) {
        long length = request.headers().contentLength();
        if (length < 0) {
            return request.isEmpty() ? 0 : bodyBytesMax;
        }
        return length > bodyBytesMax ? 0 : length;
    }

    /** Whether there is room for so much more, which is taken then. */
    boolean take(long bytes) {
        if (bytes == 0 || taken.addAndGet(bytes) <= bytesMax) {
            return true;
        }
        release(bytes);
        return false;
    }

    void release(long bytes) {
        taken.addAndGet(-bytes);
    }

    RuntimeException busy() {
        return Problem.of(
                        503,
                        "SIDECAR_BUSY",
                        "the sidecar has " + bytesMax
                                + " bytes of bodies under way already (limit: rest.max-pending-bytes)")
                .withRetryAfter(Duration.ofSeconds(1))
                .toException();
    }
}
