// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.grpc.stub.StreamObserver;
import io.tidemark.node.consensus.Member;
import io.tidemark.node.consensus.Membership;
import io.tidemark.node.consensus.Role;
import io.tidemark.proto.v1.ConfirmReadIndexRequest;
import io.tidemark.proto.v1.ConfirmReadIndexResponse;
import io.tidemark.proto.v1.ConfirmTermRequest;
import io.tidemark.proto.v1.ConfirmTermResponse;
import io.tidemark.proto.v1.TermVerdict;
import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.ManualTime;
import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Timers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A small Raft whose steps come in any order: nodes campaign, vote, replicate, commit, apply, change their voters by joint
 * configurations, pause, and start again, while the code under test asks over a network that delays, loses and doubles. Whoever
 * leads acknowledges what it has applied. No confirmed index may lie below what was acknowledged before it was asked for.
 */
final class SimulatedGroup {

    /** Made once, copied as it is. With how many entries up to this one are data, which is the index in our sense. */
    private record LogEntry(
            long id, long term, int data, @Nullable Membership configuration) {}

    private record Acknowledged(long nanos, int raftIndex, int data) {}

    private static final List<String> IDS = List.of("s1", "s2", "s3", "s4", "s5", "s6");
    private static final ConfirmOptions OPTIONS = new ConfirmOptions(
            Duration.ofMillis(60),
            Duration.ofMillis(150),
            Duration.ofMillis(70),
            Duration.ofMillis(4),
            Duration.ofMillis(500));

    private final Random random;
    private final boolean believesAnything;
    private final ManualTime time = new ManualTime();
    private final List<Node> nodes = new ArrayList<>();

    /** What was committed, in order: the same for all, or the simulated Raft itself is wrong. */
    private final List<LogEntry> committed = new ArrayList<>();

    private final List<Acknowledged> acknowledged = new ArrayList<>(List.of(new Acknowledged(0, 0, 0)));
    private final List<String> violations = new ArrayList<>();
    private long entries;
    private int confirmations;
    private int changes;
    private int staleLeaders;
    private int unasked;

    /** @param believesAnything breaks the rule: every voter confirms whatever it is asked */
    SimulatedGroup(long seed, boolean believesAnything) {
        this.random = new Random(seed);
        this.believesAnything = believesAnything;
        IDS.forEach(id -> nodes.add(new Node(id)));
    }

    List<String> violations() {
        return violations;
    }

    int confirmations() {
        return confirmations;
    }

    /** How many configurations were committed. */
    int changes() {
        return changes;
    }

    /** How often somebody asked a leader that had been replaced without knowing it. */
    int staleLeaders() {
        return staleLeaders;
    }

    /** How many questions a leader answered with no more than its own word and the asker's. */
    int unasked() {
        return unasked;
    }

    void run(int steps) {
        for (int i = 0; i < steps; i++) {
            time.pass(Duration.ofNanos(1 + random.nextInt(3_000_000)));
            step(nodes.get(random.nextInt(nodes.size())), random.nextInt(1000));
        }
    }

    private void step(Node node, int dice) {
        if (node.isPaused) {
            if (dice < 150) {
                node.resume();
            }
            return;
        }
        if (dice < 40) {
            // Without this they do little else than campaign.
            boolean isNeedless = leaders().stream().anyMatch(leader -> !leader.isCutOff && leader.term >= node.term);
            if (!isNeedless || mishap(50)) {
                node.campaign();
                nodes.stream().filter(voter -> !mishap(200)).forEach(voter -> vote(node, voter));
            }
        } else if (dice < 60) {
            with(Role.CANDIDATE).forEach(candidate -> vote(candidate, node));
        } else if (dice < 480) {
            leaders().forEach(leader -> replicate(leader, node));
        } else if (dice < 620) {
            leaders().forEach(this::commit);
        } else if (dice < 760) {
            leaders().forEach(Node::apply);
            node.apply();
        } else if (dice < 800) {
            leaders().forEach(Node::propose);
        } else if (dice < 830) {
            leaders().forEach(this::changeVoters);
        } else if (dice < 850) {
            node.isPaused = true;
        } else if (dice < 854) {
            node.boot();
        } else if (dice < 864) {
            node.isCutOff = true;
        } else if (dice < 940) {
            node.isCutOff = false;
        } else {
            with(Role.FOLLOWER).forEach(this::read);
            leaders().forEach(this::read);
        }
    }

    private List<Node> leaders() {
        return with(Role.LEADER);
    }

    private List<Node> with(Role role) {
        return nodes.stream()
                .filter(node -> node.role == role && !node.isPaused)
                .toList();
    }

