// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What the writer, the flusher and the compactor share: the current version, the queue of frozen memtables, what is to be
 * compacted, and what has failed. Its monitor guards all of it and wakes all of them; volatile fields are read without
 * it. Nobody does I/O under it.
 *
 * <p>The writer freezes, the flusher thread takes frozen memtables and installs their tables, the compactor thread
 * installs what it merged. A job that fails stalls until somebody who was told of the failure calls again.
 */
final class EngineState {
    private static final int FROZEN_MAX = 2;

    /** For every 64 KiB (see MapDbEngine): 64 MB/s with the first table too many, a quarter of it with the fourth. */
    private static final long SLOW_NANOS_PER_TABLE = 1_000_000;

    /** For every MiB of its output: a compaction beside an endless flush still writes 20 MiB/s. */
    private static final long YIELD_NANOS_MAX = 50_000_000;

    private final EngineOptions options;
    private final Deque<Frozen> frozen = new ArrayDeque<>();
    private final HeldVersions held = new HeldVersions();
    private final Failures failures = new Failures();
    private final List<CompletableFuture<Void>> fullCompactions = new ArrayList<>();

    private volatile Version current;
    private volatile Applied durableEnd;
    private volatile long horizon;
    private volatile boolean closed;
    private volatile boolean flushStalled;
    private volatile boolean compactionStalled;
    private boolean compactionHasNoRoom;
    private boolean compactionWanted = true;
    private boolean compacting;
    private boolean flushing;
    private volatile long slowedNanos;

    EngineState(EngineOptions options, Levels levels, Applied durableEnd, long horizon) {
        this.options = options;
        this.current = new Version(new Memtable(), List.of(), levels, held);
        this.durableEnd = durableEnd;
        this.horizon = horizon;
    }

    HeldVersions held() {
        return held;
    }

    Version current() {
        return current;
    }

    /** The current version, held: the caller releases it. */
    Version holdCurrent() {
        while (true) {
            checkOpen();
            Version version = current;
            if (version.tryHold()) {
                return version;
            }
        }
    }

    Applied durableEnd() {
        return durableEnd;
    }

    long horizon() {
        return horizon;
    }

    synchronized void raiseHorizon(long index) {
        checkOpen();
        if (index > horizon) {
            horizon = index;
            compactionWanted = true;
            notifyAll();
        }
    }

    void checkOpen() {
        if (closed) {
            throw new EngineClosedException();
        }
    }

    /** By the writer, before each change: throws what the background has failed with, and has it tried again. */
    synchronized void tellFailures() {
        checkOpen();
        try {
            failures.tell();
        } catch (EngineException told) {
            retry();
            throw told;
        }
    }

    /** By the writer: a failure that a checkpoint's future has told is not told here, but the job is tried again. */
    void retryStalled() {
        if (flushStalled || compactionStalled) {
            synchronized (this) {
                retry();
            }
        }
    }

    private void retry() {
        if (compactionStalled && !compactionHasNoRoom) {
            compactionWanted = true;
            compactionStalled = false;
        }
        flushStalled = false;
        notifyAll();
    }

    /**
     * By the writer: while level 0 is crowded, waits a little, the longer the nearer the stop is. Ends early when
     * compaction has caught up; does not wait for one that cannot run.
     *
     * @param chunks of 64 KiB written since the last call
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the writer alone
    void slowDown(long chunks) {
        if (tablesTooMany() == 0) {
            return;
        }
        long start = System.nanoTime();
        synchronized (this) {
            long left = chunks * tablesTooMany() * SLOW_NANOS_PER_TABLE;
            while (left > 0 && !closed && tablesTooMany() > 0) {
                await(left);
                left = start + chunks * tablesTooMany() * SLOW_NANOS_PER_TABLE - System.nanoTime();
            }
        }
        slowedNanos += System.nanoTime() - start;
    }

    private int tablesTooMany() {
        int tables = current.levels().level0().size();
        return compactionStalled ? 0 : Math.max(0, tables - options.level0TablesSlow() + 1);
    }

    long slowedNanos() {
        return slowedNanos;
    }

    /**
     * By the compactor, now and then: a checkpoint goes first, so that it stays short. Not while level 0 is crowded,
     * when it is compaction that others wait for; and never for long.
     */
    synchronized void yieldToFlush() {
        long end = System.nanoTime() + YIELD_NANOS_MAX;
        for (long left = YIELD_NANOS_MAX; left > 0; left = end - System.nanoTime()) {
            if (!flushing || closed || tablesTooMany() > 0) {
                return;
            }
            await(left);
        }
    }

    /** By the writer: moves the active memtable to the frozen ones; waits while two are there. */
    synchronized void freeze(Applied end, List<CompletableFuture<Checkpoint>> waiting) {
        while (frozen.size() >= FROZEN_MAX) {
            checkOpen();
            failures.tell();
            retry();
            await();
        }
        checkOpen();
        Frozen added = new Frozen(current.active(), end);
        waiting.forEach(added::await);
        frozen.addLast(added);
        retry();
        swap(new Memtable(), current.levels());
    }

