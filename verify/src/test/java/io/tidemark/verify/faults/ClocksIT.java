// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Timestamp;
import io.grpc.StatusRuntimeException;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetStatusRequest;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.MaintenanceGrpc;
import io.tidemark.proto.v1.TransferLeadershipRequest;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.ReplicaUnderTest;
import io.tidemark.verify.faults.ClusterUnderTest.Standing;
import io.tidemark.verify.history.Ask;
import io.tidemark.verify.history.Ask.Eventual;
import io.tidemark.verify.history.Checks;
import io.tidemark.verify.history.Reading;
import io.tidemark.verify.history.Reading.Told;
import io.tidemark.verify.history.Violation;
import io.tidemark.verify.history.Violation.Promise;
import io.tidemark.verify.process.Place;
import io.tidemark.verify.process.Servers;
import io.tidemark.verify.process.TestClocks;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Clocks of real processes jump by hours, and stand still while the machine is suspended: bounds that are stated stay sound. */
@Tag("faults")
class ClocksIT {

    private static final String TEST = "clocks";
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    /** Half a second that clocks may differ by, and what the machine takes to answer. */
    private static final Duration LOG_TIME_AHEAD_MAX = Duration.ofSeconds(10);

    private static final Duration HOURS = Duration.ofHours(3);
    private static final int QUEUED = 8;
    private static final int TRIES = 5;

    @RegisterExtension
    final Servers servers = new Servers();

    private final Map<String, TestClocks> clocks = new HashMap<>();

    @BeforeEach
    void check() {
        Optional<String> obstacle = TestClocks.obstacle();
        obstacle.ifPresent(why -> Rounds.say(TEST, "SKIPPED: " + why));
        assumeTrue(obstacle.isEmpty(), obstacle.orElse(""));
    }

    @Test
    void shouldStateSoundBoundsWhateverClocksShow() throws Exception {
        try (ClusterUnderTest cluster = start(3, 2)) {
            ReplicaUnderTest replica = cluster.replica("r1");
            try (MixedLoad load = new MixedLoad(TEST, cluster, Rounds.seed(TEST))) {
                load.awaitAllWell();

                clocks("r1").setWall(HOURS);
                load.awaitFresh(replica);
                clocks("r1").setWall(HOURS.multipliedBy(-2));
                load.awaitFresh(replica);
                load.awaitWrites();

                Standing before = cluster.awaitLeader(TIMEOUT);
                assertThat(suspend(load, replica, false))
                        .allSatisfy(staleness -> assertThat(staleness).isGreaterThan(MixedLoad.LONGER_THAN_BOUNDS));
                load.awaitAllWell();

                Rounds rounds = Rounds.of("clocks", 1);
                while (rounds.next()) {
                    Duration jump = rounds.done() % 2 == 1 ? HOURS : HOURS.negated();
                    Standing leader = cluster.awaitLeader(TIMEOUT);
                    clocks(leader.node().id()).setWall(jump);
                    Standing next = cluster.awaitLeader(cluster.others(leader.node()), leader.term(), TIMEOUT);
                    load.await(
                            leader.node().id() + " raises no alarm",
                            () -> alarms(cluster, leader.node()).contains(AlarmKind.ALARM_KIND_CLOCK_OFF));
                    load.awaitAllWell();
                    assertThat(logTimeAhead(cluster, next.node()))
                            .as("log time ahead of the clock of " + next.node().id() + ", after a leader's jumped by "
                                    + jump)
                            .isLessThan(LOG_TIME_AHEAD_MAX);
                    clocks(leader.node().id()).setWall(jump.negated());
                }
                load.awaitAllWell();
                assertThat(cluster.awaitLeader(TIMEOUT).term()).isGreaterThan(before.term());
                load.finishAndCheck();
                load.awaitSameDigests();
            }
        }
    }

    @Test
    void shouldNotTakeLogTimeAlongAsALeaderThatStartedWithAWrongClock() throws Exception {
        try (ClusterUnderTest cluster = start(3, 1)) {
            try (MixedLoad load = new MixedLoad(TEST, cluster, Rounds.seed(TEST))) {
                load.awaitAllWell();
                Standing before = cluster.awaitLeader(TIMEOUT);
                NodeUnderTest wrong = cluster.others(before.node()).get(0);
                load.killWhile(wrong.server(), () -> clocks(wrong.id()).setWall(HOURS));
                wrong.server().awaitReady(TIMEOUT);

                load.await(
                        wrong.id() + " never led, to find that its clock is wrong",
                        () -> lead(cluster, wrong) || alarms(cluster, wrong).contains(AlarmKind.ALARM_KIND_CLOCK_OFF));
                Standing next = cluster.awaitLeader(cluster.others(wrong), before.term(), TIMEOUT);
                load.awaitAllWell();
                assertThat(logTimeAhead(cluster, next.node()))
                        .as("log time ahead of the clock of " + next.node().id())
                        .isLessThan(LOG_TIME_AHEAD_MAX);
                clocks(wrong.id()).setWall(HOURS.negated());
                load.finishAndCheck();
                load.awaitSameDigests();
            }
        }
    }

