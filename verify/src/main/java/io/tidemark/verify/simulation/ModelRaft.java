// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.grpc.Status;
import io.tidemark.api.ProtoTimes;
import io.tidemark.node.cluster.Group;
import io.tidemark.node.confirm.RaftView;
import io.tidemark.node.consensus.ChangeOutcome;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import io.tidemark.server.time.Timers;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.transition.CommandResult;
import io.tidemark.verify.simulation.Links.Port;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small Raft in place of Ratis: terms, votes, a log that a majority has, one member after the other applying it. Its voters never
 * change. What is written to the log is durable; what it takes to make it so is time. A leader that is cut off goes on believing that it
 * leads for a while, as real ones do.
 */
final class ModelRaft implements Group, RaftView {

    private static final Duration HEARTBEAT = Duration.ofMillis(100);
    private static final int ELECTION_MIN_MILLIS = 600;
    private static final int ELECTION_SPREAD_MILLIS = 600;
    private static final Duration LEADS_ALONE_MAX = Duration.ofSeconds(2);
    private static final int SYNC_NANOS_MIN = 50_000;
    private static final int SYNC_NANOS_SPREAD = 1_000_000;
    private static final int ENTRIES_MAX = 500;

    /** @param entry null: a leader's first, which changes nothing */
    record Logged(long term, @Nullable Entry entry) {}

    /** What a member's disk keeps. */
    static final class Disk {
        private final List<Logged> log = new ArrayList<>();
        private long term;
        private @Nullable String votedFor;
    }

    /** What becomes of the log. */
    interface Machinery {
        /** Applies an entry; one of null changes nothing but the position. */
        List<CommandResult> apply(long raftIndex, @Nullable Entry entry);

        /** Readers see all up to there. */
        void applied(long raftIndex);

        /** Who leads, or whether this member does, has changed. */
        void changed();

        int transitionVersion();
    }

    private record Waiting(Command command, CompletableFuture<CommandResult> result) {}

    private record Proposed(long term, List<Waiting> waiting) {}

    private final Member self;
    private final Membership membership;
    private final Machine machine;
    private final Links links;
    private final Function<String, @Nullable ModelRaft> others;
    private final Machine.Lane lane;
    private final Machine.Lane applier;
    private final Disk disk;
    private final Machinery machinery;
    private final Random chance;

    private Role role = Role.FOLLOWER;
    private @Nullable Member leader;
    private long commit;
    private long applied;
    private long firstOfTerm = Long.MAX_VALUE;
    private boolean isReady;
    private boolean applies;
    private long applySlower = 1;
    private final Set<String> votes = new HashSet<>();
    private final Map<String, Long> next = new HashMap<>();
    private final Map<String, Long> match = new HashMap<>();
    private final Map<String, Long> heard = new HashMap<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private final TreeMap<Long, Proposed> proposed = new TreeMap<>();
    private Timers.Pending election = () -> {};

    /**
     * A member that starts.
     *
     * @param applied how far its store has come
     * @param others gives a member that runs; null: it does not
     */
    ModelRaft(
            Member self,
            Membership membership,
            Machine machine,
            Links links,
            Disk disk,
            long applied,
            Function<String, @Nullable ModelRaft> others,
            Machinery machinery) {
        this.self = self;
        this.membership = membership;
        this.machine = machine;
        this.links = links;
        this.disk = disk;
        this.applied = applied;
        this.commit = applied;
        this.others = others;
        this.machinery = machinery;
        this.lane = machine.lane("raft");
        this.applier = machine.lane("apply");
        this.chance = machine.world().chance("raft " + self.id() + machine.life());
    }

    void start() {
        waitForLeader();
        beat();
    }

    // Elections.

    private void waitForLeader() {
        election.cancel();
        election = lane.after(
                Duration.ofMillis(ELECTION_MIN_MILLIS + chance.nextInt(ELECTION_SPREAD_MILLIS)), this::campaign);
    }

    /** Asks for votes for a term of its own. */
    void campaign() {
        if (role == Role.LEADER) {
            return;
        }
        become(Role.CANDIDATE, disk.term + 1, null);
        disk.votedFor = self.id();
        votes.clear();
        votes.add(self.id());
        waitForLeader();
        long term = disk.term;
        long lastIndex = disk.log.size();
        long lastTerm = termAt(lastIndex);
        for (Member other : rest()) {
            toMember(other, voter -> voter.asked(self, term, lastIndex, lastTerm));
        }
        lead();
    }

    private void asked(Member candidate, long term, long lastIndex, long lastTerm) {
        if (term > disk.term) {
            become(Role.FOLLOWER, term, null);
        }
        boolean isBehind = lastTerm < termAt(disk.log.size())
                || (lastTerm == termAt(disk.log.size()) && lastIndex < disk.log.size());
        boolean mayVote = disk.votedFor == null || disk.votedFor.equals(candidate.id());
        if (term < disk.term || isBehind || !mayVote || role != Role.FOLLOWER) {
            return;
        }
        disk.votedFor = candidate.id();
        waitForLeader();
        synced(() -> toMember(candidate, asking -> asking.voted(self.id(), term)));
    }

