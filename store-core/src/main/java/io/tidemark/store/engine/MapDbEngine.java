// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The durable engine: a memtable in front of levels of MapDB tables. The package page tells how it fits together.
 *
 * <p>Threads: the caller's writer owns the memtable; {@code tidemark-engine-flush} turns frozen memtables into tables;
 * {@code tidemark-engine-compact} merges tables. {@code mutex} guards the queue of frozen memtables, the swap of the
 * current version, and the failures; nobody does I/O under it.
 */
public final class MapDbEngine implements Engine {
    private static final int FROZEN_MAX = 2;

    private final EngineOptions options;
    private final DurableState durable;
    private final CompactionPicker picker;
    private final Object writing = new Object();
    private final Object mutex = new Object();
    private final Deque<Frozen> frozen = new ArrayDeque<>();
    private final Failures failures = new Failures();
    private final List<CompletableFuture<Void>> fullCompactions = new ArrayList<>();
    private final Thread flusher;
    private final Thread compactor;

    private volatile Version current;
    private volatile Applied applied;
    private volatile Applied durableEnd;
    private volatile long horizon;
    private volatile long compactions;
    private volatile boolean closed;
    private volatile boolean flushStalled;
    private volatile boolean compactionStalled;
    private boolean compactionWanted = true;
    private boolean compacting;

    private MapDbEngine(EngineOptions options, DurableState durable) {
        this.options = options;
        this.durable = durable;
        this.picker = new CompactionPicker(options);
        Manifest manifest = durable.manifest();
        this.applied = new Applied(manifest.index(), manifest.position());
        this.durableEnd = applied;
        this.horizon = manifest.horizon();
        this.current = new Version(new Memtable(), List.of(), durable.levels());
        durable.levels().all().forEach(Table::release);
        this.flusher = new Thread(this::flushLoop, "tidemark-engine-flush");
        this.compactor = new Thread(this::compactLoop, "tidemark-engine-compact");
    }

    /**
     * Opens or creates the store in a directory.
     *
     * @throws DirectoryInUseException when another engine has it
     * @throws CorruptionException when a file is damaged beyond what its twin can repair
     */
    public static MapDbEngine open(Path directory, EngineOptions options) {
        try {
            return open(DiskStorage.open(directory), options);
        } catch (IOException e) {
            throw EngineIoException.of(e);
        }
    }

    static MapDbEngine open(Storage storage, EngineOptions options) {
        try {
            MapDbEngine engine = new MapDbEngine(options, DurableState.open(storage, options));
            engine.start();
            return engine;
        } catch (Throwable e) {
            try {
                storage.close();
            } catch (IOException closing) {
                e.addSuppressed(closing);
            }
            throw e instanceof Error error ? throwError(error) : Failures.typed(e);
        }
    }

    private static EngineException throwError(Error error) {
        throw error;
    }

    private void start() {
        flusher.setDaemon(true);
        compactor.setDaemon(true);
        flusher.start();
        compactor.start();
    }

    @Override
    public void apply(List<CommitRows> commits) {
        synchronized (writing) {
            CommitRows.requireApplicable(commits, applied.index(), options);
            tellFailures();
            if (flushStalled || compactionStalled) {
                synchronized (mutex) {
                    retry();
                }
            }
            if (current.active().bytes() >= options.memtableBytesMax()) {
                freeze(List.of());
            }
            commits.forEach(current.active()::add);
            CommitRows last = commits.get(commits.size() - 1);
            applied = new Applied(last.index(), last.position());
        }
    }

    @Override
    public long memtableBytes() {
        return current.active().bytes();
    }

    @Override
    public void movePosition(byte[] position) {
        synchronized (writing) {
            checkOpen();
            applied = new Applied(applied.index(), CommitRows.copyOfPosition(position));
        }
    }

    private void tellFailures() {
        synchronized (mutex) {
            checkOpen();
            try {
                failures.tell();
            } catch (EngineException told) {
                retry();
                throw told;
            }
        }
    }

    private void retry() {
        if (flushStalled || compactionStalled) {
            compactionWanted |= compactionStalled;
            flushStalled = false;
            compactionStalled = false;
            mutex.notifyAll();
        }
    }