    private Node node(String id) {
        return nodes.get(IDS.indexOf(id));
    }

    private boolean mishap(int permille) {
        return random.nextInt(1000) < permille;
    }

    // What is checked.

    private void read(Node node) {
        Acknowledged before = acknowledged.get(acknowledged.size() - 1);
        long asked = time.now().monotonicNanos();
        boolean isStale = node.role == Role.LEADER && nodes.stream().anyMatch(other -> other.hasLed > node.term);
        staleLeaders += isStale ? 1 : 0;
        if (random.nextBoolean()) {
            CompletableFuture<Confirmed> rounds =
                    node.role == Role.LEADER ? node.here.confirm() : node.elsewhere.confirm();
            check(rounds, confirmed -> {
                require(confirmed.raftIndex() >= before.raftIndex, node, asked, "confirmed " + confirmed);
                require(
                        confirmed.raftIndex() >= before(confirmed.begun()).raftIndex,
                        node,
                        asked,
                        "misdated " + confirmed);
                require(confirmed.begun().monotonicNanos() >= asked, node, asked, "dated earlier " + confirmed);
            });
        } else {
            CompletableFuture<Proof> proofs = node.freshness.prove();
            check(proofs, proof -> {
                require(proof.index() >= before.data, node, asked, "proven " + proof);
                require(proof.index() >= before(proof.begun()).data, node, asked, "misdated " + proof);
                require(node.data() >= proof.index(), node, asked, "not applied " + proof);
            });
        }
    }

    private <T> void check(CompletableFuture<T> future, Consumer<T> check) {
        CompletableFuture<T> unused = future.whenComplete((value, failure) -> {
            if (failure == null) {
                confirmations++;
                check.accept(value);
            }
        });
    }

    private void require(boolean holds, Node node, long asked, String what) {
        if (!holds) {
            violations.add(node.id + " asked at " + asked + ": " + what + ", acknowledged " + acknowledged);
        }
    }

    private Acknowledged before(Moment moment) {
        Acknowledged last = acknowledged.get(0);
        for (Acknowledged one : acknowledged) {
            if (one.nanos < moment.monotonicNanos()) {
                last = one;
            }
        }
        return last;
    }

    // Raft.

    private void vote(Node candidate, Node voter) {
        boolean isReachable = !voter.isPaused && !voter.isCutOff && !candidate.isCutOff;
        if (!isReachable || candidate.role != Role.CANDIDATE || voter.term > candidate.term) {
            return;
        }
        if (voter.term < candidate.term) {
            voter.follow(candidate.term, null);
        }
        boolean isFree = voter.votedFor == null || voter.votedFor.equals(candidate.id);
        if (isFree && candidate.isUpToDateFor(voter) && voter.role == Role.FOLLOWER) {
            voter.votedFor = candidate.id;
            if (!mishap(100)) {
                candidate.votes.add(voter.id);
                candidate.leadIfElected();
            }
        }
    }

    private void replicate(Node leader, Node follower) {
        if (follower.id.equals(leader.id) || leader.isCutOff || follower.isCutOff || mishap(200)) {
            return;
        }
        if (follower.term > leader.term) {
            if (mishap(200)) {
                leader.follow(follower.term, null);
            }
            return;
        }
        follower.follow(leader.term, leader.id);
        int same = 0;
        while (same < leader.log.size()
                && same < follower.log.size()
                && leader.log.get(same).id == follower.log.get(same).id) {
            same++;
        }
        int end = same + random.nextInt(leader.log.size() - same + 1);
        if (end > same) {
            follower.log.subList(same, follower.log.size()).clear();
            follower.log.addAll(leader.log.subList(same, end));
        }
        follower.commit = Math.max(follower.commit, Math.min(leader.commit, end - 1));
        if (!mishap(150)) {
            leader.match.merge(follower.id, end - 1, Math::max);
        }
    }

    private void commit(Node leader) {
        Membership membership = leader.membership();
        for (int i = leader.log.size() - 1; i > leader.commit && leader.log.get(i).term == leader.term; i--) {
            int at = i;
            leader.match.put(leader.id, leader.log.size() - 1);
            Set<String> have = IDS.stream()
                    .filter(id -> leader.match.getOrDefault(id, -1) >= at)
                    .collect(Collectors.toSet());
            if (isMajority(membership, have)) {
                leader.commit = i;
                break;
            }
        }
        if (leader.commit < membership.raftIndex()) {
            return;
        }
        if (membership.isJoint()) {
            leader.append(new Membership(leader.log.size(), membership.voters(), Set.of()));
            changes++;
        } else if (!membership.voters().contains(member(leader.id))) {
            leader.follow(leader.term, null);
        }
    }

