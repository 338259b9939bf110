// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a stream brings, taken one message at a time and only when the test asks for it. */
final class Received<Q, A> implements ClientResponseObserver<Q, A> {

    private static final long SECONDS_MAX = 20;

    private final BlockingQueue<A> messages = new LinkedBlockingQueue<>();
    private final CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
    private final CompletableFuture<ClientCallStreamObserver<Q>> call = new CompletableFuture<>();

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> stream) {
        stream.disableAutoRequestWithInitial(0);
        call.complete(stream);
    }

    @Override
    public void onNext(A message) {
        messages.add(message);
    }

    @Override
    public void onError(Throwable failure) {
        end.complete(failure);
    }

    @Override
    public void onCompleted() {
        end.complete(null);
    }

    A next() throws Exception {
        call.get(SECONDS_MAX, TimeUnit.SECONDS).request(1);
        A message = messages.poll(SECONDS_MAX, TimeUnit.SECONDS);
        assertThat(message).as("a message").isNotNull();
        return message;
    }

    void cancel() throws Exception {
        call.get(SECONDS_MAX, TimeUnit.SECONDS).cancel("the test has seen enough", null);
    }

    /** Why the stream ended; null: it was complete. */
    @Nullable Throwable end() throws Exception {
        call.get(SECONDS_MAX, TimeUnit.SECONDS).request(1_000_000);
        return end.get(SECONDS_MAX, TimeUnit.SECONDS);
    }

    int waiting() {
        return messages.size();
    }
}
