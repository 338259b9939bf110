// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.EngineStats;
import io.tidemark.store.engine.HorizonPassedException;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.RecentCommits;
import io.tidemark.store.proto.v1.BackupHeader;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.transition.UnknownEntryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The state on one machine: what a node applies entries to, what a replica applies the feed to, and what both read.
 *
 * <p>One thread writes ({@link #apply}, {@link #follow}, {@link #checkpoint} and what copies and drops shards); a lock makes
 * sure of it. Everything else is for any thread and never waits for the writer.
 *
 * <p>There is no log here. What was written after the last checkpoint is lost in a crash; the caller then goes on behind {@link
 * #position}, in its own log or its feed. When a write throws an {@code EngineException}, nothing of it is done: a full disk, for
 * one, refuses writes until there is room, and the same write can then be made again.
 */
public final class Store implements AutoCloseable {

    private final Engine engine;
    private final StoreOptions options;
    private final StoreFile file;
    private final Known known;
    private final Digester digester;
    private final RecentCommits recent;
    private final ChangeFeed feed;
    private final ExpiryQueue expiries = new ExpiryQueue();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Transition transition = new Transition();
    private final Object writing = new Object();

    /** How far {@link #dropRows} has come; after a restart it begins anew. */
    private @Nullable RowName dropPassed;

    private volatile Progress progress;
    private volatile StoreSettings settings;
    private volatile Holdings holdings;

    private Store(Engine engine, StoreOptions options, StoreFile file) {
        this.engine = engine;
        this.options = options;
        this.file = file;
        this.progress = file.progress();
        this.settings = file.settings();
        this.holdings = file.holdings();
        this.digester = file.digester();
        this.known = new Known(file.tables());
        this.recent = new RecentCommits(options.recentBytesMax(), progress.index());
        this.feed = new ChangeFeed(engine, recent, () -> progress);
    }

    /** Whether a directory's engine holds no store yet. */
    public static boolean isEmpty(Engine engine) {
        return engine.appliedIndex() == 0;
    }

    /** Makes a store in an empty engine, durable when this returns. The store closes the engine. */
    public static Store create(Engine engine, StoreBirth birth, StoreOptions options) {
        if (!isEmpty(engine)) {
            throw new IllegalStateException("there is a store already (expected: an empty directory)");
        }
        StoreFile.create(engine, birth);
        return open(engine, options);
    }

    /** Opens the store that the engine holds, as of its last checkpoint. The store closes the engine. */
    public static Store open(Engine engine, StoreOptions options) {
        if (isEmpty(engine)) {
            throw new IllegalStateException("there is no store (expected: one that was created)");
        }
        Store store = new Store(engine, options, StoreFile.load(engine));
        store.releaseHistory(store.sequenceOf(store.progress, store.progress.horizon()));
        return store;
    }

    /** {@link #open(Engine, StoreOptions)} of a directory. */
    public static Store open(Path directory, StoreOptions options) {
        return open(MapDbEngine.open(directory, options.engine()), options);
    }

    public HistoryId history() {
        return file.history();
    }

    public int shardCount() {
        return digester.layout().shardCount();
    }

    /** The index of the last commit that readers can see. */
    public long appliedIndex() {
        return progress.index();
    }

    /** The log time of the newest state. */
    public LogTime logTime() {
        return progress.counters().logTime();
    }

    /** The oldest index that can be read. */
    public long horizon() {
        return progress.horizon();
    }

    /** Where in its log the caller is, as it said with its last write. */
    public ByteString position() {
        return progress.callerPosition();
    }

    public Counters counters() {
        return progress.counters();
    }

    public StoreSettings settings() {
        return settings;
    }

    /** The highest version of the transition function that entries may name. */
    public int transitionVersion() {
        return progress.transitionVersion();
    }

    public ChangeFeed feed() {
        return feed;
    }

    /** Called by the writer after each write is visible. Must be quick, and must not throw. */
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Applies one entry of the log: all its commands, in order, as one.
     *
     * @param position where in its log the caller is then
     * @throws UnknownEntryException if this node must stop; nothing of the entry is applied
     */
    public Applied apply(Entry entry, ByteString position) {
        synchronized (writing) {
            checkpointIfFull();
            Progress before = progress;
            try (StoredState state = new StoredState(engine.view(), before, settings, known)) {
                Applied applied = transition.apply(state, entry);
                EntryWriter writer = new EntryWriter(state, before);
                applied.results().forEach(writer::write);
                publish(before, writer.finish(applied.counters(), position), writer);
                listeners.forEach(Runnable::run);
                return applied;
            }
        }
    }

    /**
     * Applies what a feed brought: commits, and the certainty that there was nothing else up to an index. Effects of shards that
     * are neither held nor copied are passed over.
     *
     * @param commits with rising indexes above the applied one, up to {@code through}
     * @param throughTime the log time at {@code through}
     * @param position where in its feed the caller is then
     */
    public void follow(List<CommitEffects> commits, long through, LogTime throughTime, ByteString position) {
        synchronized (writing) {
            checkpointIfFull();
            Progress before = progress;
            try (StoredState state = new StoredState(engine.view(), before, settings, known)) {
                FollowWriter writer = new FollowWriter(state, before, holdings);
                commits.forEach(writer::write);
                publish(before, writer.finish(through, throughTime, position), writer);
                listeners.forEach(Runnable::run);
            }
        }
    }

    private void publish(Progress before, Progress after, BatchWriter writer) {
        writer.batch().writeTo(engine, after.encode());
        long index = before.index();
        for (CommitWriter.Written commit : writer.written()) {
            digester.commit(index, commit.effects().index(), commit.changes());
            recent.add(commit.effects());
            index = commit.effects().index();
        }
        digester.through(index, after.index());
        expiries.added(writer.firstExpiry());
        known.changed(writer.changedTables());
        settings = writer.settings();
        progress = after;
    }

    private void checkpointIfFull() {
        if (engine.memtableBytes() >= options.memtableBytesMax()) {
            CompletableFuture<StoreCheckpoint> unwatched = checkpoint();
            // A failure is told by the engine at the next write.
            unwatched.exceptionally(failure -> null);
        }
    }

    /**
     * Starts to make the newest state durable; costs the writer little more than a pointer swap. Once the future is complete the
     * caller may drop its log up to the checkpoint's position.
     */
    public CompletableFuture<StoreCheckpoint> checkpoint() {
        synchronized (writing) {
            putDownDigests();
            Progress durable = progress;
            long horizonSequence = sequenceOf(durable, durable.horizon());
            return engine.checkpoint().thenApply(done -> {
                releaseHistory(horizonSequence);
                return new StoreCheckpoint(durable.index(), durable.callerPosition());
            });
        }
    }

    private void putDownDigests() {
        Progress before = progress;
        if (!digester.isChanged() && before.digestSequence() == before.sequence()) {
            return;
        }
        Batch batch = new Batch(before.sequence());
        digester.writeChanged(batch);
        batch.close();
        Progress after = before.withDigestsAt(batch.sequence());
        batch.writeTo(engine, after.encode());
        digester.written();
        progress = after;
    }

    private void releaseHistory(long sequence) {
        engine.setHorizon(sequence);
    }

    /** What a replica begins with whose feed begins behind the newest index. Waits for the write under way. */
    public StoreBirth replicaBirth() {
        StoreView view;
        Progress now;
        StoreSettings then;
        synchronized (writing) {
            view = view();
            now = progress;
            then = settings;
        }
        try (view) {
            return new StoreBirth(
                    file.history(),
                    then,
                    Shards.NONE,
                    now.index(),
                    now.counters().logTime(),
                    now.transitionVersion(),
                    view.tables());
        }
    }

    /** The state as of the newest index. */
    public StoreView view() {
        while (true) {
            Progress now = progress;
            try {
                return new StoreView(engine.viewAt(now.sequence()), now.index());
            } catch (HorizonPassedException e) {
                // The writer went on and dropped history meanwhile: there is a newer state.
                if (now.sequence() == progress.sequence()) {
                    throw e;
                }
            }
        }
    }

    /**
     * The state as of an index.
     *
     * @throws BelowHorizonException if it is no longer kept
     * @throws NotAppliedException if the index lies ahead
     */
    public StoreView viewAt(long index) {
        Progress now = progress;
        if (index > now.index()) {
            throw new NotAppliedException(index, now.index());
        }
        if (index < now.horizon()) {
            throw new BelowHorizonException(index, now.horizon());
        }
        try {
            return new StoreView(engine.viewAt(sequenceOf(now, index)), index);
        } catch (HorizonPassedException e) {
            throw new BelowHorizonException(index, progress.horizon());
        }
    }

    private long sequenceOf(Progress now, long index) {
        return CommitIndex.sequenceOf(engine, now, index);
    }

    /**
     * The newest index whose log time is not after that; empty if the time is not closed, for a later commit could still have it.
     *
     * @throws BelowHorizonException if even the state at the horizon is later
     */
    public Optional<Long> indexAt(LogTime time) {
        return CommitIndex.indexAt(engine, progress, time);
    }

    /** Rows that expire at or before a time, the earliest first, for the leader to propose. */
    public List<DueRow> due(LogTime time, int limit) {
        List<DueRow> due = new ArrayList<>();
        try (StoreView view = view()) {
            for (RowName name : expiries.due(() -> view().engineView(), time, limit)) {
                StoredRow row = view.get(name);
                if (row != null) {
                    due.add(DueRow.newBuilder()
                            .setTable(name.table())
                            .setKey(name.key())
                            .setModifiedIndex(row.modifiedIndex())
                            .build());
                }
            }
        }
        return due;
    }

    /** Those that are held. */
    public Shards shards() {
        return holdings.held();
    }

    /** Those that can be read as of an index. */
    public Shards readableAt(long index) {
        return holdings.readableAt(index);
    }

    /** The digests of the newest state. */
    public DigestsAt digests() {
        synchronized (writing) {
            return digester.at(progress.index());
        }
    }

    /** The digests kept at an agreed index. */
    public Optional<DigestsAt> digestsAt(long index) {
        return digester.schedule().at(index);
    }

    /** The newest digests kept. */
    public Optional<DigestsAt> newestDigests() {
        return digester.schedule().newest();
    }

    /**
     * Computes the digests anew from what is on disk, every checksum on the way, and compares them with those that were kept up
     * with the writes. Does not hold the writer up.
     *
     * @throws io.tidemark.store.engine.CorruptionException if a file is damaged
     */
    public DeepCheck check(CheckListener listener) {
        DigestsAt kept;
        StoreView view;
        synchronized (writing) {
            kept = digester.at(progress.index());
            view = view();
        }
        try (view) {
            return DeepCheck.compare(kept, Digester.recompute(view, digester.layout(), listener), shardCount());
        }
    }

    /**
     * The rows of some shards, as of a view, in chunks. The view must stay open until the chunks are closed.
     *
     * @param after go on behind this row, where an earlier copy of the same index ended; null: from the first
     */
    public RowChunks copy(StoreView view, Shards shards, @Nullable RowName after, long chunkBytes) {
        return new RowChunks(new ShardRows(view.engineView(), shards, after, null), chunkBytes);
    }

    /** The newest state, to be backed up while the store goes on. */
    public Backup.Source backup() {
        synchronized (writing) {
            StoreView view = view();
            Counters counters = progress.counters();
            BackupHeader header = BackupHeader.newBuilder()
                    .setHistoryId(history().text())
                    .setIndex(counters.lastIndex())
                    .setLogTime(counters.logTime().toTimestamp())
                    .setSettings(settings)
                    .setTransitionVersion(progress.transitionVersion())
                    .addAllTables(view.tables())
                    .setEstimatedRows(counters.liveRows())
                    .setEstimatedBytes(counters.liveBytes())
                    .build();
            return new Backup.Source(view, holdings.held(), header, digester.at(counters.lastIndex()));
        }
    }

    /** The copy under way, if there is one. */
    public Optional<CopyState> copyUnderWay() {
        return Optional.ofNullable(holdings.copy()).map(CopyState::of);
    }

    /** The lowest index that the next copy may be of. */
    public long lowestCopyIndex() {
        return Math.max(progress.index(), holdings.copiedThrough());
    }

    /**
     * Begins to take shards over from a copy. They are not held from now on until the copy has ended, but {@link #follow} applies
     * their effects, which must come without a gap from the applied index on.
     *
     * @throws IllegalArgumentException if the copy's index is below {@link #lowestCopyIndex}
     */
    public void startCopy(Shards shards, long index) {
        synchronized (writing) {
            change(writer -> writer.startCopy(shards, index));
        }
    }

    /** Takes the next chunk over. With the last one the shards are held, readable from the newer of copy and applied index on. */
    public void copyIn(RowChunk chunk) {
        synchronized (writing) {
            checkpointIfFull();
            change(writer -> writer.copyIn(chunk));
        }
    }

    /** Lets shards go, at once. Their rows are removed by {@link #dropRows}. */
    public void drop(Shards shards) {
        synchronized (writing) {
            dropPassed = null;
            change(writer -> writer.drop(shards));
        }
    }

    /** Passes the next rows, at most so many, and removes those of shards that were let go of. False: none is left. */
    public boolean dropRows(int rowsMax) {
        synchronized (writing) {
            if (holdings.dropping().isEmpty()) {
                return false;
            }
            checkpointIfFull();
            change(writer -> dropPassed = writer.dropRows(dropPassed, rowsMax));
            return !holdings.dropping().isEmpty();
        }
    }

    private interface HoldingsChange {
        void make(HoldingsWriter writer);
    }

    private void change(HoldingsChange change) {
        Progress before = progress;
        try (StoredState state = new StoredState(engine.view(), before, settings, known)) {
            HoldingsWriter writer = new HoldingsWriter(state, before, holdings);
            change.make(writer);
            Progress after = writer.finish();
            writer.batch().writeTo(engine, after.encode());
            digester.change(writer.changes());
            expiries.added(writer.firstExpiry());
            holdings = writer.holdings();
            progress = after;
        }
    }

    /** What the engine says of itself. */
    public EngineStats stats() {
        return engine.stats();
    }

    /** Ends it without a checkpoint: that is the caller's decision. */
    @Override
    public void close() {
        engine.close();
    }
}
