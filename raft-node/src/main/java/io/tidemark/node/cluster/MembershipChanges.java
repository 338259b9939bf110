// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.cluster;

import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.proto.v1.GetStatusResponse;
import io.tidemark.proto.v1.Progress;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Changes who votes, one change at a time, on the leader. A change that could leave the cluster without a working majority is refused
 * before anything is done; a new node is looked at before it is let in.
 *
 * <p>For any thread. A change goes on when whoever asked for it goes away.
 */
public final class MembershipChanges {

    private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(200);
    private static final int LOOKS_AFTER_UNKNOWN = 150;

    private final Group group;
    private final Inquiries inquiries;
    private final Supplier<Optional<ClusterFacts>> facts;
    private final Predicate<String> isReplica;
    private final Runnable changed;
    private final Timers timers;
    private final AtomicReference<@Nullable Change> underWay = new AtomicReference<>();

    /** @param joins who has no vote yet; null: nobody */
    private record Change(String what, @Nullable Member joins) {}

    /**
     * @param facts of the cluster whose members these are
     * @param isReplica whether a replica is registered by this id: one id names one server
     * @param changed told when a change begins and ends
     */
    public MembershipChanges(
            Group group,
            Inquiries inquiries,
            Supplier<Optional<ClusterFacts>> facts,
            Predicate<String> isReplica,
            Runnable changed,
            Timers timers) {
        this.group = group;
        this.inquiries = inquiries;
        this.facts = facts;
        this.isReplica = isReplica;
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
        return change("adding " + added.id(), added, List.of(voters -> with(voters, added)), progress)
                .thenApply(done -> added);
    }

    /** Removes a node; the leader must be asked to hand over first. */
    public CompletableFuture<Void> remove(String nodeId, Consumer<Progress> progress) {
        return change("removing " + nodeId, null, List.of(voters -> without(voters, nodeId)), progress);
    }

    /**
     * Puts a node in the place of another that is dead, in two changes: the new one is added before the dead one is removed, so that
     * at no time fewer nodes work than now. If it ends between the two, the dead one can still be removed.
     */
    public CompletableFuture<Member> replace(String deadId, Member added, Consumer<Progress> progress) {
        return change(
                        "replacing " + deadId + " by " + added.id(),
                        added,
                        List.of(voters -> with(voters, added), voters -> without(voters, deadId)),
                        progress)
                .thenApply(done -> added);
    }

