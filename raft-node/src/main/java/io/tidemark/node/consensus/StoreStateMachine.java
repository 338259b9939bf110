// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.consensus;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.tidemark.store.engine.EngineFullException;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreCheckpoint;
import io.tidemark.store.transition.Applied;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.apache.ratis.proto.RaftProtos.LogEntryProto;
import org.apache.ratis.proto.RaftProtos.RaftConfigurationProto;
import org.apache.ratis.proto.RaftProtos.RoleInfoProto;
import org.apache.ratis.protocol.Message;
import org.apache.ratis.protocol.RaftClientRequest;
import org.apache.ratis.protocol.RaftGroupId;
import org.apache.ratis.protocol.RaftGroupMemberId;
import org.apache.ratis.protocol.RaftPeerId;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.storage.RaftStorage;
import org.apache.ratis.statemachine.SnapshotInfo;
import org.apache.ratis.statemachine.StateMachineStorage;
import org.apache.ratis.statemachine.TransactionContext;
import org.apache.ratis.statemachine.impl.BaseStateMachine;
import org.apache.ratis.util.LifeCycle;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the log to the store.
 *
 * <p>The store remembers the last entry with each write, so one that is applied again after a restart is passed over. An entry
 * that cannot be applied stops the node before anything of it, or of a later one, is: a node may be down, never different. A full
 * disk is waited out.
 */
final class StoreStateMachine extends BaseStateMachine {

    private static final Logger LOG = LoggerFactory.getLogger(StoreStateMachine.class);
    private static final CompletableFuture<Message> EMPTY_REPLY = CompletableFuture.completedFuture(Message.EMPTY);
    private static final long FULL_DISK_RETRY_MILLIS = 200;
    private static final long NO_TERM = -1;

    /**
     * For how many checkpoints' worth of growth the log is kept for who is sent a checkpoint: 20 times 10,000 entries
     * (unless configured otherwise) is what the transfer of one may need.
     */
    private static final int KEPT_CHECKPOINTS_BY_ENTRIES = 20;

    /** The same in bytes: docs/sizing.md reserves 4 times 512 MiB of disk for it. */
    private static final int KEPT_CHECKPOINTS_BY_BYTES = 4;

    private final NodeStore nodeStore;
    private final PendingProposals proposals;
    private final ConsensusListener listener;
    private final CommitPush push;
    private final LongPredicate neededTo;
    private final LogGrowth checkpointAfter;
    private final LogGrowth keptAtMost;
    private final Snapshots snapshots = new Snapshots();
    private final AtomicBoolean checkpointing = new AtomicBoolean();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicBoolean stopped = new AtomicBoolean();
    private volatile boolean stalled;

    /** By us: Ratis closes this too when it ends its part by itself. */
    private volatile boolean closeWasAsked;

    private volatile Consumer<Boolean> stallWatcher = isStalled -> {};
    private volatile @Nullable Path received;
    private volatile @Nullable Path incoming;

    /** How far the store is. Moved by the updater's thread. */
    private volatile LogMark applied = new LogMark(RaftLog.INVALID_LOG_INDEX, 0);

    /** Where the store was when the last checkpoint that is offered was begun. */
    private volatile LogMark checkpointed = applied;

    /** Where the store was when the checkpoint last reported was begun. By the updater's thread. */
    private LogMark reportedAt = applied;

    /** The last index reported to Ratis as durable. By the updater's thread. */
    private long reported = RaftLog.INVALID_LOG_INDEX;

    /** The term of the configuration entry being applied. By the updater's thread. */
    private long configurationTerm = NO_TERM;

    /** The term in which this node became ready with the entry being applied. By the updater's thread. */
    private long becomingReady = NO_TERM;

    private volatile long readyTerm = NO_TERM;