    private void voted(String voter, long term) {
        if (role == Role.CANDIDATE && term == disk.term) {
            votes.add(voter);
            lead();
        }
    }

    private void lead() {
        if (role != Role.CANDIDATE || votes.size() <= membership.voters().size() / 2) {
            return;
        }
        election.cancel();
        role = Role.LEADER;
        leader = self;
        next.clear();
        match.clear();
        heard.clear();
        for (Member other : rest()) {
            next.put(other.id(), disk.log.size() + 1L);
            match.put(other.id(), 0L);
            heard.put(other.id(), now());
        }
        firstOfTerm = disk.log.size() + 1L;
        append(null, List.of());
        machinery.changed();
    }

    private void become(Role as, long term, @Nullable Member of) {
        boolean changes = role != as || term != disk.term || (of != null && !of.equals(leader));
        if (term > disk.term) {
            disk.term = term;
            disk.votedFor = null;
            leader = null;
        }
        boolean led = role == Role.LEADER;
        role = as;
        if (of != null || as == Role.CANDIDATE) {
            leader = of;
        }
        if (led) {
            isReady = false;
            firstOfTerm = Long.MAX_VALUE;
            leader = of;
            failWaiting();
            waitForLeader();
        }
        if (changes) {
            machinery.changed();
        }
    }

    private void failWaiting() {
        List<Waiting> all = new ArrayList<>(waiting);
        waiting.clear();
        proposed.values().forEach(entry -> all.addAll(entry.waiting));
        proposed.clear();
        all.forEach(one -> one.result.completeExceptionally(Status.UNKNOWN
                .withDescription("the lead was lost: what becomes of it is not known")
                .asRuntimeException()));
    }

    // The log.

    /** Goes into the log with all that waits. Fails where this member does not lead, or loses the lead first. */
    CompletableFuture<CommandResult> propose(Command command) {
        CompletableFuture<CommandResult> result = new CompletableFuture<>();
        if (role != Role.LEADER) {
            result.completeExceptionally(Status.UNAVAILABLE
                    .withDescription("it does not lead: nothing was done")
                    .asRuntimeException());
            return result;
        }
        waiting.add(new Waiting(command, result));
        if (waiting.size() == 1) {
            lane.execute(this::appendWaiting);
        }
        return result;
    }

    private void appendWaiting() {
        if (role != Role.LEADER || waiting.isEmpty()) {
            return;
        }
        Entry.Builder entry = Entry.newBuilder()
                .setTransitionVersion(machinery.transitionVersion())
                .setLeaderTime(ProtoTimes.timestamp(machine.now().wallNanos()));
        waiting.forEach(one -> entry.addCommands(one.command));
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        append(entry.build(), all);
    }

    private void append(@Nullable Entry entry, List<Waiting> callers) {
        disk.log.add(new Logged(disk.term, entry));
        long index = disk.log.size();
        proposed.put(index, new Proposed(disk.term, callers));
        long term = disk.term;
        synced(() -> {
            if (role == Role.LEADER && term == disk.term) {
                match.merge(self.id(), index, Math::max);
                commitMore();
            }
        });
        rest().forEach(this::feed);
    }

    private void synced(Runnable then) {
        lane.after(Duration.ofNanos(SYNC_NANOS_MIN + chance.nextInt(SYNC_NANOS_SPREAD)), then);
    }

    private void beat() {
        lane.after(HEARTBEAT, this::beat);
        if (role == Role.LEADER) {
            rest().forEach(this::feed);
            long since = now() - LEADS_ALONE_MAX.toNanos();
            long near = heard.values().stream().filter(at -> at >= since).count();
            if (near < membership.voters().size() / 2) {
                become(Role.FOLLOWER, disk.term, null);
            }
        }
    }

    private long now() {
        return machine.now().monotonicNanos();
    }

    private void feed(Member follower) {
        long from = next.getOrDefault(follower.id(), 1L);
        long before = from - 1;
        int end = (int) Math.min(disk.log.size(), before + ENTRIES_MAX);
        List<Logged> entries = List.copyOf(disk.log.subList((int) before, Math.max((int) before, end)));
        next.put(follower.id(), before + entries.size() + 1);
        long term = disk.term;
        long beforeTerm = termAt(before);
        long committed = commit;
        toMember(follower, member -> member.fed(self, term, before, beforeTerm, entries, committed));
    }

