// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A watch that is under way, until it is closed. For any thread. */
public final class WatchHandle implements AutoCloseable {

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final Runnable close;

    WatchHandle(Runnable close) {
        this.close = close;
    }

    /**
     * Completes after the last call of the listener: with nothing when it was closed, with the reason when the watch could not go on, or
     * the listener threw.
     */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /** Ends it, and the server's side with it. An event that the listener is dealing with is the last one. Does nothing the second time. */
    @Override
    public void close() {
        close.run();
    }

    void over(@Nullable Throwable failure) {
        if (failure == null) {
            ended.complete(null);
        } else {
            ended.completeExceptionally(failure);
        }
    }
}