    /**
     * Applies nothing yet.
     *
     * @param neededTo whether somebody needs the log up to a Raft index, to go on from a checkpoint before it
     * @param checkpointAfter how far the log grows from one checkpoint to the next
     */
    StoreStateMachine(
            NodeStore nodeStore,
            PendingProposals proposals,
            ConsensusListener listener,
            CommitPush push,
            LongPredicate neededTo,
            LogGrowth checkpointAfter) {
        this.nodeStore = nodeStore;
        this.proposals = proposals;
        this.listener = listener;
        this.push = push;
        this.neededTo = neededTo;
        this.checkpointAfter = checkpointAfter;
        this.keptAtMost = checkpointAfter.times(KEPT_CHECKPOINTS_BY_ENTRIES, KEPT_CHECKPOINTS_BY_BYTES);
    }

    /** The last term of which this node, as its leader, has applied the first entry. */
    long readyTerm() {
        return readyTerm;
    }

    /** Whether there is a checkpoint that a joining node can begin with. */
    boolean hasCheckpoint() {
        return snapshots.getLatestSnapshot() != null;
    }

    /** The disk is full, and applying waits. */
    boolean isStalled() {
        return stalled;
    }

    /** Tells from now on whether applying waits for room, and once how it is now. */
    void watchStalls(Consumer<Boolean> watcher) {
        stallWatcher = watcher;
        watcher.accept(stalled);
    }

    boolean isStopped() {
        return stopped.get();
    }

    /** Ends the waiting for a full disk. */
    void beginClose() {
        closeWasAsked = true;
        closing.countDown();
    }

    @Override
    public void initialize(RaftServer raftServer, RaftGroupId raftGroupId, RaftStorage storage) throws IOException {
        super.initialize(raftServer, raftGroupId, storage);
        Path sm = storage.getStorageDir().getStateMachineDir().toPath();
        Path tmp = storage.getStorageDir().getTmpDir().toPath();
        received = sm;
        incoming = tmp;
        getLifeCycle().startAndTransition(() -> {
            for (Path partial : Disk.children(tmp)) {
                Disk.deleteTree(partial);
            }
            Path log = storage.getStorageDir().getCurrentDir().toPath();
            TornLogEnd.cut(log, storage.getStorageDir().getRoot().toPath().resolve("torn-log-end"));
            nodeStore.open(sm, log);
            adoptStore();
            SnapshotInfo latest = snapshots.getLatestSnapshot();
            if (latest != null) {
                LogFiles.dropBefore(log, latest.getIndex());
            }
        });
    }

    private void adoptStore() {
        Store store = nodeStore.get();
        if (store == null) {
            return;
        }
        snapshots.publish(store.pinCheckpoint(), Objects.requireNonNull(received));
        TermIndex position = nodeStore.position();
        if (position != null) {
            setLastAppliedTermIndex(position);
            reported = position.getIndex();
            applied = applied.plus(reported, 0);
            checkpointed = applied;
            reportedAt = applied;
        }
        listener.storeReplaced(store);
        if (position != null) {
            listener.applied(position.getIndex());
        }
    }

    // Proposing.

    @Override
    public TransactionContext startTransaction(RaftClientRequest request) throws IOException {
        TransactionContext context = super.startTransaction(request);
        context.setStateMachineContext(proposals.find(request.getCallId()));
        return context;
    }

    @Override
    public TransactionContext preAppendTransaction(TransactionContext context) {
        if (context.getStateMachineContext() instanceof PendingProposal proposal) {
            proposal.aboutToBeLogged();
        }
        return context;
    }

    // Applying.

    @Override
    public CompletableFuture<Message> applyTransaction(TransactionContext context) {
        if (getLifeCycleState() != LifeCycle.State.RUNNING) {
            // Another store is about to take this one's place; nothing may be thrown meanwhile.
            return EMPTY_REPLY;
        }
        LogEntryProto entry = context.getLogEntry();
        TermIndex at = TermIndex.valueOf(entry.getTerm(), entry.getIndex());
        if (isNew(at)) {
            Applied results = apply(entry, at);
            advance(at, entry.getSerializedSize());
            if (context.getStateMachineContext() instanceof PendingProposal proposal) {
                proposal.outcome().complete(new ProposalOutcome.Done(results, at.getIndex()));
            }
            // Not before: the next entry, if one waited for this, is in the log now and carries the commit.
            push.committed();
        } else {
            updateLastAppliedTermIndex(at);
        }
        return EMPTY_REPLY;
    }

