// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The durable engine: a memtable in front of levels of MapDB tables. The package page tells how it fits together.
 *
 * <p>Threads: the caller's writer owns the active memtable and what is applied, under {@code writing}; {@link Flusher} and
 * {@link Compactor} have one thread each; {@link EngineState} is what the three share. Everybody else only reads.
 */
public final class MapDbEngine implements Engine, CheckpointSource {
    private static final long PACED_BYTES = 64 << 10;

    private final EngineOptions options;
    private final DurableState durable;
    private final EngineState state;
    private final Compactor compactor;
    private final List<Thread> threads;
    private final Object writing = new Object();
    private volatile Applied applied;
    private long unpacedBytes;

    private MapDbEngine(EngineOptions options, DurableState durable) {
        this.options = options;
        this.durable = durable;
        Manifest manifest = durable.manifest();
        this.applied = new Applied(manifest.index(), manifest.position());
        this.state = new EngineState(options, durable.levels(), applied, manifest.horizon());
        durable.levels().all().forEach(Table::release);
        this.compactor = new Compactor(state, durable, options);
        this.threads = List.of(
                new Thread(new Flusher(state, durable), "tidemark-engine-flush"),
                new Thread(compactor, "tidemark-engine-compact"));
    }

    /**
     * Opens or creates the store in a directory.
     *
     * @throws DirectoryInUseException when another engine has it
     * @throws CorruptionException when a file is damaged beyond what its twin can repair
     * @throws IllegalArgumentException when a space of the directory is not in the options, or keeps something else there
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
        } catch (Error | IllegalArgumentException e) {
            closeAfter(e, storage);
            throw e;
        } catch (Exception e) {
            closeAfter(e, storage);
            throw Failures.typed(e);
        }
    }

    private static void closeAfter(Throwable failure, Storage storage) {
        try {
            storage.close();
        } catch (IOException closing) {
            failure.addSuppressed(closing);
        }
    }

    private void start() {
        threads.forEach(thread -> thread.setDaemon(true));
        threads.forEach(Thread::start);
    }

    @Override
    public void apply(List<CommitRows> commits) {
        synchronized (writing) {
            CommitRows.requireApplicable(commits, applied.index(), options);
            state.tellFailures();
            state.retryStalled();
            if (unpacedBytes >= PACED_BYTES) {
                state.slowDown(unpacedBytes / PACED_BYTES);
                unpacedBytes %= PACED_BYTES;
            }
            if (memtableBytes() >= options.memtableBytesMax()) {
                state.freeze(applied, List.of());
            }
            Memtable active = state.current().active();
            long before = active.bytes();
            active.add(commits);
            unpacedBytes += active.bytes() - before;
            CommitRows last = commits.get(commits.size() - 1);
            applied = new Applied(last.index(), last.position());
        }
    }

    @Override
    public long memtableBytes() {
        return state.current().active().bytes();
    }

    @Override
    public void movePosition(byte[] position) {
        synchronized (writing) {
            state.checkOpen();
            applied = new Applied(applied.index(), CommitRows.copyOfPosition(position));
        }
    }

    @Override
    public CompletableFuture<Checkpoint> checkpoint() {
        synchronized (writing) {
            state.tellFailures();
            CompletableFuture<Checkpoint> future = new CompletableFuture<>();
            boolean horizonIsDurable = state.horizon() == durable.manifest().horizon();
            if (!state.joinsCheckpoint(applied, horizonIsDurable, future)) {
                state.freeze(applied, List.of(future));
            }
            return future;
        }
    }

    /** Merges all tables into the last level, dropping all that may go. */
    @Override
    public CompletableFuture<Void> compact() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        state.askForFullCompaction(future);
        return future;
    }

    /** Waits until no background work is left, or it has stalled. */
    void awaitIdle() {
        state.awaitIdle();
    }

    /** Reads tables from end to end, their footers, both manifests and CURRENT. */
    @Override
    public void scrub(ScrubProgress progress) {
        Version version = state.holdCurrent();
        try {
            durable.scrub(version.levels().all(), progress);
        } catch (IOException e) {
            throw EngineIoException.of(e);
        } finally {
            version.release();
        }
    }

    @Override
    public CheckpointFiles pinCheckpoint() {
        state.checkOpen();
        try {
            return durable.pin();
        } catch (IOException e) {
            throw EngineIoException.of(e);
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
            Version version = state.holdCurrent();
            long passed = state.horizon();
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
        Version version = state.holdCurrent();
        long passed = state.horizon();
        if (index < passed) {
            version.release();
            throw new HorizonPassedException(index, passed);
        }
        return new MapDbView(version, options, index, passed);
    }

    @Override
    public long durableIndex() {
        return state.durableEnd().index();
    }

    @Override
    public void setHorizon(long index) {
        long newest = applied.index();
        if (index > newest) {
            throw new IllegalArgumentException("horizon: " + index + " (expected: <= applied index " + newest + ")");
        }
        state.raiseHorizon(index);
    }

    @Override
    public long horizon() {
        return state.horizon();
    }

    @Override
    public EngineStats stats() {
        Version version = state.holdCurrent();
        try {
            List<Table> tables = version.levels().all();
            return new EngineStats(
                    appliedIndex(),
                    durableIndex(),
                    horizon(),
                    version.active().bytes()
                            + version.frozen().stream()
                                    .mapToLong(Memtable::bytes)
                                    .sum(),
                    version.frozen().size(),
                    version.levels().level0().size(),
                    tables.size(),
                    tables.stream().mapToLong(t -> t.footer().tableBytes()).sum(),
                    tables.stream().mapToLong(t -> t.footer().rows()).sum(),
                    compactor.finished(),
                    state.slowedNanos() / 1_000_000,
                    state.held().count(),
                    state.held().oldestNanos() / 1_000_000,
                    pinnedBytes(version),
                    durable.openedFromFallback(),
                    tables.stream()
                            .filter(Table::isDamaged)
                            .map(table -> table.name().tableFile())
                            .toList());
        } finally {
            version.release();
        }
    }

    private long pinnedBytes(Version version) {
        Set<TableName> pinned = state.held().tables();
        pinned.addAll(durable.deferredDeletions());
        version.levels().all().forEach(table -> pinned.remove(table.name()));
        return pinned.stream().mapToLong(TableName::tableBytes).sum();
    }

    @Override
    public void close() {
        if (!state.close()) {
            return;
        }
        threads.forEach(MapDbEngine::joinUninterruptibly);
        IllegalStateException told = new EngineClosedException();
        state.abandon().forEach(future -> future.completeExceptionally(told));
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