    /** @param steps each changes one voter: more at once are not safe, see {@code docs/decisions}, 46 */
    private CompletableFuture<Void> change(
            String what, @Nullable Member joins, List<UnaryOperator<Set<Member>>> steps, Consumer<Progress> progress) {
        Change mine = new Change(what, joins);
        if (!underWay.compareAndSet(null, mine)) {
            Change other = underWay.get();
            throw ChangeErrors.underWay(what, other == null ? null : other.what());
        }
        CompletableFuture<Void> done;
        try {
            done = begin(mine, steps, progress);
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
            Change mine, List<UnaryOperator<Set<Member>>> steps, Consumer<Progress> progress) {
        if (!group.leads()) {
            throw ChangeErrors.notLeader(mine.what(), group.selfId());
        }
        Membership before = group.membership();
        if (before.isJoint()) {
            throw ChangeErrors.underWay(mine.what(), "an earlier one of the members");
        }
        List<Set<Member>> stations = new ArrayList<>(List.of(before.voters()));
        for (UnaryOperator<Set<Member>> step : steps) {
            stations.add(step.apply(stations.get(stations.size() - 1)));
        }
        Member joins = mine.joins();
        if (joins != null && isReplica.test(joins.id())) {
            throw ChangeErrors.isReplica(joins);
        }
        CompletableFuture<Void> ready =
                joins == null ? CompletableFuture.completedFuture(null) : requireJoining(joins, progress);
        return ready.thenCompose(looked -> requireWorkingMajorities(mine, stations))
                .thenCompose(looked -> {
                    Watch watch = new Watch(joins, progress);
                    watch.look();
                    return walk(mine, stations).whenComplete((done, failure) -> watch.end());
                });
    }

    private CompletableFuture<Void> walk(Change mine, List<Set<Member>> stations) {
        CompletableFuture<Void> walked = CompletableFuture.completedFuture(null);
        for (int i = 1; i < stations.size(); i++) {
            Set<Member> from = stations.get(i - 1);
            Set<Member> to = stations.get(i);
            walked = walked.thenCompose(there ->
                    group.change(from, to).thenCompose(outcome -> settle(mine, to, outcome, LOOKS_AFTER_UNKNOWN)));
        }
        return walked;
    }

    private CompletableFuture<Void> settle(Change mine, Set<Member> wanted, ChangeOutcome outcome, int looksLeft) {
        if (outcome instanceof ChangeOutcome.Done) {
            return CompletableFuture.completedFuture(null);
        }
        if (outcome instanceof ChangeOutcome.Refused refused) {
            throw ChangeErrors.refused(mine.what(), refused.reason());
        }
        Membership now = group.membership();
        if (!now.isJoint() && now.voters().equals(wanted)) {
            return CompletableFuture.completedFuture(null);
        }
        if (looksLeft == 0) {
            throw ChangeErrors.unknown(mine.what(), outcome);
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
                throw ChangeErrors.silent(added, cause(failure));
            }
            if (!status.getServerId().equals(added.id())) {
                throw ChangeErrors.another(added, status.getServerId());
            }
            requireNoOtherHistory(added, status.getHeader().getHistoryId());
            return null;
        });
    }

    /** One that waits has no store yet, or this history's from an attempt before. */
    private void requireNoOtherHistory(Member added, String history) {
        String ours = facts.get().map(ClusterFacts::historyId).orElse("");
        if (!history.isEmpty() && !history.equals(ours)) {
            throw ChangeErrors.ofAnotherHistory(added, history, ours);
        }
    }

    private static String cause(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause == null ? "an empty answer" : String.valueOf(cause.getMessage());
    }

    private static void requireNew(Member added, Set<Member> voters) {
        for (Member member : voters) {
            if (member.id().equals(added.id())
                    || member.raftAddress().equals(added.raftAddress())
                    || member.internalAddress().equals(added.internalAddress())) {
                throw ChangeErrors.exists(added, member);
            }
        }
    }

    private static Set<Member> with(Set<Member> voters, Member added) {
        requireNew(added, voters);
        Set<Member> more = new HashSet<>(voters);
        more.add(added);
        return more;
    }

    private static Set<Member> without(Set<Member> voters, String nodeId) {
        Set<Member> rest = new HashSet<>(voters);
        if (!rest.removeIf(member -> member.id().equals(nodeId))) {
            throw ChangeErrors.noSuchNode(nodeId);
        }
        return rest;
    }

    /** Who works is asked now: what was heard before may be out of date, and a new leader has heard of nobody. */
    private CompletableFuture<Void> requireWorkingMajorities(Change mine, List<Set<Member>> stations) {
        Set<Member> working = ConcurrentHashMap.newKeySet();
        CompletableFuture<?>[] asked = stations.get(0).stream()
                .filter(member -> !member.id().equals(group.selfId()))
                .map(member -> inquiries
                        .status(member.internalAddress())
                        .thenAccept(status -> {
                            if (status.getServerId().equals(member.id())) {
                                working.add(member);
                            }
                        })
                        .exceptionally(silent -> null))
                .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(asked)
                .thenAccept(all -> stations.subList(1, stations.size())
                        .forEach(wanted -> requireWorkingMajority(mine, wanted, working)));
    }

    private void requireWorkingMajority(Change mine, Set<Member> wanted, Set<Member> answered) {
        long working = wanted.stream()
                .filter(member ->
                        member.id().equals(group.selfId()) || member.equals(mine.joins()) || answered.contains(member))
                .count();
        int needed = wanted.size() / 2 + 1;
        if (working < needed) {
            throw ChangeErrors.wouldLoseMajority(mine.what(), wanted.size(), working, needed);
        }
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