    /** The store shows the entry. */
    private void advance(TermIndex at, long bytes) {
        updateLastAppliedTermIndex(at);
        applied = applied.plus(at.getIndex(), bytes);
        listener.applied(at.getIndex());
    }

    private boolean isNew(TermIndex at) {
        TermIndex position = nodeStore.position();
        return position == null || at.getIndex() > position.getIndex();
    }

    private Applied apply(LogEntryProto logged, TermIndex at) {
        try {
            Store store = nodeStore.get();
            if (store == null) {
                throw new IllegalStateException("an entry came before the checkpoint that this new node begins with");
            }
            Entry entry = Entry.parseFrom(
                    logged.getStateMachineLogEntry().getLogData().asReadOnlyByteBuffer());
            ByteString position = RaftPosition.encode(at);
            return whenThereIsRoom(() -> store.apply(entry, position));
        } catch (RuntimeException | InvalidProtocolBufferException e) {
            stop("entry " + at + " cannot be applied", e);
            throw new IllegalStateException("entry " + at + " cannot be applied", e);
        }
    }

    /** An entry may not be skipped, and a full disk is the one failure that somebody else removes. */
    private <T> T whenThereIsRoom(Supplier<T> write) {
        while (true) {
            try {
                T result = write.get();
                stall(false);
                return result;
            } catch (EngineFullException e) {
                if (!stalled) {
                    LOG.error("disk full: nothing is applied until there is room", e);
                }
                stall(true);
                if (isClosingWithin(FULL_DISK_RETRY_MILLIS)) {
                    throw e;
                }
            }
        }
    }

    void stall(boolean now) {
        if (stalled != now) {
            stalled = now;
            stallWatcher.accept(now);
            listener.stalled(now);
        }
    }

