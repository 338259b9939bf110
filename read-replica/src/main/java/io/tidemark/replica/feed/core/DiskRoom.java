// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.server.time.Timers;
import io.tidemark.store.engine.EngineFullException;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreCheckpoint;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Whether the disk has room. When it has none, nothing was lost, and nothing more is applied until what is here is durable: that is the
 * proof that there is room again. Of the feed's thread.
 */
final class DiskRoom {

    static final Duration RETRY = Duration.ofSeconds(1);

    private final StoreHome home;
    private final FeedEvents events;
    private final Timers timers;
    private final Runnable goOn;
    private boolean full;
    private boolean closed;

    /** Null: not tried. */
    private @Nullable CompletableFuture<StoreCheckpoint> tried;

    /** @param goOn called when there is room again */
    DiskRoom(StoreHome home, FeedEvents events, Timers timers, Runnable goOn) {
        this.home = home;
        this.events = events;
        this.timers = timers;
        this.goOn = goOn;
    }

    boolean isFull() {
        return full;
    }

    /** Something could not be written. */
    void full() {
        if (!full && !closed) {
            full = true;
            events.diskFull(true);
            timers.after(RETRY, this::look);
        }
    }

    /** There is another store, of which nothing was tried. */
    void storeChanged() {
        tried = null;
    }

    void close() {
        closed = true;
    }

    private void look() {
        if (closed) {
            return;
        }
        CompletableFuture<StoreCheckpoint> last = tried;
        Store store = home.store();
        if (store != null && (last == null || !last.isDone() || last.isCompletedExceptionally())) {
            if (last == null || last.isDone()) {
                tried = tryCheckpoint(store);
            }
            timers.after(RETRY, this::look);
            return;
        }
        tried = null;
        full = false;
        events.diskFull(false);
        goOn.run();
    }

    private static @Nullable CompletableFuture<StoreCheckpoint> tryCheckpoint(Store store) {
        try {
            return store.checkpoint();
        } catch (EngineFullException e) {
            return null;
        }
    }
}