    /** Asks whoever leads to hand over; whether it said that it did. */
    private static boolean lead(ClusterUnderTest cluster, NodeUnderTest next) {
        try {
            Standing leader = cluster.awaitLeader(TIMEOUT);
            return MaintenanceGrpc.newBlockingStub(cluster.channel(leader.node()))
                    .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    .transferLeadership(TransferLeadershipRequest.newBuilder()
                            .setNodeId(next.id())
                            .build())
                    .getLeaderId()
                    .equals(next.id());
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /**
     * The one thing that bounds cannot cover, as the design says: time that passes on neither clock. It shows that clocks of tests
     * do what they are told, and that a bound which lies is found.
     */
    @Test
    void shouldFindTheLieOfAPauseThatNoClockShows() throws Exception {
        try (ClusterUnderTest cluster = start(1, 1)) {
            ReplicaUnderTest replica = cluster.replica("r1");
            try (MixedLoad load = new MixedLoad(TEST, cluster, Rounds.seed(TEST))) {
                load.awaitAllWell();
                boolean lied = false;
                for (int i = 0; i < TRIES && !lied; i++) {
                    lied = suspend(load, replica, true).stream()
                            .anyMatch(staleness -> staleness.compareTo(MixedLoad.LONGER_THAN_BOUNDS) < 0);
                }
                assertThat(lied)
                        .as("the replica believes that no time has passed")
                        .isTrue();

                List<Violation> found = Checks.of(load.finish());
                assertThat(found)
                        .extracting(Violation::promise)
                        .contains(Promise.STATED_STALENESS)
                        .isSubsetOf(Promise.STATED_STALENESS, Promise.BOUNDS);
            }
        }
    }

    /**
     * The replica's machine is suspended for longer than readers' bounds, and reads wait for it when it goes on. Gives the
     * staleness of those that were answered as of an index from before.
     *
     * @param hidden the wall clock stands still too
     */
    private List<Duration> suspend(MixedLoad load, ReplicaUnderTest replica, boolean hidden)
            throws InterruptedException {
        AtomicLong before = new AtomicLong();
        List<Reading> queued = new ArrayList<>();
        List<Thread> askers = new ArrayList<>();
        long paused = System.nanoTime();
        load.pauseWhile(replica.server(), () -> {
            before.set(load.recorder().newestIndex());
            load.awaitWrites();
            // What was acknowledged is this much older, at the least, when the reads are answered.
            ClusterUnderTest.sleep(MixedLoad.LONGER_THAN_BOUNDS.toMillis());
            for (int i = 0; i < QUEUED; i++) {
                Thread asker = new Thread(() -> {
                    Reading reading = load.ask(replica, Ask.of(new Eventual()));
                    synchronized (queued) {
                        queued.add(reading);
                    }
                });
                askers.add(asker);
                asker.start();
            }
            load.awaitAsked(replica, QUEUED);
            // A little less, so that no clock goes back.
            Duration passed = Duration.ofNanos(System.nanoTime() - paused).minusMillis(20);
            clocks(replica.id()).suspended(passed);
            if (hidden) {
                clocks(replica.id()).setWall(passed.negated());
            }
        });
        for (Thread asker : askers) {
            asker.join();
        }
        List<Duration> stated = new ArrayList<>();
        for (Reading reading : queued) {
            // Whatever was proven since then covers more.
            if (reading.answer() instanceof Told told && told.header().readIndex() <= before.get()) {
                told.header().staleness().ifPresent(stated::add);
            }
        }
        Rounds.say(TEST, "reads that waited for a suspended replica state " + stated);
        return stated;
    }

    private ClusterUnderTest start(int nodes, int replicas) {
        ClusterUnderTest cluster = ClusterUnderTest.start(servers, this::place, nodes);
        for (int i = 1; i <= replicas; i++) {
            cluster.startReplica("r" + i);
        }
        cluster.replicas().forEach(replica -> replica.server().awaitReady(TIMEOUT));
        return cluster;
    }

    private Place place(String id) {
        return clocks(id).place(Place.SMALL);
    }

    private TestClocks clocks(String id) {
        return clocks.computeIfAbsent(id, name -> TestClocks.of(name, servers.directory()));
    }

    private static Duration logTimeAhead(ClusterUnderTest cluster, NodeUnderTest node) {
        Timestamp time = KeyValueGrpc.newBlockingStub(cluster.channel(node))
                .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .get(GetRequest.newBuilder().setTable("first").setKey("hot-0").build())
                .getHeader()
                .getReadTime();
        return Duration.between(Instant.now(), Instant.ofEpochSecond(time.getSeconds(), time.getNanos()));
    }

    private static List<AlarmKind> alarms(ClusterUnderTest cluster, NodeUnderTest node) {
        try {
            return MaintenanceGrpc.newBlockingStub(cluster.channel(node))
                    .withDeadlineAfter(1, TimeUnit.SECONDS)
                    .getStatus(GetStatusRequest.getDefaultInstance())
                    .getAlarmsList()
                    .stream()
                    .map(alarm -> alarm.getKind())
                    .toList();
        } catch (StatusRuntimeException e) {
            return List.of();
        }
    }
}
