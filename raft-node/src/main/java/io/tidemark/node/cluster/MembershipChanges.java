// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.Progress;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Changes who votes, one change at a time, on the leader. A change that could leave the cluster without a working majority is refused
 * before anything is done; a new node is looked at before it is let in.
 *
 * <p>For any thread. A change goes on when whoever asked for it goes away.
 */
public final class MembershipChanges {

    /** A node that has been silent for longer does not count as working. */
    private static final Duration HEARD_WITHIN = Duration.ofSeconds(5);

    private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(200);
    private static final int LOOKS_AFTER_UNKNOWN = 150;

    private final Group group;
    private final Inquiries inquiries;
    private final Function<String, Optional<Duration>> lastHeard;
    private final Runnable changed;
    private final Timers timers;
    private final AtomicReference<@Nullable Change> underWay = new AtomicReference<>();

    /** @param joins who has no vote yet; null: nobody */
    private record Change(String what, @Nullable Member joins) {}

    /**
     * @param lastHeard when a node was last heard of
     * @param changed told when a change begins and ends
     */
    public MembershipChanges(
            Group group,
            Inquiries inquiries,
            Function<String, Optional<Duration>> lastHeard,
            Runnable changed,
            Timers timers) {
        this.group = group;
        this.inquiries = inquiries;
        this.lastHeard = lastHeard;
        this.changed = changed;
        this.timers = timers;
    }

    /** Who is being added and has no vote yet. */
    public Set<Member> joining() {
        Change now = underWay.get();
        return now == null || now.joins() == null ? Set.of() : Set.of(now.joins());
    }

    /** Adds a node that is running and waits for it. */
    public CompletableFuture<Member> add(Member added, Consumer<Progress> progress) {
        return change(
                        "adding " + added.id(),
                        added,
                        voters -> {
                            requireNew(added, voters);
                            Set<Member> wanted = new HashSet<>(voters);
                            wanted.add(added);
                            return wanted;
                        },
                        progress)
                .thenApply(done -> added);
    }

    /** Removes a node; the leader must be asked to hand over first. */
    public CompletableFuture<Void> remove(String nodeId, Consumer<Progress> progress) {
        return change("removing " + nodeId, null, voters -> without(voters, nodeId), progress);
    }

    /** Puts a node in the place of another that is dead. */
    public CompletableFuture<Member> replace(String deadId, Member added, Consumer<Progress> progress) {
        return change(
                        "replacing " + deadId + " by " + added.id(),
                        added,
                        voters -> {
                            requireNew(added, voters);
                            Set<Member> wanted = without(voters, deadId);
                            wanted.add(added);
                            return wanted;
                        },
                        progress)
                .thenApply(done -> added);
    }

    private CompletableFuture<Void> change(
            String what,
            @Nullable Member joins,
            Function<Set<Member>, Set<Member>> change,
            Consumer<Progress> progress) {
        Change mine = new Change(what, joins);
        if (!underWay.compareAndSet(null, mine)) {
            Change other = underWay.get();
            throw error(
                    ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                    what + ": another change is under way" + (other == null ? "" : ", " + other.what())
                            + ". Try again when it has ended.");
        }
        CompletableFuture<Void> done;
        try {
            done = begin(mine, change, progress);
        } catch (Throwable e) {
            done = CompletableFuture.failedFuture(e);
        }
        changed.run();
        return done.whenComplete((ended, failure) -> {
            underWay.set(null);
            changed.run();
        });
    }

    private CompletableFuture<Void> begin(
            Change mine, Function<Set<Member>, Set<Member>> change, Consumer<Progress> progress) {
        if (!group.leads()) {
            throw error(
                    ErrorReason.ERROR_REASON_NOT_LEADER,
                    mine.what() + ": node " + group.selfId() + " does not lead. Ask the leader.");
        }
        Membership before = group.membership();
        if (before.isJoint()) {
            throw error(
                    ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                    mine.what() + ": an earlier change of the members has not ended yet. Try again in a moment.");
        }
        Set<Member> wanted = change.apply(before.voters());
        requireWorkingMajority(mine, wanted);
        Member joins = mine.joins();
        CompletableFuture<Void> ready =
                joins == null ? CompletableFuture.completedFuture(null) : requireJoining(joins, progress);
        return ready.thenCompose(looked -> {
            Watch watch = new Watch(joins, progress);
            watch.look();
            return group.change(before.voters(), wanted)
                    .thenCompose(outcome -> settle(mine, wanted, outcome, LOOKS_AFTER_UNKNOWN))
                    .whenComplete((done, failure) -> watch.end());
        });
    }

