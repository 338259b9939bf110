// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.UnknownFields;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.OutcomeUnknown;
import io.tidemark.proto.v1.TableState;
import io.tidemark.proto.v1.WriteOptions;
import io.tidemark.server.forward.ForwardOutcome;
import io.tidemark.server.forward.Origin;
import io.tidemark.server.time.Timers;
import io.tidemark.store.Refusal;
import io.tidemark.store.RefusedException;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.RequestIdentity;
import io.tidemark.store.state.Store;
import io.tidemark.store.transition.Outcome;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One call from its arrival to its answer: attempt after attempt, here or at the leader, each with the same request ids, until
 * every part has an outcome or the deadline comes. What makes repetition safe is the store's window of request ids.
 *
 * <p>A part is open from the first attempt on that may have been done without this node knowing. From then on "this attempt wrote
 * nothing" is no answer: only an outcome that stands under the request id is.
 *
 * <p>Guarded by itself; nothing is called outside while that is held, but what makes answers. Each step has a turn. Whatever ends
 * the step (an outcome, a timer, a new leader, the deadline) goes on only if it is the first to claim the turn.
 */
final class WriteCall<Q extends Message, A> {

    /** Outcomes that the store remembers under the request id: no attempt can have had another. */
    private static final Set<ErrorReason> REMEMBERED = EnumSet.of(
            ErrorReason.ERROR_REASON_CONDITION_FAILED,
            ErrorReason.ERROR_REASON_TABLE_NOT_FOUND,
            ErrorReason.ERROR_REASON_TABLE_EXISTS,
            ErrorReason.ERROR_REASON_TABLE_DROPPING,
            ErrorReason.ERROR_REASON_TABLE_CHANGED,
            ErrorReason.ERROR_REASON_NOT_JSON,
            ErrorReason.ERROR_REASON_NOT_A_NUMBER,
            ErrorReason.ERROR_REASON_INCREMENT_OVERFLOW,
            ErrorReason.ERROR_REASON_REQUEST_ID_REUSED);

    /** The server that was asked could not take it, and another may. */
    private static final Set<ErrorReason> ELSEWHERE = EnumSet.of(
            ErrorReason.ERROR_REASON_NOT_LEADER,
            ErrorReason.ERROR_REASON_NO_LEADER,
            ErrorReason.ERROR_REASON_STOPPING,
            ErrorReason.ERROR_REASON_TOO_MANY_HOPS);

    /** The server that was asked could not take it now: an open write is tried again. */
    private static final Set<ErrorReason> PASSING =
            EnumSet.of(ErrorReason.ERROR_REASON_OVERLOADED, ErrorReason.ERROR_REASON_STORE_FULL);

    private enum Step {
        LOCAL,
        FORWARDING,
        PAUSED,
        ENDED
    }

    private final Surroundings node;
    private final UnderWay underWay;
    private final WriteKind<Q, A> kind;
    private final List<Part<Q, A>> parts;
    private final Route<Q, A> route;
    private final long deadlineNanos;
    private final Runnable ended;
    private final Context context = Context.current();
    private final Origin origin = Origin.current();

    private Step step = Step.PAUSED;
    private final int bytes;
    private int turn;
    private Duration pause;
    /** Why nobody could take it; null: somebody could. */
    private @Nullable String problem;

    private List<Submission> submissions = List.of();
    private @Nullable String target;
    private Route.@Nullable Passage<A> passage;
    private Timers.@Nullable Pending wake;

    /**
     * A call in the current gRPC context.
     *
     * @param deadlineNanos when its caller must have an answer, on the ticker's monotonic clock
     * @param ended called once, when every part has ended
     */
    WriteCall(
            Surroundings node,
            UnderWay underWay,
            WriteKind<Q, A> kind,
            List<Part<Q, A>> parts,
            Route<Q, A> route,
            long deadlineNanos,
            Runnable ended) {
        this.node = node;
        this.underWay = underWay;
        this.kind = kind;
        this.parts = List.copyOf(parts);
        this.bytes = parts.stream()
                .mapToInt(part -> part.request().getSerializedSize())
                .sum();
        this.route = route;
        this.deadlineNanos = deadlineNanos;
        this.ended = ended;
        this.pause = node.options().retryPauseMin();
    }

    void begin() {
        claimAndGoOn(0);
    }

