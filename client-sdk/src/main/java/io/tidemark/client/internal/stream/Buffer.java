// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.stream;

import static java.util.Objects.requireNonNull;

import io.tidemark.client.TidemarkException;
import java.util.ArrayDeque;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a stream has brought and nobody has taken yet. Whoever fills it asks for no more than {@link #hasRoom} allows; what was asked
 * for is taken in any case, so that it may hold a few messages more than its bound. For any thread; guarded by itself. Nobody is
 * called with the lock held.
 */
public final class Buffer<B> {

    private final long bytesMax;
    private final ArrayDeque<Item<B>> items = new ArrayDeque<>();
    private long bytes;
    private boolean over;
    private @Nullable TidemarkException failure;

    private volatile Runnable onNews = () -> {};
    private volatile Runnable onRoom = () -> {};

    private record Item<B>(B content, long bytes) {}

    public Buffer(long bytesMax) {
        if (bytesMax <= 0) {
            throw new IllegalArgumentException("buffer: " + bytesMax + " bytes (expected: > 0)");
        }
        this.bytesMax = bytesMax;
    }

    /** To be called when something came, or it is over. At once if that is so already. */
    void onNews(Runnable listener) {
        onNews = listener;
        listener.run();
    }

    /** To be called when half of the room is free again. */
    public void onRoom(Runnable listener) {
        onRoom = listener;
    }

    public synchronized boolean hasRoom() {
        return bytes < bytesMax;
    }

    /** Once it is over this does nothing. */
    public void put(B content, long contentBytes) {
        put(content, contentBytes, last -> false);
    }

    /**
     * The same, instead of the last one that waits where that is of no interest any more.
     *
     * @param replaced whether it is
     */
    public void put(B content, long contentBytes, Predicate<B> replaced) {
        synchronized (this) {
            if (over) {
                return;
            }
            Item<B> last = items.peekLast();
            if (last != null && replaced.test(last.content)) {
                items.removeLast();
                bytes -= last.bytes;
            }
            items.addLast(new Item<>(content, contentBytes));
            bytes += contentBytes;
            notifyAll();
        }
        onNews.run();
    }

    /** Nothing follows what is here. Only the first end counts. */
    public void end(@Nullable TidemarkException why) {
        synchronized (this) {
            if (over) {
                return;
            }
            over = true;
            failure = why;
            notifyAll();
        }
        onNews.run();
    }

    /** Nobody takes any more: what is here is dropped. */
    void drop() {
        synchronized (this) {
            items.clear();
            bytes = 0;
            over = true;
            failure = null;
            notifyAll();
        }
        onNews.run();
    }

    /**
     * The next one; null if there is none now.
     *
     * @throws TidemarkException why there will be no more; each time that it is asked then
     */
    @Nullable B poll() {
        boolean room;
        Item<B> next;
        synchronized (this) {
            next = items.pollFirst();
            if (next == null) {
                if (failure != null) {
                    throw failure;
                }
                return null;
            }
            bytes -= next.bytes;
            room = bytes <= bytesMax / 2;
        }
        if (room) {
            onRoom.run();
        }
        return requireNonNull(next.content);
    }

    /** Whether {@link #poll} has nothing more to give and nothing to throw, now and later. */
    synchronized boolean isDrained() {
        return over && items.isEmpty() && failure == null;
    }

    /** Whether {@link #poll} has nothing more to give, now and later; it may still throw. */
    synchronized boolean isAtEnd() {
        return over && items.isEmpty();
    }

    /** Waits until there is something to poll, or it is over. False: the time passed. */
    synchronized boolean await(long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        while (items.isEmpty() && !over) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            // Rounded up, so that what is left never counts as for ever.
            wait(left / 1_000_000 + 1);
        }
        return true;
    }
}
