// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import com.google.protobuf.ByteString;
import io.tidemark.api.HistoryId;
import io.tidemark.proto.v1.StoreSettings;
import io.tidemark.store.LogTime;
import io.tidemark.store.RowName;
import io.tidemark.store.Shards;
import io.tidemark.store.StoredRow;
import io.tidemark.store.copy.DamagedCopyException;
import io.tidemark.store.copy.DifferentCopyException;
import io.tidemark.store.copy.RowChunk;
import io.tidemark.store.copy.RowChunks;
import io.tidemark.store.digest.Digest;
import io.tidemark.store.digest.DigestsAt;
import io.tidemark.store.engine.CheckpointFiles;
import io.tidemark.store.engine.CheckpointSource;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.EngineException;
import io.tidemark.store.engine.EngineStats;
import io.tidemark.store.engine.MapDbEngine;
import io.tidemark.store.engine.ScrubProgress;
import io.tidemark.store.feed.CommitEffects;
import io.tidemark.store.feed.RecentCommits;
import io.tidemark.store.format.Spaces;
import io.tidemark.store.proto.v1.BackupHeader;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.transition.Applied;
import io.tidemark.store.transition.Counters;
import io.tidemark.store.transition.Registry;
import io.tidemark.store.transition.Transition;
import io.tidemark.store.transition.UnknownEntryException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The state on one machine: what a node applies entries to, what a replica applies the feed to, and what both read.
 *
 * <p>One thread writes ({@link #apply}, {@link #follow}, {@link #checkpoint} and what copies and drops shards); a lock makes
 * sure of it. {@link #digests}, {@link #check}, {@link #backup} and {@link #replicaBirth} wait for the write under way, which
 * may itself wait for the disk. Everything else is for any thread and never waits for the writer.
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
    private final Views views;
    private final ExpiryQueue expiries = new ExpiryQueue();
    private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
    private final Transition transition = new Transition();
    private final Object writing = new Object();

    /** How far {@link #dropRows} has come; after a restart it begins anew. */
    private @Nullable RowName dropPassed;

    /** Why nothing can be written any more; null: it can. */
    private @Nullable Throwable broken;

    private volatile @Nullable Throwable checkpointFailure;
    private volatile Standing standing;
    private volatile DurableMark durable;

    private Store(Engine engine, StoreOptions options, StoreFile file) {
        this.engine = engine;
        this.options = options;
        this.file = file;
        this.standing = new Standing(
                file.progress(),
                file.settings(),
                file.holdings(),
                Tables.of(file.tables(), file.progress().index()),
                file.registry());
        this.digester = file.digester();
        this.known = new Known(file.requestIds());
        this.recent =
                new RecentCommits(options.recentBytesMax(), file.progress().index());
        this.feed = new ChangeFeed(engine, recent, this::progress);
        this.views = new Views(engine, () -> standing);
        this.durable = DurableMark.of(file.progress());
    }

    /** Whether a directory's engine holds no store yet. */
    public static boolean isEmpty(Engine engine) {
        return engine.appliedIndex() == 0;
    }

    /** Makes a store in an empty engine, durable when this returns. The store closes the engine. */
    public static Store create(Engine engine, StoreBirth birth, StoreOptions options) {
        requireEmpty(engine);
        StoreFile.create(engine, birth, false);
        return open(engine, options);
    }

    /** The same for a restore: until {@link #endRestore} nobody else can open it. */
    static Store createForRestore(Engine engine, StoreBirth birth, StoreOptions options) {
        requireEmpty(engine);
        StoreFile.create(engine, birth, true);
        return new Store(engine, options, StoreFile.load(engine, true));
    }

    private static void requireEmpty(Engine engine) {
        if (!isEmpty(engine)) {
            throw new IllegalStateException("there is a store already (expected: an empty directory)");
        }
    }

    /** The restore has succeeded. To be followed by a checkpoint. */
    void endRestore() {
        synchronized (writing) {
            Progress before = progress();
            Batch batch = new Batch(before.sequence());
            batch.deleteLatest(Spaces.META, StoreFile.RESTORING);
            batch.close();
            Progress after = before.atSequence(batch.sequence());
            write(batch, after, () -> standing = standing.with(after));
        }
    }

    /**
     * Opens the store that the engine holds, as of its last checkpoint. The store closes the engine; if this throws, the caller
     * does.
     *
     * @throws IllegalStateException if there is no store, or only what a restore left that did not come to its end
     */
    public static Store open(Engine engine, StoreOptions options) {
        if (isEmpty(engine)) {
            throw new IllegalStateException("there is no store (expected: one that was created)");
        }
        Store store = new Store(engine, options, StoreFile.load(engine, false));
        Progress opened = store.progress();
        store.releaseHistory(CommitIndex.sequenceOf(engine, opened, opened.horizon()));
        return store;
    }

    /** {@link #open(Engine, StoreOptions)} of a directory, which is free again if this throws. */
    public static Store open(Path directory, StoreOptions options) {
        if (!Files.isDirectory(directory)) {
            throw new IllegalStateException(
                    "there is no directory " + directory + " (expected: one that holds a store)");
        }
        Engine engine = MapDbEngine.open(directory, options.engine());
        try {
            return open(engine, options);
        } catch (Throwable e) {
            engine.close();
            throw e;
        }
    }

    private Progress progress() {
        return standing.progress();
    }

    public HistoryId history() {
        return file.history();
    }

    public int shardCount() {
        return digester.layout().shardCount();
    }

    /** The index of the last commit that readers can see. */
    public long appliedIndex() {
        return progress().index();
    }

    /** The log time of the newest state. */
    public LogTime logTime() {
        return progress().counters().logTime();
    }

    /** The oldest index that can be read. */
    public long horizon() {
        return progress().horizon();
    }

    /** The newest state that is durable on this disk. */
    public DurableMark durable() {
        return durable;
    }

    /** The size of the history between the horizon and the newest state, as {@link Counters#supersededBytes} counts. */
    public long historyBytes() {
        Progress now = progress();
        return now.counters().supersededBytes() - now.horizonMark().supersededBytes();
    }

    /** Where in its log the caller is, as it said with its last write. */
    public ByteString position() {
        return progress().callerPosition();
    }

    public Counters counters() {
        return progress().counters();
    }

    public StoreSettings settings() {
        return standing.settings();
    }

    /** The registered replicas; of nobody in a store that follows a feed. */
    public Registry registry() {
        return standing.registry();
    }

    /** The highest version of the transition function that entries may name. */
    public int transitionVersion() {
        return progress().transitionVersion();
    }

    public ChangeFeed feed() {
        return feed;
    }

    /**
     * Called by the writer after each write is visible. Must be quick. What it throws goes to the thread's handler of uncaught
     * exceptions: the write is done whatever a listener thinks of it.
     */
    public void addListener(Runnable listener) {
        listeners.add(listener);
    }

    /**
     * Applies one entry of the log: all its commands, in order, as one.
     *
     * @param position where in its log the caller is then
     * @throws UnknownEntryException if this node must stop; nothing of the entry is applied
     * @throws IllegalStateException if the store is not {@linkplain #isWhole whole}: what an entry does is only known where all
     *     rows are
     */
    public Applied apply(Entry entry, ByteString position) {
        synchronized (writing) {
            prepare();
            requireAllShards();
            Standing before = standing;
            try (StoredState state = new StoredState(engine.view(), before, known)) {
                Applied applied = transition.apply(state, entry);
                EntryWriter writer = new EntryWriter(state, before.progress());
                applied.results().forEach(writer::write);
                publish(before, writer.finish(applied.counters(), position), writer);
                return applied;
            }
        }
    }

    private void requireAllShards() {
        Holdings now = standing.holdings();
        if (!isWhole()) {
            throw new IllegalStateException("the store holds "
                    + now.held().count() + " shards of " + shardCount()
                    + (now.copy() == null ? "" : ", and a copy is under way") + " (expected: all, and no copy)");
        }
    }

    /** Whether all shards are held and no copy is under way: whether it can be a node's. */
    public boolean isWhole() {
        Holdings now = standing.holdings();
        return now.copy() == null && now.held().count() == shardCount();
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
            prepare();
            Standing before = standing;
            try (StoredState state = new StoredState(engine.view(), before, known)) {
                FollowWriter writer = new FollowWriter(state, before.progress(), before.holdings());
                commits.forEach(writer::write);
                publish(before, writer.finish(through, throughTime, position), writer);
            }
        }
    }

    private void publish(Standing before, Progress after, BatchWriter writer) {
        write(writer.batch(), after, () -> {
            long index = before.progress().index();
            List<CommitEffects> commits = new ArrayList<>(writer.written().size());
            for (CommitWriter.Written commit : writer.written()) {
                digester.commit(index, commit.effects().index(), commit.changes());
                commits.add(commit.effects());
                index = commit.effects().index();
            }
            recent.add(commits);
            digester.through(index, after.index());
            known.changed(writer.remembered(), after.counters().windowFirst());
            Tables tables = before.tables().with(writer.changedTables(), after.index());
            standing = new Standing(after, writer.settings(), before.holdings(), tables, writer.registry());
            // Only now: a lookup that counts this must also see the rows.
            expiries.added(writer.firstExpiry());
        });
        tellListeners();
    }

    /**
     * The engine refuses a batch as a whole. Whatever else goes wrong here leaves part of it done, in the engine or beside it:
     * then nothing more may be written, or the same index could be given out twice.
     */
    private void write(Batch batch, Progress after, Runnable show) {
        try {
            batch.writeTo(engine, after.encode());
        } catch (EngineException refused) {
            throw refused;
        } catch (Throwable e) {
            broken = e;
            throw e;
        }
        try {
            show.run();
        } catch (Throwable e) {
            broken = e;
            throw e;
        }
    }

    private void tellListeners() {
        for (Runnable listener : listeners) {
            try {
                listener.run();
            } catch (RuntimeException e) {
                Thread current = Thread.currentThread();
                current.getUncaughtExceptionHandler().uncaughtException(current, e);
            }
        }
    }

    /** Before each write: there may be no further one, or a checkpoint may be due. */
    private void prepare() {
        requireWhole();
        Throwable failure = checkpointFailure;
        if (failure instanceof EngineException told) {
            checkpointFailure = null;
            throw told;
        }
        if (engine.memtableBytes() >= options.memtableBytesMax()) {
            CompletableFuture<StoreCheckpoint> unwatched = checkpoint();
            unwatched.exceptionally(e -> {
                checkpointFailure = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
                return null;
            });
        }
    }

    private void requireWhole() {
        if (broken != null) {
            throw new IllegalStateException(
                    "a write broke off in the middle, so this store takes no more (expected: to be opened anew)",
                    broken);
        }
    }

    /**
     * Starts to make the newest state durable; costs the writer little more than a pointer swap. Once the future is complete the
     * caller may drop its log up to the checkpoint's position. It completes on the engine's own thread: whatever follows must be
     * quick, and must not close the store.
     */
    public CompletableFuture<StoreCheckpoint> checkpoint() {
        synchronized (writing) {
            requireWhole();
            putDownDigests();
            Progress written = progress();
            long horizonSequence = CommitIndex.sequenceOf(engine, written, written.horizon());
            return engine.checkpoint().thenApply(done -> {
                releaseHistory(horizonSequence);
                durable = DurableMark.of(written);
                return new StoreCheckpoint(written.index(), written.callerPosition());
            });
        }
    }

    private void putDownDigests() {
        Progress before = progress();
        if (!digester.isChanged() && before.digestSequence() == before.sequence()) {
            return;
        }
        Batch batch = new Batch(before.sequence());
        digester.writeChanged(batch);
        batch.close();
        Progress after = before.withDigestsAt(batch.sequence());
        write(batch, after, () -> {
            digester.written();
            standing = standing.with(after);
        });
    }

    private void releaseHistory(long sequence) {
        engine.setHorizon(sequence);
    }

    /**
     * Moves the position alone, for entries of the caller's log that are not for the store. By the writer.
     *
     * @param position where in its log the caller is then
     */
    public void movePosition(ByteString position) {
        synchronized (writing) {
            requireWhole();
            Progress after = progress().withCallerPosition(position);
            engine.movePosition(after.encode());
            standing = standing.with(after);
        }
    }

    /**
     * Holds the files of the newest durable state until they are closed.
     *
     * @throws IllegalStateException if the engine keeps no files, or too many pins are open
     */
    public PinnedStore pinCheckpoint() {
        if (!(engine instanceof CheckpointSource source)) {
            throw new IllegalStateException(
                    "engine: " + engine.getClass().getSimpleName() + " (expected: one with files)");
        }
        CheckpointFiles files = source.pinCheckpoint();
        Progress durable = Progress.decode(files.index(), files.position());
        return new PinnedStore(new StoreCheckpoint(durable.index(), durable.callerPosition()), files);
    }

    /** What a replica begins with whose feed begins behind the newest index. Waits for the write under way. */
    public StoreBirth replicaBirth() {
        StoreView view;
        Standing now;
        synchronized (writing) {
            view = view();
            now = standing;
        }
        try (view) {
            return new StoreBirth(
                    file.history(),
                    now.settings(),
                    Shards.NONE,
                    view.index(),
                    now.progress().counters().logTime(),
                    now.progress().transitionVersion(),
                    view.tables());
        }
    }

    /** The state as of the newest index. */
    public StoreView view() {
        return views.newest();
    }

    /**
     * The state as of an index.
     *
     * @throws BelowHorizonException if it is no longer kept
     * @throws NotAppliedException if the index lies ahead
     */
    public StoreView viewAt(long index) {
        return views.at(index);
    }

    /**
     * The newest index whose log time is not after that; empty if the time is not closed, for a later commit could still have it.
     *
     * @throws BelowHorizonException if even the state at the horizon is later
     * @throws UnsupportedOperationException in a store that follows a feed: it is not told the time of every commit
     */
    public Optional<Long> indexAt(LogTime time) {
        return views.indexAt(time);
    }

    /** Rows that expire at or before a time, the earliest first, for the leader to propose. */
    public List<DueRow> due(LogTime time, int limit) {
        List<DueRow> due = new ArrayList<>();
        try (StoreView view = view()) {
            // Rows of a table that is being dropped go with it.
            Predicate<RowName> wanted = new ActiveTables(view);
            for (RowName name : expiries.due(() -> view().engineView(), time, limit, wanted)) {
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
        return standing.holdings().held();
    }

    /** The digests of the newest state. */
    public DigestsAt digests() {
        synchronized (writing) {
            return digester.at(appliedIndex());
        }
    }

    /**
     * Keeps the digests of the newest state, whether its index is an agreed one or not: where nothing is written all servers come
     * to be at one index.
     */
    public void keepDigests() {
        synchronized (writing) {
            digester.keepNow(appliedIndex());
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
     * Computes the digests of the newest rows anew from what is on disk, and compares them with those that were kept up with the
     * writes. Does not hold the writer up. Damage to what it does not read, as history, is found by {@link #scrub}.
     *
     * @throws io.tidemark.store.engine.CorruptionException if a file that it reads is damaged
     */
    public DeepCheck check(CheckListener listener) {
        DigestsAt kept;
        StoreView view;
        synchronized (writing) {
            kept = digester.at(appliedIndex());
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
     * @param rowsMax how many rows to pass for one chunk, those of other shards included; above 0
     * @throws IllegalArgumentException if the view cannot answer for all of them: their copy would lack rows
     */
    public RowChunks copy(StoreView view, Shards shards, @Nullable RowName after, long chunkBytes, int rowsMax) {
        if (!view.readable().containsAll(shards)) {
            throw new IllegalArgumentException("copy of shards " + shards + " as of index " + view.index()
                    + " (expected: of those that can be read here, " + view.readable() + ")");
        }
        return new RowChunks(new ShardRows(view.engineView(), shards, after, null), after, chunkBytes, rowsMax);
    }

    /**
     * The newest rows of some shards with their digests, to be copied while the store goes on. Waits for the write under way.
     *
     * @throws IllegalArgumentException if they are not all here
     */
    public ShardCopy shardCopy(Shards shards) {
        StoreView view;
        LogTime logTime;
        DigestsAt digests;
        synchronized (writing) {
            view = view();
            logTime = progress().counters().logTime();
            digests = digester.at(view.index());
        }
        if (!view.readable().containsAll(shards)) {
            view.close();
            throw new IllegalArgumentException("copy of shards " + shards + " as of index " + view.index()
                    + " (expected: of those that can be read here, " + view.readable() + ")");
        }
        return new ShardCopy(view, shards, logTime, digests, counters());
    }

    /**
     * The newest state, to be backed up while the store goes on.
     *
     * @throws IllegalStateException if the store is not {@linkplain #isWhole whole}
     */
    public Backup.Source backup() {
        synchronized (writing) {
            requireAllShards();
            StoreView view = view();
            try {
                return backup(view);
            } catch (Throwable e) {
                view.close();
                throw e;
            }
        }
    }

    private Backup.Source backup(StoreView view) {
        Standing now = standing;
        Counters counters = now.progress().counters();
        BackupHeader header = BackupHeader.newBuilder()
                .setHistoryId(history().text())
                .setIndex(counters.lastIndex())
                .setLogTime(counters.logTime().toTimestamp())
                .setSettings(now.settings())
                .setTransitionVersion(now.progress().transitionVersion())
                .addAllTables(view.tables())
                .setEstimatedRows(counters.liveRows())
                .setEstimatedBytes(counters.liveBytes())
                .build();
        return new Backup.Source(view, now.holdings().held(), header, digester.at(counters.lastIndex()));
    }

    /** The copy under way, if there is one. */
    public Optional<CopyState> copyUnderWay() {
        return Optional.ofNullable(standing.holdings().copy()).map(CopyState::of);
    }

    /** The lowest index that the next copy may be of. */
    public long lowestCopyIndex() {
        Standing now = standing;
        return now.holdings().lowestCopyIndex(now.progress().index());
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

    /**
     * Takes the next chunk over, or a part of it. The writer is held up no longer than it takes to pass so many rows.
     *
     * @param rowsMax how many of the rows that are here to pass, of whatever shard, and of those that were deleted meanwhile; above 0
     * @return false: call again, with the same chunk
     * @throws DamagedCopyException if the chunk begins beyond where the copy has come to, ends before, or cannot be of that copy;
     *     nothing of it was taken over
     */
    public boolean copyIn(RowChunk chunk, int rowsMax) {
        requirePositive(rowsMax);
        synchronized (writing) {
            return change(writer -> writer.copyIn(chunk, rowsMax)).isDone();
        }
    }

    /**
     * All chunks of the copy have come. What is here behind the last of them is removed, and the shards are then held, readable
     * from the newer of copy and applied index on.
     *
     * @param rowCount how many rows the whole copy has, as its sender says
     * @param rowsMax as in {@link #copyIn}
     * @return false: call again
     * @throws DamagedCopyException if another number of rows has come: begin the copy anew
     */
    public boolean endCopy(long rowCount, int rowsMax) {
        return endCopy(rowCount, null, rowsMax);
    }

    /**
     * The same, of a copy whose sender says what it has applied.
     *
     * @param digest of all rows of the copy
     * @throws DifferentCopyException if the rows that came have another: begin the copy anew, elsewhere if that can be
     */
    public boolean endCopy(Digest digest, int rowsMax) {
        return endCopy(digest.rowCount(), digest, rowsMax);
    }

    private boolean endCopy(long rowCount, @Nullable Digest digest, int rowsMax) {
        requirePositive(rowsMax);
        synchronized (writing) {
            return change(writer -> writer.endCopy(rowCount, digest, rowsMax)).isDone();
        }
    }

    private static void requirePositive(int rowsMax) {
        if (rowsMax <= 0) {
            throw new IllegalArgumentException("rowsMax: " + rowsMax + " (expected: > 0)");
        }
    }

    /** Lets shards go, at once. Their rows are removed by {@link #dropRows}. */
    public void drop(Shards shards) {
        synchronized (writing) {
            change(writer -> writer.drop(shards));
            dropPassed = null;
        }
    }

    /** Those that were let go of, and of which rows are still here. */
    public Shards dropping() {
        return standing.holdings().dropping();
    }

    /** Passes the next rows, at most so many, and removes those of shards that were let go of. False: none is left. */
    public boolean dropRows(int rowsMax) {
        synchronized (writing) {
            if (standing.holdings().dropping().isEmpty()) {
                return false;
            }
            dropPassed = change(writer -> writer.dropRows(dropPassed, rowsMax)).dropPassed();
            return !standing.holdings().dropping().isEmpty();
        }
    }

    private interface HoldingsChange {
        void make(HoldingsWriter writer);
    }

    private HoldingsWriter change(HoldingsChange change) {
        prepare();
        Standing before = standing;
        try (StoredState state = new StoredState(engine.view(), before, known)) {
            HoldingsWriter writer = new HoldingsWriter(state, before.progress(), before.holdings());
            change.make(writer);
            Progress after = writer.finish();
            write(writer.batch(), after, () -> {
                digester.change(writer.changes());
                digester.emptied(writer.emptied());
                if (!before.holdings().held().containsAll(writer.holdings().held())) {
                    digester.completed(after.index());
                }
                standing =
                        new Standing(after, before.settings(), writer.holdings(), before.tables(), before.registry());
                expiries.added(writer.firstExpiry());
            });
            tellListeners();
            return writer;
        }
    }

    /**
     * Reads all that is on disk, every checksum, on the calling thread. Nobody waits for it.
     *
     * @throws io.tidemark.store.engine.CorruptionException at the first damage, with the name of the file
     */
    public void scrub(ScrubProgress progress) {
        engine.scrub(progress);
    }

    /** What the engine says of itself; its indexes are sequences. */
    public EngineStats stats() {
        return engine.stats();
    }

    /** Ends it without a checkpoint: that is the caller's decision. */
    @Override
    public void close() {
        engine.close();
    }
}