    /** By the writer: whether a state is on its way to the disk already, or there, and the future needs no new one. */
    synchronized boolean joinsCheckpoint(Applied end, boolean horizonIsDurable, CompletableFuture<Checkpoint> future) {
        Frozen last = frozen.peekLast();
        if (last != null && last.end().equals(end)) {
            last.await(future);
            retry();
            return true;
        }
        return last == null && durableEnd.equals(end) && horizonIsDurable && future.complete(end.toCheckpoint());
    }

    private void swap(Memtable active, Levels levels) {
        List<Memtable> memtables = new ArrayList<>();
        frozen.forEach(one -> memtables.add(one.memtable()));
        Collections.reverse(memtables);
        Version before = current;
        current = new Version(active, memtables, levels, held);
        before.replaced();
        notifyAll();
    }

    /** By the flusher: the oldest frozen memtable, once it may be written; null when the engine closes. */
    synchronized @Nullable Frozen awaitFrozen() {
        setFlushing(false);
        while (!closed && (frozen.isEmpty() || flushStalled || level0Full())) {
            await();
        }
        if (closed) {
            return null;
        }
        setFlushing(true);
        return frozen.getFirst();
    }

    private void setFlushing(boolean now) {
        flushing = now;
        notifyAll();
    }

    /** Compaction that cannot run must not stop checkpoints as well. */
    private boolean level0Full() {
        return current.levels().level0().size() >= options.level0TablesStop() && !compactionStalled;
    }

    /** By the flusher, when the tables are durable. */
    synchronized void installFlushed(Frozen flushed, Levels levels) {
        frozen.remove(flushed);
        durableEnd = flushed.end();
        compactionWanted = true;
        swap(current.active(), levels);
    }

    synchronized List<CompletableFuture<Checkpoint>> takeWaiting(Frozen flushed) {
        return flushed.takeWaiting();
    }

    /**
     * By the flusher. Tables are written in order, so the failure of the oldest is that of every checkpoint behind it:
     * they are given back to be told.
     */
    synchronized List<CompletableFuture<Checkpoint>> flushFailed(EngineException failure) {
        List<CompletableFuture<Checkpoint>> waiting = new ArrayList<>();
        frozen.forEach(job -> waiting.addAll(job.takeWaiting()));
        failures.note(failure, !waiting.isEmpty());
        flushStalled = true;
        notifyAll();
        return waiting;
    }

    /** @param asked who waits for a compaction of everything; empty when the levels alone decide */
    record CompactionJob(Version held, long dropThrough, List<CompletableFuture<Void>> asked) {}

    /** By the compactor: what to look at next, with the version held; null when the engine closes. */
    synchronized @Nullable CompactionJob awaitCompaction() {
        compacting = false;
        notifyAll();
        while (!closed && !compactionWanted && fullCompactions.isEmpty()) {
            await();
        }
        if (closed) {
            return null;
        }
        compacting = true;
        compactionWanted = false;
        List<CompletableFuture<Void>> asked = List.copyOf(fullCompactions);
        fullCompactions.clear();
        return new CompactionJob(holdCurrent(), Math.min(horizon, durableEnd.index()), asked);
    }

    synchronized void askForFullCompaction(CompletableFuture<Void> future) {
        checkOpen();
        fullCompactions.add(future);
        notifyAll();
    }

    /** By the compactor, when the tables are durable. */
    synchronized void installCompacted(Levels levels) {
        compactionWanted = true;
        swap(current.active(), levels);
    }

    /**
     * By the compactor. One that finds no room holds nobody up: what is written may still fit. It is tried again with the next
     * table, not with every call, because each attempt takes what room there is for as long as it lasts.
     */
    synchronized void compactionFailed(EngineException failure, boolean told) {
        compactionHasNoRoom = failure instanceof EngineFullException;
        failures.note(failure, told || compactionHasNoRoom);
        compactionStalled = true;
        notifyAll();
    }

    /** By the compactor: it can run, or there is nothing to do. */
    synchronized void compactionSucceeded() {
        compactionStalled = false;
        compactionHasNoRoom = false;
    }

    /** Waits until no background work is left, or it has stalled. */
    synchronized void awaitIdle() {
        while (!closed && (compacting || compactionWanted || !(frozen.isEmpty() || flushStalled))) {
            await();
        }
    }

    /** Gives up the processor and the monitor until something changes; callers loop over their own condition. */
    private void await() {
        await(0);
    }

    /** As {@link #await()}, for so long at most; 0 is without end. */
    @SuppressWarnings("WaitNotInLoop")
    private void await(long nanos) {
        try {
            wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for background work", e);
        }
    }

    /** From here on calls are refused and both threads end; false when that was so already. */
    synchronized boolean close() {
        boolean first = !closed;
        closed = true;
        notifyAll();
        return first;
    }

    /** After both threads have ended: lets go of the current version, and gives back who still waits. */
    synchronized List<CompletableFuture<?>> abandon() {
        List<CompletableFuture<?>> abandoned = new ArrayList<>(fullCompactions);
        frozen.forEach(one -> abandoned.addAll(one.takeWaiting()));
        current.release();
        return abandoned;
    }
}