    private boolean isClosingWithin(long millis) {
        try {
            return closing.await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void stop(String reason, Throwable cause) {
        if (!stopped.compareAndSet(false, true)) {
            return;
        }
        proposals.close("this node stopped: " + reason);
        if (!closeWasAsked) {
            LOG.error("this node stops: {}", reason, cause);
            listener.stopped(reason, cause);
        }
    }

    @Override
    public void notifyTermIndexUpdated(long term, long index) {
        TermIndex at = TermIndex.valueOf(term, index);
        Store store = nodeStore.get();
        if (getLifeCycleState() != LifeCycle.State.RUNNING) {
            return;
        }
        if (store != null && isNew(at)) {
            store.movePosition(RaftPosition.encode(at));
            advance(at, 0);
            if (snapshots.getLatestSnapshot() == null) {
                // A node that joins begins with a checkpoint, so there must be one from the beginning.
                checkpoint();
            }
            push.committed();
        } else {
            updateLastAppliedTermIndex(at);
        }
        tellReady(term);
    }

    private void tellReady(long term) {
        if (becomingReady == term) {
            becomingReady = NO_TERM;
            readyTerm = term;
            listener.ready(term);
        }
    }

    // Checkpoints.

    /** Begins one unless one is under way, which then is the one. */
    void checkpoint() {
        Store store = nodeStore.get();
        if (store == null || !checkpointing.compareAndSet(false, true)) {
            return;
        }
        LogMark begun = applied;
        try {
            CompletableFuture<StoreCheckpoint> unused = store.checkpoint().whenComplete((done, failure) -> {
                if (failure != null) {
                    LOG.warn("checkpoint failed; the next one tries again", failure);
                } else {
                    publish(store, begun);
                }
                checkpointing.set(false);
            });
        } catch (EngineFullException e) {
            checkpointing.set(false);
            LOG.warn("no room for a checkpoint; the next one tries again", e);
        } catch (RuntimeException e) {
            checkpointing.set(false);
            throw e;
        }
    }

    /** For tests. */
    boolean isCheckpointing() {
        return checkpointing.get();
    }

    private void publish(Store store, LogMark begun) {
        try {
            if (nodeStore.get() == store && closing.getCount() > 0) {
                snapshots.publish(store.pinCheckpoint(), Objects.requireNonNull(received));
                checkpointed = begun;
            }
        } catch (RuntimeException e) {
            LOG.warn("checkpoint cannot be offered to other nodes; the next one may", e);
        }
    }

    /**
     * Reports a checkpoint that is finished, or begins the next if it is due: applying waits for neither. Asked time and again.
     *
     * <p>Ratis drops the log behind what is reported, and the end of a transfer that takes long would find none to go on with. So while
     * there is one nothing is reported, up to a bound, and none is made that could not be.
     */
    @Override
    public long takeSnapshot() {
        SnapshotInfo latest = snapshots.getLatestSnapshot();
        if (latest != null && latest.getIndex() > reported) {
            if (neededTo.test(latest.getIndex()) && !keptAtMost.isReached(reportedAt, applied)) {
                return RaftLog.INVALID_LOG_INDEX;
            }
            reportedAt = checkpointed;
            reported = latest.getIndex();
            return reported;
        }
        if (checkpointAfter.isReached(checkpointed, applied)) {
            checkpoint();
        }
        return RaftLog.INVALID_LOG_INDEX;
    }

    @Override
    public StateMachineStorage getStateMachineStorage() {
        return snapshots;
    }

    @Override
    public @Nullable SnapshotInfo getLatestSnapshot() {
        return snapshots.getLatestSnapshot();
    }

    // Taking a checkpoint of the leader.

    /** All of it has arrived. It must be on disk before Ratis drops the log that it stands for, which is after this. */
    @Override
    public void pause() {
        try {
            Path arrived = Objects.requireNonNull(incoming);
            Disk.syncTree(arrived);
        } catch (IOException e) {
            throw new UncheckedIOException("received checkpoint cannot be synced", e);
        }
        if (getLifeCycleState() == LifeCycle.State.PAUSED) {
            // Publishing the files failed the last time.
            return;
        }
        getLifeCycle().transition(LifeCycle.State.PAUSING);
        getLifeCycle().transition(LifeCycle.State.PAUSED);
    }

    @Override
    public void reinitialize() throws IOException {
        try {
            getLifeCycle().startAndTransition(() -> {
                Path arrived = Objects.requireNonNull(received);
                Disk.sync(arrived);
                snapshots.clear();
                nodeStore.install(arrived, listener::storeWithdrawn);
                adoptStore();
            });
        } catch (IOException | RuntimeException e) {
            stop("the checkpoint that was received cannot be installed; a restart tries again", e);
            throw e;
        }
    }

    // What else Ratis tells.

    @Override
    public void notifyLeaderChanged(RaftGroupMemberId groupMemberId, @Nullable RaftPeerId newLeaderId) {
        listener.leaderChanged(newLeaderId == null ? null : newLeaderId.toString());
    }

    @Override
    public void notifyConfigurationChanged(long term, long index, RaftConfigurationProto configuration) {
        configurationTerm = term;
    }

    /** Comes from within the applying of the first entry of the term, a configuration, before its index is told. */
    @Override
    public void notifyLeaderReady() {
        becomingReady = configurationTerm;
    }

    @Override
    public void notifyNotLeader(Collection<TransactionContext> pendingEntries) {
        listener.leadershipLost();
    }

    @Override
    public void notifyLogFailed(Throwable cause, @Nullable LogEntryProto failedEntry) {
        stop("the log cannot be written", cause);
    }

    /** Ratis closes its part, and nobody here asked for it. */
    void endedByItself() {
        stop("it left the group or was shut down", new IllegalStateException("Ratis has ended its part"));
    }

    @Override
    public void notifyServerShutdown(RoleInfoProto roleInfo, boolean allServer) {
        stop("it left the group or was shut down", new IllegalStateException("shut down as " + roleInfo.getRole()));
    }

    /** The store stays open for reads; whoever opened the node closes it. */
    @Override
    public void close() {
        closing.countDown();
    }
}