    private CompletableFuture<Void> settle(Change mine, Set<Member> wanted, ChangeOutcome outcome, int looksLeft) {
        if (outcome instanceof ChangeOutcome.Done) {
            return CompletableFuture.completedFuture(null);
        }
        if (outcome instanceof ChangeOutcome.Refused refused) {
            throw error(
                    ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS,
                    mine.what() + " was refused, and nothing was changed: " + refused.reason());
        }
        Membership now = group.membership();
        if (!now.isJoint() && now.voters().equals(wanted)) {
            return CompletableFuture.completedFuture(null);
        }
        if (looksLeft == 0) {
            throw error(
                    ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN,
                    mine.what() + ": it is not known how it ended (" + outcome
                            + "). Look at the topology before trying again.");
        }
        CompletableFuture<Void> later = new CompletableFuture<>();
        timers.after(PROGRESS_INTERVAL, () -> later.complete(null));
        return later.thenCompose(waited -> settle(mine, wanted, outcome, looksLeft - 1));
    }

    /** What answers at the address must be that node, and must be waiting to be let in. */
    private CompletableFuture<Void> requireJoining(Member added, Consumer<Progress> progress) {
        progress.accept(
                Progress.newBuilder().setStage("looking at " + added.id()).build());
        return inquiries.status(added.internalAddress()).handle((status, failure) -> {
            if (failure != null || status == null) {
                throw error(
                        ErrorReason.ERROR_REASON_INVALID_FIELD,
                        "node " + added.id() + " does not answer at " + added.internalAddress() + " (" + cause(failure)
                                + "). Start it first, with cluster.start=join.");
            }
            if (!status.getServerId().equals(added.id())) {
                throw error(
                        ErrorReason.ERROR_REASON_INVALID_FIELD,
                        "the server at " + added.internalAddress() + " is " + status.getServerId() + ", not "
                                + added.id() + ". Give the new node's own id and addresses.");
            }
            return null;
        });
    }

    private static String cause(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause == null ? "an empty answer" : String.valueOf(cause.getMessage());
    }

    private static void requireNew(Member added, Set<Member> voters) {
        for (Member member : voters) {
            if (member.id().equals(added.id())) {
                throw error(ErrorReason.ERROR_REASON_MEMBER_EXISTS, "there is a node " + added.id() + " already");
            }
            if (member.raftAddress().equals(added.raftAddress())
                    || member.internalAddress().equals(added.internalAddress())) {
                throw error(
                        ErrorReason.ERROR_REASON_MEMBER_EXISTS,
                        "node " + member.id() + " has an address of " + added.id() + " already: " + member);
            }
        }
    }

    private static Set<Member> without(Set<Member> voters, String nodeId) {
        Set<Member> rest = new HashSet<>(voters);
        if (!rest.removeIf(member -> member.id().equals(nodeId))) {
            throw error(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND, "there is no node " + nodeId + " that votes");
        }
        return rest;
    }

    private void requireWorkingMajority(Change mine, Set<Member> wanted) {
        long working = wanted.stream().filter(member -> works(mine, member)).count();
        int needed = wanted.size() / 2 + 1;
        if (working < needed) {
            throw error(
                    ErrorReason.ERROR_REASON_WOULD_LOSE_MAJORITY,
                    mine.what() + " would leave " + wanted.size() + " nodes of which " + working + " work, and "
                            + needed + " must. Bring nodes back, or replace dead ones, first.");
        }
    }

    private boolean works(Change mine, Member member) {
        return member.id().equals(group.selfId())
                || member.equals(mine.joins())
                || lastHeard
                        .apply(member.id())
                        .filter(age -> age.compareTo(HEARD_WITHIN) <= 0)
                        .isPresent();
    }

    private static StatusRuntimeException error(ErrorReason reason, String message) {
        return ErrorStatus.of(reason, message).build().toException();
    }

    /** Tells how far a new node has come, by asking it. Its state is guarded by its monitor. */
    private final class Watch {
        private final @Nullable Member joins;
        private final Consumer<Progress> progress;
        private boolean ended;

        Watch(@Nullable Member joins, Consumer<Progress> progress) {
            this.joins = joins;
            this.progress = progress;
        }

        @SuppressWarnings("FutureReturnValueIgnored") // a node that does not answer is asked again
        void look() {
            if (joins == null) {
                tell(Progress.newBuilder().setStage("changing who votes").build());
                return;
            }
            inquiries.status(joins.internalAddress()).whenComplete((status, failure) -> {
                if (status != null) {
                    tell(progressOf(Objects.requireNonNull(joins), status));
                }
                timers.after(PROGRESS_INTERVAL, this::again);
            });
        }

        private void again() {
            synchronized (this) {
                if (ended) {
                    return;
                }
            }
            look();
        }

        private synchronized void tell(Progress now) {
            if (!ended) {
                progress.accept(now);
            }
        }

        synchronized void end() {
            ended = true;
        }

        private Progress progressOf(Member member, GetStatusResponse status) {
            long applied = status.getNode().getRaftAppliedIndex();
            return Progress.newBuilder()
                    .setStage(
                            status.getHeader().getHistoryId().isEmpty()
                                    ? member.id() + " receives a checkpoint"
                                    : member.id() + " catches up")
                    .setDone(Math.max(0, applied))
                    .setTotal(group.raftCommitIndex())
                    .setUnit("raft entries")
                    .build();
        }
    }
}