    /** When its caller must have an answer, on the ticker's monotonic clock. */
    long deadlineNanos() {
        return deadlineNanos;
    }

    /** How large its requests are. */
    int bytes() {
        return bytes;
    }

    // What ends a step.

    private void claimAndGoOn(int mine) {
        int next = claim(mine);
        if (next > 0) {
            goOn(next);
        }
    }

    /** The next turn; 0: somebody else has claimed this one. */
    private synchronized int claim(int mine) {
        if (turn != mine || step == Step.ENDED) {
            return 0;
        }
        turn++;
        Timers.Pending timer = wake;
        if (timer != null) {
            timer.cancel();
            wake = null;
        }
        return turn;
    }

    private synchronized boolean isIn(int mine, Step in) {
        return turn == mine && step == in;
    }

    void leadershipChanged() {
        int mine;
        Step in;
        String asked;
        synchronized (this) {
            mine = turn;
            in = step;
            asked = target;
        }
        if (in == Step.PAUSED) {
            claimAndGoOn(mine);
        } else if (in == Step.FORWARDING) {
            String leads = node.leadership()
                    .other()
                    .map(Leadership.Leader::internalAddress)
                    .orElse(null);
            if (node.leadership().isReady() || (leads != null && !leads.equals(asked))) {
                node.timers().after(node.options().handover(), () -> giveUp(mine));
            }
        }
    }

    void tick(long nowNanos) {
        if (nowNanos - deadlineNanos < 0) {
            return;
        }
        int mine;
        Step in;
        List<Submission> submitted;
        synchronized (this) {
            mine = turn;
            in = step;
            submitted = submissions;
        }
        switch (in) {
            case LOCAL -> {
                submitted.forEach(node.path()::withdraw);
                // What is not back by now was proposed.
                int next = claim(mine);
                if (next > 0) {
                    synchronized (this) {
                        pending().forEach(Part::open);
                    }
                    goOn(next);
                }
            }
            case FORWARDING -> giveUp(mine);
            case PAUSED -> claimAndGoOn(mine);
            case ENDED -> {
                // Its outcome came while the others were looked at.
            }
        }
    }

    private void giveUp(int mine) {
        Route.Passage<A> given;
        synchronized (this) {
            given = turn == mine ? passage : null;
        }
        if (given != null) {
            given.cancel().run();
        }
    }

    // Steps.

    private void goOn(int mine) {
        List<Part<Q, A>> pending = pending();
        Duration left = Duration.ofNanos(deadlineNanos - node.ticker().now().monotonicNanos());
        if (pending.isEmpty()) {
            end();
        } else if (context.isCancelled()) {
            failAll(
                    pending,
                    Status.CANCELLED.withDescription("the caller is gone").asRuntimeException());
        } else if (left.isNegative() || left.isZero()) {
            expire(pending);
        } else if (node.leadership().isReady()) {
            submit(mine, pending);
        } else if (!origin.mayBeForwarded()) {
            failAll(pending, node.forwarder().tooManyHops(origin).toException());
        } else {
            Optional<Leadership.Leader> leader = node.leadership().other();
            if (leader.isPresent()) {
                forward(mine, pending, leader.get(), left);
            } else {
                pause(mine, "no leader is known");
            }
        }
    }

    private synchronized List<Part<Q, A>> pending() {
        return parts.stream().filter(part -> !part.isEnded()).toList();
    }

    private void pause(int mine, @Nullable String because) {
        Duration length;
        synchronized (this) {
            step = Step.PAUSED;
            problem = because != null ? because : problem;
            length = pause;
            Duration doubled = pause.multipliedBy(2);
            Duration longest = node.options().retryPauseMax();
            pause = doubled.compareTo(longest) < 0 ? doubled : longest;
        }
        // Between half and all of it.
        long nanos = (long) (length.toNanos() * (0.5 + node.chance().getAsDouble() / 2));
        Timers.Pending timer = node.timers().after(Duration.ofNanos(nanos), () -> claimAndGoOn(mine));
        synchronized (this) {
            if (turn == mine) {
                wake = timer;
            } else {
                timer.cancel();
            }
        }
    }

