// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Those who wait until an index is applied. Any thread waits; the store's writer tells of progress and is not held up: it looks
 * at one number, and whoever is waked goes on elsewhere.
 */
public final class IndexWaiters {

    private static final int SWEEP_MIN = 64;

    private record Waiter(long index, CompletableFuture<Void> reached) {}

    private final LongSupplier applied;
    private final Executor wakers;
    private final PriorityQueue<Waiter> waiting = new PriorityQueue<>((a, b) -> Long.compare(a.index, b.index));
    private volatile long lowest = Long.MAX_VALUE;

    /** When so many wait, those who have given up are looked for. Guarded by the queue. */
    private int sweepAt = SWEEP_MIN;

    /** Guarded by the queue. */
    private @Nullable RuntimeException ended;

    /** Whoever gives the applied index must see it rise before {@link #advanced} is called. */
    public IndexWaiters(LongSupplier applied, Executor wakers) {
        this.applied = applied;
        this.wakers = wakers;
    }

    /** Completes once an index is applied; at once if it is. Cancel it to stop waiting. */
    public CompletableFuture<Void> reached(long index) {
        if (applied.getAsLong() >= index) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> reached = new CompletableFuture<>();
        synchronized (waiting) {
            if (ended != null) {
                return CompletableFuture.failedFuture(ended);
            }
            if (waiting.size() >= sweepAt) {
                waiting.removeIf(waiter -> waiter.reached.isDone());
                sweepAt = Math.max(SWEEP_MIN, 2 * waiting.size());
            }
            waiting.add(new Waiter(index, reached));
            lowest = lowestWaiting();
        }
        // It may have been applied between the first look and the entry in the queue.
        advanced();
        return reached;
    }

    /** Wakes those whose index is applied by now. */
    public void advanced() {
        long now = applied.getAsLong();
        if (now < lowest) {
            return;
        }
        List<Waiter> waked = new ArrayList<>();
        synchronized (waiting) {
            while (!waiting.isEmpty() && waiting.peek().index <= now) {
                waked.add(waiting.poll());
            }
            lowest = lowestWaiting();
        }
        if (!waked.isEmpty()) {
            wakers.execute(() -> waked.forEach(waiter -> waiter.reached.complete(null)));
        }
    }

    /** The index will not be reached: fails those who wait, and whoever comes later. */
    public void end(RuntimeException reason) {
        List<Waiter> all;
        synchronized (waiting) {
            ended = reason;
            all = new ArrayList<>(waiting);
            waiting.clear();
            lowest = Long.MAX_VALUE;
        }
        if (!all.isEmpty()) {
            wakers.execute(() -> all.forEach(waiter -> waiter.reached.completeExceptionally(reason)));
        }
    }

    private long lowestWaiting() {
        Waiter first = waiting.peek();
        return first == null ? Long.MAX_VALUE : first.index;
    }
}