    /** Moves the active memtable to the frozen ones; waits while two are there. The caller holds the writer lock. */
    private void freeze(List<CompletableFuture<Checkpoint>> waiting) {
        synchronized (mutex) {
            while (frozen.size() >= FROZEN_MAX) {
                checkOpen();
                failures.tell();
                if (flushStalled) {
                    retry();
                }
                waitOnMutex();
            }
            checkOpen();
            Frozen added = new Frozen(current.active(), applied);
            waiting.forEach(added::await);
            frozen.addLast(added);
            retry();
            swap(new Memtable(), current.levels());
        }
    }

    /** Holding {@code mutex}. */
    private void swap(Memtable active, Levels levels) {
        List<Memtable> memtables = new ArrayList<>();
        frozen.forEach(one -> memtables.add(one.memtable()));
        Collections.reverse(memtables);
        Version before = current;
        current = new Version(active, memtables, levels);
        before.release();
        mutex.notifyAll();
    }

    @Override
    public CompletableFuture<Checkpoint> checkpoint() {
        synchronized (writing) {
            tellFailures();
            CompletableFuture<Checkpoint> future = new CompletableFuture<>();
            synchronized (mutex) {
                Frozen last = frozen.peekLast();
                if (last != null && last.end().equals(applied)) {
                    last.await(future);
                    retry();
                    return future;
                }
                if (last == null
                        && durableEnd.equals(applied)
                        && horizon == durable.manifest().horizon()) {
                    future.complete(applied.toCheckpoint());
                    return future;
                }
            }
            freeze(List.of(future));
            return future;
        }
    }

    private void flushLoop() {
        while (true) {
            Frozen oldest;
            synchronized (mutex) {
                while (!closed && (frozen.isEmpty() || flushStalled || level0Full())) {
                    waitOnMutex();
                }
                if (closed) {
                    return;
                }
                oldest = frozen.getFirst();
            }
            try {
                durable.flush(oldest, horizon, levels -> installFlushed(oldest, levels));
                List<CompletableFuture<Checkpoint>> waiting;
                synchronized (mutex) {
                    waiting = oldest.takeWaiting();
                }
                waiting.forEach(future -> future.complete(oldest.end().toCheckpoint()));
            } catch (Throwable e) {
                flushFailed(Failures.typed(e));
            }
        }
    }

    /** Compaction that cannot run must not stop checkpoints as well. Holding {@code mutex}. */
    private boolean level0Full() {
        return durable.levels().level0().size() >= options.level0TablesStop() && !compactionStalled;
    }

    private void installFlushed(Frozen flushed, Levels levels) {
        synchronized (mutex) {
            frozen.remove(flushed);
            durableEnd = flushed.end();
            compactionWanted = true;
            swap(current.active(), levels);
        }
    }

    /** Tables are written in order, so the failure of the oldest is that of every checkpoint behind it. */
    private void flushFailed(EngineException failure) {
        List<CompletableFuture<Checkpoint>> waiting = new ArrayList<>();
        synchronized (mutex) {
            frozen.forEach(job -> waiting.addAll(job.takeWaiting()));
            failures.note(failure, !waiting.isEmpty());
            flushStalled = true;
            mutex.notifyAll();
        }
        waiting.forEach(future -> future.completeExceptionally(failure));
    }

    private void compactLoop() {
        while (true) {
            List<CompletableFuture<Void>> full;
            Version version;
            synchronized (mutex) {
                compacting = false;
                mutex.notifyAll();
                while (!closed && !compactionWanted && fullCompactions.isEmpty()) {
                    waitOnMutex();
                }
                if (closed) {
                    return;
                }
                compacting = true;
                compactionWanted = false;
                full = List.copyOf(fullCompactions);
                fullCompactions.clear();
                version = current;
                version.tryHold();
            }
            try {
                compactOnce(version.levels(), !full.isEmpty());
                full.forEach(future -> future.complete(null));
            } catch (Throwable e) {
                EngineException failure = Failures.typed(e);
                synchronized (mutex) {
                    failures.note(failure, !full.isEmpty());
                    compactionStalled = true;
                    mutex.notifyAll();
                }
                full.forEach(future -> future.completeExceptionally(failure));
            } finally {
                version.release();
            }
        }
    }