    private void changeVoters(Node leader) {
        Membership now = leader.membership();
        if (now.isJoint() || leader.commit < now.raftIndex() || leader.log.get(leader.commit).term != leader.term) {
            return;
        }
        Set<Member> wanted = IDS.stream()
                .filter(id -> random.nextInt(5) < 3)
                .map(SimulatedGroup::member)
                .collect(Collectors.toSet());
        if (!wanted.isEmpty() && !wanted.equals(now.voters())) {
            leader.append(new Membership(leader.log.size(), wanted, now.voters()));
        }
    }

    private static boolean isMajority(Membership membership, Set<String> ids) {
        return isMajorityOf(membership.voters(), ids)
                && (!membership.isJoint() || isMajorityOf(membership.oldVoters(), ids));
    }

    private static boolean isMajorityOf(Set<Member> voters, Set<String> ids) {
        return voters.stream().filter(voter -> ids.contains(voter.id())).count() * 2 > voters.size();
    }

    private static Member member(String id) {
        return FakeRaft.member(id);
    }

    /** One process after another under one name, with the state that a disk keeps: term, vote, log, what is applied. */
    private final class Node implements RaftView {
        private final String id;
        private final List<LogEntry> log = new ArrayList<>();
        private final Map<String, Integer> match = new HashMap<>();
        private final Set<String> votes = new HashSet<>();
        private final List<Runnable> deferred = new ArrayList<>();
        private long term;
        private @Nullable String votedFor;
        private Role role = Role.FOLLOWER;
        private @Nullable String leaderId;
        private int commit;
        private int applied;
        private int firstOfTerm;
        private long hasLed;
        private boolean isPaused;

        /** From Raft's messages, not from ours: the worst for us. */
        private boolean isCutOff;

        private int process;
        private AppliedRaft appliedRaft;
        private LeaderRounds here;
        private RemoteRounds elsewhere;
        private NodeFreshness freshness;
        private TermAnswers answers;
        private ConfirmationHandlers handlers;

        @SuppressWarnings("NullAway") // boot fills in what a process has
        Node(String id) {
            this.id = id;
            log.add(new LogEntry(0, 0, 0, FakeRaft.stable(0, "s1", "s2", "s3")));
            boot();
        }

        void boot() {
            process++;
            deferred.clear();
            isPaused = false;
            role = Role.FOLLOWER;
            leaderId = null;
            commit = applied;
            Identity identity = LeaderRoundsTest.identity(id);
            Peers network = new Network(this, process);
            int life = process;
            Timers timers = (delay, call) -> time.after(delay, () -> deliver(life, call));
            ClockComparison clocks = new ClockComparison(OPTIONS.clockOffMax(), off -> {});
            appliedRaft = new AppliedRaft(Runnable::run);
            appliedRaft.advanced(applied);
            here = new LeaderRounds(identity, this, network, time, timers, OPTIONS, clocks);
            answers = new TermAnswers(identity, this, time);
            elsewhere = new RemoteRounds(identity, this, network, here, answers, time, timers, OPTIONS);
            freshness = new NodeFreshness(identity, this, here, elsewhere, appliedRaft, this::data, Runnable::run);
            handlers = new ConfirmationHandlers(identity, this, answers, here);
        }

        /** What comes during a pause waits for its end; what was for an earlier process is gone. */
        void deliver(int to, Runnable what) {
            if (to != process) {
                return;
            }
            if (isPaused) {
                deferred.add(() -> deliver(to, what));
            } else {
                what.run();
            }
        }

        void resume() {
            isPaused = false;
            List<Runnable> waiting = new ArrayList<>(deferred);
            deferred.clear();
            while (!waiting.isEmpty()) {
                waiting.remove(random.nextInt(waiting.size())).run();
            }
        }

        void follow(long ofTerm, @Nullable String leader) {
            boolean isAnother = ofTerm > term || (leader != null && !leader.equals(leaderId));
            if (ofTerm > term) {
                term = ofTerm;
                votedFor = null;
            }
            role = Role.FOLLOWER;
            leaderId = leader;
            if (isAnother) {
                elsewhere.leaderChanged();
            }
        }

        void campaign() {
            if (role == Role.LEADER || !isVoter()) {
                return;
            }
            term++;
            votedFor = id;
            role = Role.CANDIDATE;
            leaderId = null;
            votes.clear();
            votes.add(id);
            leadIfElected();
        }

        private boolean isVoter() {
            Membership now = membership();
            return now.voters().contains(member(id)) || now.oldVoters().contains(member(id));
        }

