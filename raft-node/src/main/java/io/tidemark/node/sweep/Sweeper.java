// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.sweep;

import io.tidemark.api.ProtoTimes;
import io.tidemark.node.write.Leadership;
import io.tidemark.node.write.Submission;
import io.tidemark.node.write.SubmitOutcome;
import io.tidemark.node.write.Weight;
import io.tidemark.node.write.WritePath;
import io.tidemark.proto.v1.Table;
import io.tidemark.proto.v1.TableState;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import io.tidemark.store.LogTime;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DropStepCommand;
import io.tidemark.store.proto.v1.DueRow;
import io.tidemark.store.proto.v1.ExpireCommand;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;
import io.tidemark.store.transition.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * While this node leads: proposes the expiry of rows that are due, and the removal of the rows of dropped tables, until nothing is
 * left. One round at a time, each with at most one command of either kind; what is left waits for the next round, which follows at
 * once, and otherwise for the interval.
 *
 * <p>Due is what the leader's clock says is due: its entry carries a later stamp, and log time is at least that. So a row of an idle
 * cluster expires too, though log time stands still between entries.
 *
 * <p>Guarded by itself; a round runs on the executor, because it reads from disk.
 */
public final class Sweeper {

    private static final Logger LOG = LoggerFactory.getLogger(Sweeper.class);
    /** What a tombstone takes at most, and what the store keeps beside it. */
    private static final int ROW_WEIGHT = 1280;

    private enum State {
        /** This node does not lead. */
        OFF,
        WAITING,
        SWEEPING
    }

    private final Supplier<Store> store;
    private final WritePath path;
    private final Leadership leadership;
    private final SweepOptions options;
    private final Ticker ticker;
    private final Timers timers;
    private final Executor executor;

    private final LongAdder expiredRows = new LongAdder();
    private final LongAdder droppedRows = new LongAdder();

    private State state = State.OFF;
    private Timers.@Nullable Pending wake;
    /** A table may be being dropped: looked for only then, since there may be many tables. */
    private boolean mayBeDropping;

    /** @param store the node's; may throw while there is none */
    public Sweeper(
            Supplier<Store> store,
            WritePath path,
            Leadership leadership,
            SweepOptions options,
            Ticker ticker,
            Timers timers,
            Executor executor) {
        this.store = store;
        this.path = path;
        this.leadership = leadership;
        this.options = options;
        this.ticker = ticker;
        this.timers = timers;
        this.executor = executor;
        leadership.onChange(this::leadershipChanged);
    }

    private void leadershipChanged() {
        if (leadership.isReady()) {
            synchronized (this) {
                // Other leaders may have left tables half removed.
                mayBeDropping = true;
                if (state != State.OFF) {
                    return;
                }
                state = State.WAITING;
            }
            begin();
        } else {
            synchronized (this) {
                if (state == State.WAITING) {
                    stopWaiting();
                    state = State.OFF;
                }
            }
        }
    }

    /** A table begins to be dropped. For any thread; quick. */
    public void tableDropped() {
        synchronized (this) {
            mayBeDropping = true;
        }
        begin();
    }

    private synchronized void stopWaiting() {
        Timers.Pending timer = wake;
        if (timer != null) {
            timer.cancel();
            wake = null;
        }
    }

    /** Begins a round unless one is under way, which then looks again. */
    private void begin() {
        synchronized (this) {
            if (state != State.WAITING) {
                return;
            }
            stopWaiting();
            state = State.SWEEPING;
        }
        run();
    }

    private void run() {
        try {
            executor.execute(this::round);
        } catch (RejectedExecutionException e) {
            // The node is stopping.
            synchronized (this) {
                state = State.OFF;
            }
        }
    }

    private void round() {
        if (!leadership.isReady()) {
            synchronized (this) {
                state = State.OFF;
            }
            // It may have become the leader again just before.
            if (leadership.isReady()) {
                leadershipChanged();
            }
            return;
        }
        CompletableFuture<Boolean> isMoreLeft;
        try {
            Store from = store.get();
            CompletableFuture<Boolean> expiring = expire(from);
            isMoreLeft = dropStep(from).thenCombine(expiring, (dropped, expired) -> dropped || expired);
        } catch (RuntimeException e) {
            LOG.warn("sweep failed; the next one tries again", e);
            isMoreLeft = CompletableFuture.completedFuture(false);
        }
        CompletableFuture<Void> unused = isMoreLeft.thenAccept(this::ended);
    }

    private void ended(boolean isMoreLeft) {
        if (isMoreLeft) {
            run();
            return;
        }
        synchronized (this) {
            state = State.WAITING;
            wake = timers.after(options.interval(), this::begin);
        }
    }

    /** Completes with whether there may be more to do at once. */
    private CompletableFuture<Boolean> expire(Store from) {
        List<DueRow> due = from.due(LogTime.max(from.logTime(), clock()), options.rowsMax());
        if (due.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        ExpireCommand.Builder command = ExpireCommand.newBuilder();
        int bytes = 0;
        for (DueRow row : due) {
            bytes += row.getSerializedSize();
            if (bytes > options.bytesMax() && command.getRowsCount() > 0) {
                break;
            }
            command.addRows(row);
        }
        boolean isCut = due.size() == options.rowsMax() || command.getRowsCount() < due.size();
        // Without progress the next round would find the same rows.
        return submit(Command.newBuilder().setExpire(command).build(), command.getRowsCount(), expiredRows)
                .thenApply(outcome -> outcome instanceof Outcome.Swept swept && (isCut || swept.more()));
    }

    private CompletableFuture<Boolean> dropStep(Store from) {
        synchronized (this) {
            if (!mayBeDropping) {
                return CompletableFuture.completedFuture(false);
            }
            // Before looking: a drop after that sets it again.
            mayBeDropping = false;
        }
        Optional<String> dropping = dropping(from);
        if (dropping.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        synchronized (this) {
            mayBeDropping = true;
        }
        DropStepCommand command = DropStepCommand.newBuilder()
                .setTable(dropping.get())
                .setLimit(options.rowsMax())
                .build();
        return submit(Command.newBuilder().setDropStep(command).build(), options.rowsMax(), droppedRows)
                .thenApply(outcome -> outcome instanceof Outcome.Swept);
    }

    private static Optional<String> dropping(Store from) {
        try (StoreView view = from.view()) {
            return view.tables().stream()
                    .filter(table -> table.getState() == TableState.TABLE_STATE_DROPPING)
                    .map(Table::getTable)
                    .findFirst();
        }
    }

    /** Completes with what the command did, or nothing where that is not known. */
    private CompletableFuture<Outcome> submit(Command command, int rows, LongAdder removed) {
        Submission submission =
                new Submission(command.toByteString(), Weight.ofWritten((long) rows * ROW_WEIGHT), Long.MAX_VALUE);
        path.submitSweep(submission);
        return submission.outcome().thenApply(outcome -> {
            if (!(outcome instanceof SubmitOutcome.Settled settled)) {
                return new Outcome.Nothing();
            }
            if (settled.result().outcome() instanceof Outcome.Swept swept) {
                removed.add(swept.removedRows());
            }
            return settled.result().outcome();
        });
    }

    /** How many rows this node's sweeps have expired. */
    public long expiredRows() {
        return expiredRows.sum();
    }

    /** How many rows of dropped tables this node's sweeps have removed. */
    public long droppedRows() {
        return droppedRows.sum();
    }

    private LogTime clock() {
        return LogTime.of(ProtoTimes.timestamp(ticker.now().wallNanos()));
    }
}
