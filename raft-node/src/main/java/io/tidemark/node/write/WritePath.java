// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import io.tidemark.api.ProtoTimes;
import io.tidemark.node.consensus.ProposalOutcome;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.transition.CommandResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * From commands to entries, on the node that leads. Commands wait in the order in which they were admitted; whenever fewer entries
 * are under way than may be, all that wait become the next one. There is no thread here: a command that finds nothing before it is
 * proposed by the thread that brought it, and what came meanwhile by the thread that applied the entry before, ahead of everything
 * else that this entry leads to. Outcomes of entries with little in them complete there too, those of others elsewhere.
 *
 * <p>Everything that changes is guarded by the lock, except that one thread at a time forms and proposes entries ({@link
 * #proposing}), and does the proposing without the lock: so entries are proposed in the order in which they were formed. Outcomes
 * complete without the lock.
 *
 * <p>The commands of the sweeper have a share of their own: each entry takes one of them, if one waits, before the callers' commands.
 * So they wait for one entry at most, and take no more than one place in each.
 */
public final class WritePath {

    /** Commands that write no more than this together are answered on the thread that applied them, which costs less than a hop. */
    private static final long ANSWERED_AT_ONCE_BYTES = 4 << 10;

    private final Proposer proposer;
    private final WriteLimits limits;
    private final Ticker ticker;
    private final Stamps stamps;
    private final IntSupplier transitionVersion;
    private final Executor answering;

    private final Object lock = new Object();
    private final Deque<Submission> waiting = new ArrayDeque<>();
    private final Deque<Submission> sweeps = new ArrayDeque<>();
    private long waitingBytes;
    private int underWay;
    private boolean proposing;
    private volatile SubmitOutcome.@Nullable StoreFull storeFull;

    /** What all commands that were ever admitted write. */
    private long admittedBytes;

    /** What those of them write that have an outcome. */
    private final AtomicLong settledBytes = new AtomicLong();

    private volatile EntryListener listener = EntryListener.NOBODY;

    /**
     * A path with nothing on it.
     *
     * @param stamps what time entries say it is
     * @param transitionVersion the one in force, which every entry names
     * @param answering what completes the outcomes of an entry that is not small; once per entry
     */
    public WritePath(
            Proposer proposer,
            WriteLimits limits,
            Ticker ticker,
            Stamps stamps,
            IntSupplier transitionVersion,
            Executor answering) {
        this.proposer = proposer;
        this.limits = limits;
        this.ticker = ticker;
        this.stamps = stamps;
        this.transitionVersion = transitionVersion;
        this.answering = answering;
    }

    /** Tells somebody what becomes of entries and commands. */
    public void listen(EntryListener who) {
        listener = who;
    }

    WriteLimits limits() {
        return limits;
    }

    /** What those commands have written that are done with. Taken before rows are looked up for a {@link Weight}. */
    public long settledBytes() {
        return settledBytes.get();
    }

    /** Takes a command, or refuses it; its outcome says. It may be proposed at once, on this thread. */
    public void submit(Submission command) {
        submit(List.of(command));
    }

    /** Takes commands that stay in their order, with none of others' between them; those that there is no room for are refused. */
    public void submit(List<Submission> commands) {
        SubmitOutcome.StoreFull full = storeFull;
        if (full != null) {
            refuse(commands, full);
        } else {
            take(commands);
        }
    }

    /** The node's own commands are few and small, and reads go by what they tell: they are taken as long as anything is applied. */
    public void submitOwn(Submission command) {
        SubmitOutcome.StoreFull full = storeFull;
        if (full != null && full.isStalled()) {
            refuse(List.of(command), full);
        } else {
            take(List.of(command));
        }
    }

    private void refuse(List<Submission> commands, SubmitOutcome.StoreFull full) {
        commands.forEach(command -> command.outcome().complete(full));
        listener.ended(EntryListener.End.STORE_FULL, commands.size());
    }

    private void take(List<Submission> commands) {
        int admitted = 0;
        long now = ticker.now().monotonicNanos();
        synchronized (lock) {
            for (Submission command : commands) {
                if (!hasRoomFor(command)) {
                    break;
                }
                admit(command, waiting, now);
                waitingBytes += command.command().size();
                admitted++;
            }
        }
        propose();
        List<Submission> refused = commands.subList(admitted, commands.size());
        if (!refused.isEmpty()) {
            refused.forEach(command -> command.outcome().complete(new SubmitOutcome.Overloaded()));
            listener.ended(EntryListener.End.OVERLOADED, refused.size());
        }
    }

    /** There is too little room, so that callers' commands are refused instead of waiting for it; null: there is enough. */
    public void setStoreFull(SubmitOutcome.@Nullable StoreFull full) {
        storeFull = full;
    }

    /** Takes a command of the sweeper, which has no more than a few under way. */
    public void submitSweep(Submission command) {
        long now = ticker.now().monotonicNanos();
        synchronized (lock) {
            admit(command, sweeps, now);
        }
        propose();
    }

    private boolean hasRoomFor(Submission command) {
        return waiting.size() < limits.queueCommands()
                && (waiting.isEmpty() || waitingBytes + command.command().size() <= limits.queueBytes());
    }

    private void admit(Submission command, Deque<Submission> queue, long nowNanos) {
        command.admittedNanos = nowNanos;
        command.entryWeight = command.weight().bound(admittedBytes, limits.commandBytes());
        admittedBytes += command.entryWeight;
        command.isWaiting = true;
        queue.add(command);
    }

    /** Takes a command back if it has not been proposed: then it certainly never will be. */
    public void withdraw(Submission command) {
        synchronized (lock) {
            if (!command.isWaiting) {
                return;
            }
            // Rare: only at a deadline that passes while the entry before does not end.
            if (waiting.remove(command)) {
                waitingBytes -= command.command().size();
            } else {
                sweeps.remove(command);
            }
            settled(command);
        }
        command.outcome().complete(new SubmitOutcome.Dropped());
        listener.ended(EntryListener.End.DROPPED, 1);
    }

    /** This node does not lead: nothing that waits will be proposed. */
    public void leadershipLost() {
        List<Submission> dropped = new ArrayList<>();
        synchronized (lock) {
            dropped.addAll(sweeps);
            dropped.addAll(waiting);
            sweeps.clear();
            waiting.clear();
            waitingBytes = 0;
            dropped.forEach(this::settled);
        }
        answer(dropped, new SubmitOutcome.NotLeading(), EntryListener.End.NOT_LEADING);
    }

    /** How many commands wait. */
    public int waitingCommands() {
        synchronized (lock) {
            return waiting.size();
        }
    }

    /** How large those are that wait. */
    public long waitingBytes() {
        synchronized (lock) {
            return waitingBytes;
        }
    }

    /** How many entries are proposed and have no outcome yet. */
    public int entriesUnderWay() {
        synchronized (lock) {
            return underWay;
        }
    }

    private void propose() {
        synchronized (lock) {
            if (proposing) {
                // That thread looks again before it stops.
                return;
            }
            proposing = true;
        }
        while (true) {
            List<Submission> late = new ArrayList<>();
            List<Submission> commands = new ArrayList<>();
            Moment now = ticker.now();
            synchronized (lock) {
                if (underWay < limits.entriesUnderWay()) {
                    gather(now.monotonicNanos(), commands, late);
                }
                if (commands.isEmpty()) {
                    proposing = false;
                } else {
                    underWay++;
                }
            }
            answer(late, new SubmitOutcome.Dropped(), EntryListener.End.DROPPED);
            if (commands.isEmpty()) {
                return;
            }
            propose(now, commands);
        }
    }

    /** Of callers' commands the first has waited longest; a sweep, if there is one, stands before it. */
    private static long oldest(List<Submission> commands) {
        long first = commands.get(0).admittedNanos;
        return commands.size() == 1 ? first : Math.min(first, commands.get(1).admittedNanos);
    }

    private void propose(Moment now, List<Submission> commands) {
        CompletableFuture<ProposalOutcome> outcome;
        try {
            ByteString entry = Entries.encode(head(now), commands);
            listener.proposed(commands.size(), entry.size());
            outcome = proposer.propose(entry);
        } catch (Throwable e) {
            // Whether anything of it happened is the proposer's to say, and it did not.
            outcome = CompletableFuture.completedFuture(new ProposalOutcome.Unknown(e.toString()));
        }
        CompletableFuture<Void> unused = outcome.handle((done, failure) -> {
            ended(commands, failure == null ? done : new ProposalOutcome.Unknown(failure.toString()));
            return null;
        });
    }

    /** Takes what fits into the next entry from the queues, and what is too late to be proposed. */
    private void gather(long nowNanos, List<Submission> commands, List<Submission> late) {
        long bytes = 0;
        long weight = 0;
        Submission sweep = sweeps.poll();
        if (sweep != null) {
            sweep.isWaiting = false;
            commands.add(sweep);
            bytes += Entries.bytesOf(sweep.command());
            weight += sweep.entryWeight;
        }
        for (Submission next = waiting.peek(); next != null; next = waiting.peek()) {
            if (next.isDue(nowNanos)) {
                takeFirst();
                settled(next);
                late.add(next);
                continue;
            }
            bytes += Entries.bytesOf(next.command());
            weight += next.entryWeight;
            boolean fits = commands.size() < limits.entryCommands()
                    && bytes <= limits.entryBytes()
                    && weight <= limits.entryWeight();
            if (!fits && !commands.isEmpty()) {
                return;
            }
            takeFirst();
            next.isWaiting = false;
            commands.add(next);
        }
    }

    private void takeFirst() {
        waitingBytes -= waiting.remove().command().size();
    }

    private void settled(Submission command) {
        command.isWaiting = false;
        settledBytes.addAndGet(command.entryWeight);
    }

    private Entry head(Moment now) {
        return Entry.newBuilder()
                .setTransitionVersion(transitionVersion.getAsInt())
                .setLeaderTime(ProtoTimes.timestamp(stamps.wallNanos(now)))
                .build();
    }

    private void ended(List<Submission> commands, ProposalOutcome outcome) {
        synchronized (lock) {
            underWay--;
            commands.forEach(this::settled);
        }
        if (outcome instanceof ProposalOutcome.NotLeader) {
            leadershipLost();
        }
        propose();
        if (outcome instanceof ProposalOutcome.Done done) {
            answerEach(commands, done.applied().results());
        } else if (outcome instanceof ProposalOutcome.NotLeader) {
            answer(commands, new SubmitOutcome.NotLeading(), EntryListener.End.NOT_LEADING);
        } else if (outcome instanceof ProposalOutcome.Overloaded) {
            answer(commands, new SubmitOutcome.Overloaded(), EntryListener.End.OVERLOADED);
        } else if (outcome instanceof ProposalOutcome.Unknown unknown) {
            answer(commands, new SubmitOutcome.Unknown(unknown.reason()), EntryListener.End.UNKNOWN);
        }
    }

    private void answerEach(List<Submission> commands, List<CommandResult> results) {
        if (results.size() != commands.size()) {
            answer(
                    commands,
                    new SubmitOutcome.Unknown(
                            "an entry of " + commands.size() + " commands has " + results.size() + " results"),
                    EntryListener.End.UNKNOWN);
            return;
        }
        complete(commands, () -> {
            for (int i = 0; i < results.size(); i++) {
                commands.get(i).outcome().complete(new SubmitOutcome.Settled(results.get(i)));
            }
            listener.applied(results, ticker.now().monotonicNanos() - oldest(commands));
        });
    }

    private void answer(List<Submission> commands, SubmitOutcome outcome, EntryListener.End end) {
        if (!commands.isEmpty()) {
            complete(
                    commands,
                    () -> commands.forEach(command -> command.outcome().complete(outcome)));
            listener.ended(end, commands.size());
        }
    }

    private void complete(List<Submission> commands, Runnable outcomes) {
        if (isLittle(commands)) {
            outcomes.run();
            return;
        }
        try {
            answering.execute(outcomes);
        } catch (RejectedExecutionException e) {
            // The node is stopping; nobody is left without an answer.
            outcomes.run();
        }
    }

    /** A bound on what each writes is known, and answers hold little more. */
    private static boolean isLittle(List<Submission> commands) {
        long bytes = 0;
        for (Submission command : commands) {
            bytes += command.entryWeight;
            if (bytes > ANSWERED_AT_ONCE_BYTES) {
                return false;
            }
        }
        return true;
    }
}
