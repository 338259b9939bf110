// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.upkeep;

import io.tidemark.proto.v1.CreateCheckpointResponse;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.store.state.Store;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Makes the state of a server's own store durable, on request. For any thread. */
public final class Checkpoints {

    private final Function<Store, ResponseHeader> headers;
    private final Executor workers;

    /**
     * Makes checkpoints of whatever store it is given.
     *
     * @param headers those of an answer from a store
     * @param workers wait for the store's writer
     */
    public Checkpoints(Function<Store, ResponseHeader> headers, Executor workers) {
        this.headers = headers;
        this.workers = workers;
    }

    /** Completes once all that is applied now is durable. */
    public CompletableFuture<CreateCheckpointResponse> create(Store store) {
        CompletableFuture<CreateCheckpointResponse> answer = new CompletableFuture<>();
        workers.execute(() -> {
            try {
                begin(store, answer);
            } catch (Throwable e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /** The store completes it on a thread of its own, which must not be kept: the answer is made on the workers. */
    @SuppressWarnings("FutureReturnValueIgnored") // the listener does not throw
    private void begin(Store store, CompletableFuture<CreateCheckpointResponse> answer) {
        store.checkpoint()
                .thenApplyAsync(
                        checkpoint -> CreateCheckpointResponse.newBuilder()
                                .setHeader(headers.apply(store))
                                .setCheckpointIndex(checkpoint.index())
                                .build(),
                        workers)
                .whenComplete((made, failure) -> {
                    if (failure == null) {
                        answer.complete(made);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
    }
}