    private void submit(int mine, List<Part<Q, A>> pending) {
        Store store;
        try {
            store = node.store().get();
        } catch (StatusRuntimeException e) {
            failAll(pending, e);
            return;
        }
        List<Part<Q, A>> prepared = new ArrayList<>();
        List<Submission> commands = new ArrayList<>();
        for (Part<Q, A> part : pending) {
            try {
                commands.add(prepare(part, store));
                prepared.add(part);
            } catch (RefusedException e) {
                fail(part, e.refusal().status(store.history()).toException());
            } catch (StatusRuntimeException e) {
                fail(part, e);
            }
        }
        synchronized (this) {
            step = Step.LOCAL;
            submissions = commands;
            problem = null;
        }
        if (commands.isEmpty()) {
            claimAndGoOn(mine);
            return;
        }
        AtomicInteger left = new AtomicInteger(commands.size());
        for (int i = 0; i < commands.size(); i++) {
            Part<Q, A> part = prepared.get(i);
            CompletableFuture<Void> unused = commands.get(i).outcome().thenAccept(outcome -> {
                take(mine, part, store, outcome);
                if (left.decrementAndGet() == 0) {
                    settled(mine);
                }
            });
        }
        node.path().submit(commands);
    }

    private Submission prepare(Part<Q, A> part, Store store) {
        RequestIdentity identity = RequestIdentity.newBuilder()
                .setRequestId(part.options().getRequestId())
                .setFirstSentIndex(part.options().getFirstSentIndex())
                .build();
        Command command = kind.command().of(part.request(), identity, store.settings());
        // An entry with a field that is not known stops every node that applies it.
        String unknown = UnknownFields.first(command);
        if (unknown != null) {
            throw WriteErrors.unsupported(unknown);
        }
        ByteString encoded = command.toByteString();
        int commandBytesMax = node.path().limits().commandBytes();
        if (encoded.size() > commandBytesMax) {
            throw Refusal.tooLarge("bytes of a write", encoded.size(), commandBytesMax)
                    .toException();
        }
        Weight weight = command.hasWrite()
                ? Weights.of(
                        command.getWrite().getCommit(),
                        encoded.size(),
                        store,
                        node.path().settledBytes())
                : Weight.ofWritten(encoded.size());
        return new Submission(encoded, weight, deadlineNanos);
    }

    private void take(int mine, Part<Q, A> part, Store store, SubmitOutcome outcome) {
        if (outcome instanceof SubmitOutcome.Settled settled) {
            settle(mine, part, store, Judged.of(settled.result()));
        } else if (outcome instanceof SubmitOutcome.Overloaded) {
            if (!isOpen(part)) {
                fail(
                        part,
                        WriteErrors.overloaded(node.serverId(), node.options().overloadedRetry()));
            }
        } else if (outcome instanceof SubmitOutcome.StoreFull full) {
            if (!isOpen(part)) {
                fail(
                        part,
                        WriteErrors.storeFull(
                                node.serverId(),
                                full.why(),
                                node.diskFreeBytes().getAsLong(),
                                full.needed() > 0
                                        ? full.needed()
                                        : store.stats().memtableBytes()));
            }
        } else if (outcome instanceof SubmitOutcome.Dropped) {
            fail(part, WriteErrors.deadlinePassed(node.serverId()));
        } else if (outcome instanceof SubmitOutcome.Unknown) {
            synchronized (this) {
                part.open();
            }
        }
        // What remains, that this node does not lead, wrote nothing and is tried again.
    }

    private void settle(int mine, Part<Q, A> part, Store store, Judged judged) {
        if (judged.outcome() instanceof Outcome.TableSettled table
                && table.table().getState() == TableState.TABLE_STATE_DROPPING) {
            node.tableDropped().run();
        }
        if (!isIn(mine, Step.LOCAL)) {
            // Its caller has been told that the outcome is unknown.
            return;
        }
        try {
            A answer = kind.answer().of(node.answers(), store, part.request(), judged, part.room());
            synchronized (this) {
                part.answered(answer);
            }
        } catch (StatusRuntimeException e) {
            if (judged.isRemembered()) {
                synchronized (this) {
                    part.failed(e);
                }
            } else {
                fail(part, e);
            }
        } catch (RuntimeException e) {
            fail(
                    part,
                    WriteErrors.outcomeUnknown(part.options(), floor(), "it was settled, and the answer failed: " + e));
        }
    }