    private void compactOnce(Levels levels, boolean all) throws IOException {
        long dropThrough = Math.min(horizon, durableEnd.index());
        CompactionPicker.Plan plan = all ? picker.pickAll(levels) : picker.pick(levels, dropThrough);
        if (plan == null) {
            return;
        }
        durable.compact(plan, dropThrough, this::installCompacted);
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written by the compaction thread alone
    private void installCompacted(Levels levels) {
        synchronized (mutex) {
            compactions++;
            compactionWanted = true;
            swap(current.active(), levels);
        }
    }

    /** Merges all tables into the last level, dropping all that may go. */
    public CompletableFuture<Void> compactFully() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        synchronized (mutex) {
            checkOpen();
            fullCompactions.add(future);
            mutex.notifyAll();
        }
        return future;
    }

    /** Waits until no background work is left, or it has stalled. */
    void awaitIdle() {
        synchronized (mutex) {
            while (!closed && (compacting || compactionWanted || !(frozen.isEmpty() || flushStalled))) {
                waitOnMutex();
            }
        }
    }

    /** Reads every table from end to end against its checksums; throws at the first damage. */
    void scrub() {
        Version version = holdCurrent();
        try {
            version.levels().all().forEach(Table::scrub);
        } finally {
            version.release();
        }
    }

    @Override
    public long appliedIndex() {
        return applied.index();
    }

    @Override
    public byte[] position() {
        return applied.position().clone();
    }

    @Override
    public View view() {
        while (true) {
            // The index first: a version held later contains all rows up to it. The horizon last: no table of the
            // version was compacted beyond it.
            long index = applied.index();
            Version version = holdCurrent();
            long passed = horizon;
            if (index >= passed) {
                return new MapDbView(version, options, index, passed);
            }
            version.release();
        }
    }

    @Override
    public View viewAt(long index) {
        long newest = applied.index();
        if (index > newest) {
            throw new IllegalArgumentException("index: " + index + " (expected: <= applied index " + newest + ")");
        }
        Version version = holdCurrent();
        long passed = horizon;
        if (index < passed) {
            version.release();
            throw new HorizonPassedException(index, passed);
        }
        return new MapDbView(version, options, index, passed);
    }

    private Version holdCurrent() {
        while (true) {
            checkOpen();
            Version version = current;
            if (version.tryHold()) {
                return version;
            }
        }
    }

    @Override
    public long durableIndex() {
        return durableEnd.index();
    }

    @Override
    public void setHorizon(long index) {
        synchronized (mutex) {
            checkOpen();
            if (index > applied.index()) {
                throw new IllegalArgumentException(
                        "horizon: " + index + " (expected: <= applied index " + applied.index() + ")");
            }
            if (index > horizon) {
                horizon = index;
                compactionWanted = true;
                mutex.notifyAll();
            }
        }
    }

    @Override
    public long horizon() {
        return horizon;
    }

    @Override
    public EngineStats stats() {
        Version version = holdCurrent();
        try {
            List<Table> tables = version.levels().all();
            return new EngineStats(
                    appliedIndex(),
                    durableIndex(),
                    horizon,
                    version.active().bytes()
                            + version.frozen().stream()
                                    .mapToLong(Memtable::bytes)
                                    .sum(),
                    version.frozen().size(),
                    version.levels().level0().size(),
                    tables.size(),
                    tables.stream().mapToLong(t -> t.footer().tableBytes()).sum(),
                    tables.stream().mapToLong(t -> t.footer().rows()).sum(),
                    compactions,
                    durable.openedFromFallback());
        } finally {
            version.release();
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("engine is closed");
        }
    }

    @SuppressWarnings("WaitNotInLoop") // every caller loops over its own condition
    private void waitOnMutex() {
        try {
            mutex.wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for background work", e);
        }
    }

    @Override
    public void close() {
        List<CompletableFuture<?>> abandoned = new ArrayList<>();
        synchronized (mutex) {
            if (closed) {
                return;
            }
            closed = true;
            mutex.notifyAll();
        }
        joinUninterruptibly(flusher);
        joinUninterruptibly(compactor);
        synchronized (mutex) {
            frozen.forEach(one -> abandoned.addAll(one.takeWaiting()));
            abandoned.addAll(fullCompactions);
            current.release();
        }
        abandoned.forEach(future -> future.completeExceptionally(new IllegalStateException("engine is closed")));
        try {
            durable.close();
        } catch (IOException e) {
            throw EngineIoException.of(e);
        }
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