    private void fed(Member from, long term, long before, long beforeTerm, List<Logged> entries, long committed) {
        if (term < disk.term) {
            long mine = disk.term;
            toMember(from, stale -> stale.told(self.id(), mine, false, 0));
            return;
        }
        become(Role.FOLLOWER, term, from);
        waitForLeader();
        if (before > disk.log.size() || termAt(before) != beforeTerm) {
            long end = Math.min(before - 1, disk.log.size());
            toMember(from, leading -> leading.told(self.id(), term, false, end));
            return;
        }
        for (int i = 0; i < entries.size(); i++) {
            int place = (int) before + i;
            Logged entry = entries.get(i);
            if (place < disk.log.size() && disk.log.get(place).term != entry.term) {
                disk.log.subList(place, disk.log.size()).clear();
            }
            if (place == disk.log.size()) {
                disk.log.add(entry);
            }
        }
        long end = before + entries.size();
        if (Math.min(committed, end) > commit) {
            commit = Math.min(committed, end);
            apply();
        }
        Runnable told = () -> toMember(from, leading -> leading.told(self.id(), term, true, end));
        if (entries.isEmpty()) {
            told.run();
        } else {
            synced(told);
        }
    }

    private void told(String follower, long term, boolean isSame, long end) {
        if (term > disk.term) {
            become(Role.FOLLOWER, term, null);
        }
        if (role != Role.LEADER || term != disk.term) {
            return;
        }
        heard.put(follower, now());
        if (!isSame) {
            next.put(follower, Math.max(match.getOrDefault(follower, 0L), end) + 1);
            member(follower).ifPresent(this::feed);
            return;
        }
        match.merge(follower, end, Math::max);
        commitMore();
        if (next.getOrDefault(follower, 1L) <= disk.log.size()) {
            member(follower).ifPresent(this::feed);
        }
    }

    private void commitMore() {
        List<Long> ends = new ArrayList<>(match.values());
        while (ends.size() < membership.voters().size()) {
            ends.add(0L);
        }
        ends.sort(null);
        long end = ends.get((membership.voters().size() - 1) / 2);
        if (end > commit && termAt(end) == disk.term) {
            commit = end;
            apply();
            rest().forEach(this::feed);
        }
    }

    private long termAt(long index) {
        return index == 0 ? 0 : disk.log.get((int) index - 1).term;
    }

    /** From now on applying takes so many times as long. */
    void applySlower(long times) {
        applySlower = times;
    }

    private void apply() {
        if (!applies && applied < commit) {
            applies = true;
            applier.after(Duration.ofNanos((10_000 + chance.nextInt(30_000)) * applySlower), this::applyNext);
        }
    }

    private void applyNext() {
        applies = false;
        long index = applied + 1;
        Logged logged = disk.log.get((int) applied);
        List<CommandResult> results = machinery.apply(index, logged.entry);
        applied = index;
        machinery.applied(index);
        Proposed mine = proposed.remove(index);
        if (mine != null && mine.term == logged.term) {
            for (int i = 0; i < mine.waiting.size(); i++) {
                mine.waiting.get(i).result.complete(results.get(i));
            }
        }
        if (role == Role.LEADER && !isReady && applied >= firstOfTerm) {
            isReady = true;
            machinery.changed();
        }
        apply();
    }

    private void toMember(Member to, java.util.function.Consumer<ModelRaft> message) {
        ModelRaft there = others.apply(to.id());
        if (there != null) {
            links.datagram(machine, there.machine, Port.RAFT, there.lane, () -> message.accept(there));
        }
    }

    private List<Member> rest() {
        return membership.voters().stream()
                .filter(member -> !member.id().equals(self.id()))
                .sorted(java.util.Comparator.comparing(Member::id))
                .toList();
    }

    private Optional<Member> member(String id) {
        return membership.voters().stream()
                .filter(member -> member.id().equals(id))
                .findFirst();
    }

    // As the parts of a node see it.

    @Override
    public String selfId() {
        return self.id();
    }

    @Override
    public boolean leads() {
        return isReady();
    }

    @Override
    public Role role() {
        return role;
    }

    @Override
    public long term() {
        return disk.term;
    }

    @Override
    public boolean isReady() {
        return role == Role.LEADER && isReady;
    }

    @Override
    public long commitIndex() {
        return commit;
    }

    @Override
    public long raftCommitIndex() {
        return commit;
    }

    @Override
    public Membership membership() {
        return membership;
    }

    @Override
    public Optional<Member> leader() {
        return Optional.ofNullable(leader);
    }

    @Override
    public CompletableFuture<ChangeOutcome> change(Set<Member> expected, Set<Member> wanted) {
        throw new UnsupportedOperationException("the voters of this model never change");
    }

    @Override
    public CompletableFuture<ChangeOutcome> transfer(@Nullable String to, Duration within) {
        throw new UnsupportedOperationException("the lead of this model is moved by campaign()");
    }
}
