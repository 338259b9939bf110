// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.server;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpObject;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.tidemark.rest.http.Problem;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/** How much of the bodies of requests under way is in memory, counted as it comes, whatever they say of their length. For any thread. */
final class Bodies {

    private static final byte[] NOTHING = {};

    private final long bytesMax;
    private final AtomicLong taken = new AtomicLong();

    /** @param bodyBytesMax of one body, which is never too much */
    Bodies(long bytesMax, long bodyBytesMax) {
        this.bytesMax = Math.max(bytesMax, bodyBytesMax);
    }

    long bytes() {
        return taken.get();
    }

    /** The body of a request, read to its end, or the problem that there is no room for more of it. To be released. */
    Body read(ServiceRequestContext context, HttpRequest request) {
        Body body = new Body();
        if (request.isEmpty()) {
            var unused = request.aggregate().whenComplete((whole, failure) -> body.end(failure, NOTHING));
        } else {
            request.subscribe(body, context.eventLoop());
        }
        return body;
    }

    /** One of them. It belongs to the event loop of its request, but for its end. */
    final class Body implements Subscriber<HttpObject> {

        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private final ByteArrayOutputStream part = new ByteArrayOutputStream();
        private final AtomicLong bytes = new AtomicLong();
        private @Nullable Subscription subscription;

        CompletableFuture<byte[]> whole() {
            return whole;
        }

        @Override
        public void onSubscribe(Subscription begun) {
            subscription = begun;
            begun.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(HttpObject next) {
            // The others are trailers, which say nothing here.
            if (next instanceof HttpData data && !whole.isDone()) {
                if (taken.addAndGet(data.length()) > bytesMax) {
                    taken.addAndGet(-data.length());
                    if (subscription != null) {
                        subscription.cancel();
                    }
                    whole.completeExceptionally(busy());
                    return;
                }
                bytes.addAndGet(data.length());
                part.writeBytes(data.array());
            }
        }

        @Override
        public void onError(Throwable failure) {
            end(failure, NOTHING);
        }

        @Override
        public void onComplete() {
            end(null, part.toByteArray());
        }

        private void end(@Nullable Throwable failure, byte[] content) {
            if (failure == null) {
                whole.complete(content);
            } else {
                whole.completeExceptionally(failure);
            }
        }

        /** What it took is free again. */
        void release() {
            taken.addAndGet(-bytes.getAndSet(0));
        }
    }

    private RuntimeException busy() {
        return Problem.of(
                        503,
                        "SIDECAR_BUSY",
                        "the sidecar has " + bytesMax
                                + " bytes of bodies under way already (limit: rest.max-pending-bytes)")
                .withRetryAfter(Duration.ofSeconds(1))
                .toException();
    }
}