        void leadIfElected() {
            if (role == Role.CANDIDATE && isMajority(membership(), votes)) {
                role = Role.LEADER;
                leaderId = id;
                hasLed = term;
                match.clear();
                firstOfTerm = log.size();
                propose();
            }
        }

        boolean isUpToDateFor(Node voter) {
            LogEntry mine = log.get(log.size() - 1);
            LogEntry theirs = voter.log.get(voter.log.size() - 1);
            return mine.term != theirs.term ? mine.term > theirs.term : log.size() >= voter.log.size();
        }

        void propose() {
            log.add(new LogEntry(++entries, term, log.get(log.size() - 1).data + 1, null));
        }

        void append(Membership configuration) {
            log.add(new LogEntry(++entries, term, log.get(log.size() - 1).data, configuration));
        }

        void apply() {
            if (commit == applied) {
                return;
            }
            int to = applied + 1 + random.nextInt(commit - applied);
            for (int i = committed.size(); i <= to; i++) {
                committed.add(log.get(i));
            }
            for (int i = applied + 1; i <= to; i++) {
                if (committed.get(i).id != log.get(i).id) {
                    violations.add("the simulated Raft is wrong: " + id + " applies " + log.get(i) + " at " + i);
                }
            }
            applied = to;
            Acknowledged last = acknowledged.get(acknowledged.size() - 1);
            if (role == Role.LEADER && applied > last.raftIndex) {
                acknowledged.add(new Acknowledged(time.now().monotonicNanos(), applied, data()));
            }
            appliedRaft.advanced(applied);
        }

        int data() {
            return log.get(applied).data;
        }

        @Override
        public Role role() {
            return role;
        }

        @Override
        public long term() {
            return term;
        }

        @Override
        public boolean isReady() {
            return role == Role.LEADER && applied >= firstOfTerm;
        }

        @Override
        public long commitIndex() {
            return commit;
        }

        @Override
        public Membership membership() {
            for (int i = log.size() - 1; i >= 0; i--) {
                Membership configuration = log.get(i).configuration;
                if (configuration != null) {
                    return configuration;
                }
            }
            throw new AssertionError("the first entry is a configuration");
        }

        @Override
        public Optional<Member> leader() {
            return Optional.ofNullable(leaderId).map(FakeRaft::member);
        }
    }

    /** One process's way to the others. */
    private final class Network implements Peers {
        private final Node from;
        private final int process;

        Network(Node from, int process) {
            this.from = from;
            this.process = process;
        }

        @Override
        public CompletableFuture<ConfirmTermResponse> confirmTerm(
                Member to, ConfirmTermRequest request, Duration within) {
            CompletableFuture<ConfirmTermResponse> answer = new CompletableFuture<>();
            send(node(to.id()), () -> {
                ConfirmTermResponse said = node(to.id()).answers.answer(request);
                sendBack(() -> answer.complete(believesAnything ? believed(said, request) : said));
            });
            return answer;
        }

        private ConfirmTermResponse believed(ConfirmTermResponse said, ConfirmTermRequest request) {
            return said.toBuilder()
                    .setTerm(request.getTerm())
                    .setVerdict(TermVerdict.TERM_VERDICT_CONFIRMED)
                    .build();
        }

        @Override
        public CompletableFuture<ConfirmReadIndexResponse> confirmReadIndex(
                Member to, ConfirmReadIndexRequest request, Duration within) {
            CompletableFuture<ConfirmReadIndexResponse> answer = new CompletableFuture<>();
            send(node(to.id()), () -> {
                AtomicBoolean isAnswered = new AtomicBoolean();
                node(to.id()).handlers.confirmReadIndex(request, new StreamObserver<>() {
                    @Override
                    public void onNext(ConfirmReadIndexResponse said) {
                        isAnswered.set(true);
                        sendBack(() -> answer.complete(said));
                    }

                    @Override
                    public void onError(Throwable failure) {
                        sendBack(() -> answer.completeExceptionally(failure));
                    }

                    @Override
                    public void onCompleted() {}
                });
                unasked += isAnswered.get() ? 1 : 0;
            });
            return answer;
        }

        private void send(Node to, Runnable what) {
            int copies = mishap(100) ? 0 : mishap(50) ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                Timers.Pending unused = time.after(delay(), () -> to.deliver(to.process, what));
            }
        }

        private void sendBack(Runnable what) {
            if (!mishap(100)) {
                Timers.Pending unused = time.after(delay(), () -> from.deliver(process, what));
            }
        }

        private Duration delay() {
            return Duration.ofNanos(mishap(50) ? random.nextInt(100_000_000) : 100_000 + random.nextInt(5_000_000));
        }
    }
}