    private void forward(int mine, List<Part<Q, A>> pending, Leadership.Leader leader, Duration left) {
        synchronized (this) {
            step = Step.FORWARDING;
            target = leader.internalAddress();
            passage = null;
        }
        Context before = context.attach();
        Route.Passage<A> begun;
        try {
            begun = route.pass(leader.internalAddress(), pending, left);
        } finally {
            context.detach(before);
        }
        synchronized (this) {
            if (turn == mine) {
                passage = begun;
            }
        }
        CompletableFuture<Void> unused = begun.outcomes().thenAccept(outcomes -> {
            for (int i = 0; i < outcomes.size(); i++) {
                take(pending.get(i), leader, outcomes.get(i));
            }
            settled(mine);
        });
    }

    private void take(Part<Q, A> part, Leadership.Leader leader, ForwardOutcome<A> outcome) {
        if (outcome instanceof ForwardOutcome.Answered<A> answered) {
            synchronized (this) {
                part.answered(answered.answer());
            }
        } else if (outcome instanceof ForwardOutcome.Refused<A> refused) {
            take(part, refused.error());
        } else if (outcome instanceof ForwardOutcome.NotSent<A> notSent) {
            synchronized (this) {
                problem = "leader " + leader.id() + " at " + leader.internalAddress() + " cannot be reached: "
                        + notSent.status().getDescription();
            }
        } else if (outcome instanceof ForwardOutcome.Lost<A>) {
            synchronized (this) {
                part.open();
            }
        }
    }

    private void take(Part<Q, A> part, ErrorStatus error) {
        ErrorReason reason = error.reason();
        synchronized (this) {
            if (reason == ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN) {
                part.open();
                return;
            }
            if (reason == ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED && renew(part, error)) {
                return;
            }
            if (ELSEWHERE.contains(reason)) {
                problem = error.message();
                return;
            }
            if (part.isOpen() && PASSING.contains(reason)) {
                return;
            }
            if (REMEMBERED.contains(reason)) {
                part.failed(error.toException());
                return;
            }
        }
        fail(part, error.toException());
    }

    /**
     * This node, which chose the index, lags by more than the leader remembers. Guarded by this.
     *
     * @return whether the write can be sent as of a newer one
     */
    private boolean renew(Part<Q, A> part, ErrorStatus expired) {
        long floor = expired.detail(OutcomeUnknown.class)
                .map(OutcomeUnknown::getWindowFloorIndex)
                .orElse(0L);
        if (!part.isFirstSentHere() || floor <= part.options().getFirstSentIndex()) {
            return false;
        }
        WriteOptions newer = part.options().toBuilder().setFirstSentIndex(floor).build();
        part.sendAs(kind.withOptions().of(part.request(), newer), newer);
        return true;
    }

    /** Every part of the attempt is back. */
    private void settled(int mine) {
        int next = claim(mine);
        if (next == 0) {
            return;
        }
        if (pending().isEmpty()) {
            end();
        } else {
            pause(next, null);
        }
    }

    // Ends.

    private synchronized boolean isOpen(Part<Q, A> part) {
        return part.isOpen();
    }

    /** This attempt failed and wrote nothing, which is all there is to say unless an earlier one may have. */
    private void fail(Part<Q, A> part, StatusRuntimeException error) {
        StatusRuntimeException told = isOpen(part)
                ? WriteErrors.outcomeUnknown(
                        part.options(),
                        floor(),
                        "an earlier attempt may have succeeded; this one: "
                                + error.getStatus().getDescription())
                : error;
        synchronized (this) {
            part.failed(told);
        }
    }

    private void failAll(List<Part<Q, A>> pending, StatusRuntimeException error) {
        pending.forEach(part -> fail(part, error));
        end();
    }

    private void expire(List<Part<Q, A>> pending) {
        String unmet;
        synchronized (this) {
            unmet = problem;
        }
        failAll(
                pending,
                unmet == null
                        ? WriteErrors.deadlinePassed(node.serverId())
                        : WriteErrors.noLeader(node.serverId(), unmet));
    }

    private long floor() {
        try {
            return node.store().get().counters().windowFloor();
        } catch (StatusRuntimeException e) {
            return 0;
        }
    }

    private void end() {
        synchronized (this) {
            if (step == Step.ENDED) {
                return;
            }
            step = Step.ENDED;
        }
        underWay.remove(this);
        ended.run();
    }
}
