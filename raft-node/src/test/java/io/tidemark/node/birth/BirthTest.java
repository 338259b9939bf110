// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.birth;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.node.birth.Born.Start;
import io.tidemark.proto.v1.BirthPlan;
import io.tidemark.proto.v1.ExchangeBirthRequest;
import io.tidemark.proto.v1.ExchangeBirthResponse;
import io.tidemark.proto.v1.FirstMember;
import io.tidemark.server.process.StartException;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.validate.SettingsRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first start of a cluster whose time, network and disks a test moves. */
class BirthTest {

    private static final BirthPlan PLAN = plan("alpha", "n1", "n2", "n3");
    private static final Duration ROUNDS = Duration.ofSeconds(10);

    @TempDir
    Path root = Path.of("replaced by JUnit");

    private final ManualTime time = new ManualTime();
    private final Map<String, Birth> running = new HashMap<>();
    private final Map<String, CompletableFuture<Born>> results = new HashMap<>();
    private int disks;

    @BeforeEach
    void nobodyRuns() {
        running.clear();
    }

    @Test
    void shouldFormOneClusterOfAll() {
        startAll();

        Born first = born("n1");
        assertThat(first.start()).isEqualTo(Start.BOOTSTRAP);
        assertThat(first.clusterId())
                .matches("[0-9a-z]{16}")
                .isNotEqualTo(first.firstHistory().text());
        assertThat(first.cluster().getDiskIdsList()).containsExactly("disk1", "disk2", "disk3");
        assertThat(born("n2").cluster()).isEqualTo(first.cluster());
        assertThat(born("n3").cluster()).isEqualTo(first.cluster());
    }

    @Test
    void shouldFormAClusterOfOneAtOnce() {
        start("n1", plan("alpha", "n1"), false);

        assertThat(born("n1").start()).isEqualTo(Start.BOOTSTRAP);
    }

    @Test
    void shouldNeverGiveTwoClustersOneId() throws IOException {
        startAll();
        String first = born("n1").clusterId();
        for (String id : List.of("n1", "n2", "n3")) {
            stop(id);
            wipe(id);
        }

        startAll();

        assertThat(born("n1").clusterId()).isNotEqualTo(first);
    }

    @Test
    void shouldKeepItsIdsWhateverVersionComputesThem() {
        // Settings that came later are not part of an older plan.
        BirthPlan.Builder plan = PLAN.toBuilder();
        plan.getSettingsBuilder().clearMaxReplicas().clearReplicationFactor();
        assertThat(ClusterIds.form(plan.build(), List.of("a", "b", "c")).getClusterId())
                .as("stored by every cluster: must never change")
                .isEqualTo("mn5ign0ieib90ta1");
    }

    @Test
    void shouldWaitForTheLastMember() {
        start("n1", PLAN, false);
        start("n2", PLAN, false);
        time.pass(Duration.ofMinutes(5));
        assertThat(result("n1")).isNotDone();
        assertThat(node("n1").waitingFor()).contains("n3: no answer from n3:7401");

        start("n3", PLAN, false);
        time.pass(ROUNDS);

        assertThat(born("n1").cluster())
                .isEqualTo(born("n2").cluster())
                .isEqualTo(born("n3").cluster());
    }

    @Test
    void shouldRefuseAtBothWhenTheyAreToldOfDifferentMembers() {
        start("n1", PLAN, false);
        start("n2", plan("alpha", "n1", "n2", "n4"), false);
        time.pass(ROUNDS);

        refusal("n1").hasMessageContaining("node n2 was given another cluster to form: first members: here n1@");
        refusal("n2").hasMessageContaining("there n1@").hasMessageContaining("n3@(raft n3:7402");
    }

    @Test
    void shouldRefuseAtBothWhenTheyAreToldOfDifferentSettings() {
        BirthPlan other = PLAN.toBuilder()
                .setSettings(PLAN.getSettings().toBuilder().setShardCount(16))
                .build();
        start("n1", PLAN, false);
        start("n2", other, false);
        time.pass(ROUNDS);

        refusal("n1").hasMessageContaining("store setting shard_count: here 1024, there 16");
        refusal("n2").hasMessageContaining("store setting shard_count: here 16, there 1024");
    }

    @Test
    void shouldRefuseWhenAskedWithADifferentPlanAlsoIfItCannotAsk() {
        start("n1", PLAN, false);

        ExchangeBirthResponse unused = node("n1")
                .answer(ExchangeBirthRequest.newBuilder()
                        .setNodeId("n2")
                        .setDiskId("x")
                        .setPlan(plan("alpha", "n1", "n2"))
                        .build());

        refusal("n1").hasMessageContaining("node n2 was given another cluster to form");
    }

    @Test
    void shouldNotBeStoppedByAStranger() {
        start("n1", PLAN, false);

        ExchangeBirthResponse unused = node("n1")
                .answer(ExchangeBirthRequest.newBuilder()
                        .setNodeId("n2")
                        .setDiskId("x")
                        .setPlan(plan("beta", "n1", "n2"))
                        .build());

        assertThat(result("n1")).isNotDone();
    }

    @Test
    void shouldKeepItsDiskIdOverACrashBeforeTheClusterIsFormed() {
        start("n1", PLAN, false);
        stop("n1");

        startAll();

        assertThat(born("n1").cluster().getDiskIdsList()).containsExactly("disk1", "disk2", "disk3");
    }

    @Test
    void shouldBootstrapAgainAfterACrashBetweenFormingAndTheLog() {
        startAll();
        Born before = born("n1");
        stop("n1");

        start("n1", PLAN, false);

        assertThat(born("n1")).isEqualTo(before);
        assertThat(born("n1").start()).isEqualTo(Start.BOOTSTRAP);
    }

    @Test
    void shouldFormWithTheRestWhenTheOthersFormedAndOneOfThemIsGone() {
        HeldDisk held = new HeldDisk();
        start("n1", PLAN, false);
        start("n2", PLAN, false, held);
        start("n3", PLAN, false);
        time.pass(ROUNDS);
        // n2 agreed, and crashes before that is on its disk.
        stop("n2");
        stop("n3");
        assertThat(result("n2")).isNotDone();

        start("n2", PLAN, false);
        time.pass(ROUNDS);

        assertThat(born("n2").cluster()).isEqualTo(born("n1").cluster());
    }

    @Test
    void shouldNotTellThatItIsFormedBeforeThatIsOnDisk() {
        HeldDisk held = new HeldDisk();
        start("n1", plan("alpha", "n1"), false, held);
        ExchangeBirthRequest question =
                ExchangeBirthRequest.newBuilder().setNodeId("n9").build();

        assertThat(node("n1").answer(question).hasFormed()).isFalse();
        held.write();

        assertThat(node("n1").answer(question).hasFormed()).isTrue();
    }

    @Test
    void shouldRestartWhateverItIsToldOfMembersLater() {
        startAll();
        Birth formed = node("n1");
        formed.markStarted();
        stop("n1");

        startWithLog("n1", plan("alpha", "n1", "n9"));

        assertThat(born("n1").start()).isEqualTo(Start.RESTART);
        assertThat(born("n1").cluster().getPlan()).isEqualTo(PLAN);
    }

    @Test
    void shouldRefuseToGoOnWithoutItsLog() {
        startAll();
        node("n1").markStarted();
        stop("n1");

        start("n1", PLAN, false);

        refusal("n1").hasMessageContaining("has lost the log of node n1 and with it its votes: remove the node");
    }

    @Test
    void shouldRefuseAWipedDiskOfAMemberThatMayHaveVoted() throws IOException {
        startAll();
        stop("n2");
        wipe("n2");

        start("n2", PLAN, false);
        time.pass(ROUNDS);

        refusal("n2")
                .hasMessageContaining("has lost its disk: node n1 knows disk disk2 and here is disk4")
                .hasMessageContaining("under a new id, with cluster.start: join");
    }

    @Test
    void shouldNotFormAnewWithAWipedDiskWhileTheOthersAreAway() throws IOException {
        startAll();
        for (String id : List.of("n1", "n2", "n3")) {
            stop(id);
        }
        wipe("n2");

        start("n2", PLAN, false);
        time.pass(Duration.ofMinutes(2));
        assertThat(result("n2")).isNotDone();
        start("n3", PLAN, false);
        time.pass(ROUNDS);

        refusal("n2").hasMessageContaining("has lost its disk");
    }

    @Test
    void shouldTakeADiskThatWasWipedBeforeAnybodyFormed() throws IOException {
        start("n1", PLAN, false);
        start("n2", PLAN, false);
        time.pass(ROUNDS);
        stop("n2");
        wipe("n2");
        start("n2", PLAN, false);
        time.pass(ROUNDS);

        start("n3", PLAN, false);
        time.pass(ROUNDS);

        assertThat(born("n1").cluster().getDiskIdsList()).containsExactly("disk1", "disk3", "disk4");
        assertThat(born("n2").cluster()).isEqualTo(born("n1").cluster());
    }

    @Test
    void shouldRefuseAClusterThatWasFormedWithoutIt() {
        startAll();

        start("n4", plan("alpha", "n1", "n2", "n4"), false);
        time.pass(ROUNDS);

        refusal("n4")
                .hasMessageContaining("has formed cluster alpha")
                .hasMessageContaining("without node n4: start it with cluster.start: join");
    }

    @Test
    void shouldNotFormWithANodeOfAnotherClusterAtAnAddress() {
        start("n2", plan("beta", "n2"), false);
        start("n1", PLAN, false);
        time.pass(ROUNDS);

        refusal("n1").hasMessageContaining("cluster.name: here alpha, there beta");
        assertThat(born("n2").cluster().getPlan().getClusterName()).isEqualTo("beta");
    }

    @Test
    void shouldWaitWhileAnotherNodeAnswersAtAnAddress() {
        start("n9", plan("beta", "n9"), false);
        running.put("n2", node("n9"));
        start("n1", PLAN, false);
        time.pass(ROUNDS);

        assertThat(result("n1")).isNotDone();
        assertThat(node("n1").waitingFor()).contains("n2: at n2:7401 answers node n9");
    }

    @Test
    void shouldJoinAClusterThatAMajorityNames() {
        startAll();
        stop("n3");

        start("n4", PLAN, true);
        time.pass(ROUNDS);

        assertThat(born("n4").start()).isEqualTo(Start.JOIN);
        assertThat(born("n4").clusterId()).isEqualTo(born("n1").clusterId());
    }

    @Test
    void shouldNotJoinOnTheWordOfAMinority() {
        startAll();
        stop("n2");
        stop("n3");

        start("n4", PLAN, true);
        time.pass(Duration.ofMinutes(2));

        assertThat(result("n4")).isNotDone();
    }

    @Test
    void shouldNotJoinOnTheWordOfNodesThatDoNotKnowTheMembersYet() {
        startAll();
        nobodyKnowsMembers();

        start("n4", PLAN, true);
        time.pass(Duration.ofMinutes(2));
        assertThat(result("n4")).isNotDone();
        assertThat(node("n4").waitingFor()).contains("n1: does not know yet who the members are");

        // It had been added, before all restarted and it lost its disk.
        everybodyKnows("n1", "n2", "n3", "n4");
        time.pass(ROUNDS);
        refusal("n4").hasMessageContaining("has or had a node n4, which was on another disk");
    }

    @Test
    void shouldNotJoinOnTheWordOfAFewOfTheMembers() {
        startAll();

        start("n4", plan("alpha", "n1"), true);
        time.pass(Duration.ofMinutes(2));

        assertThat(result("n4")).isNotDone();
        assertThat(node("n4").waitingFor())
                .contains("n1: names the members [n1, n2, n3], a majority of which is to answer; of these did: [n1]");
    }

    @Test
    void shouldNotJoinOnTheWordOfNodesThatMissedThatItWasAdded() {
        startAll();
        node("n2").tellMembersFrom(() -> Set.of("n1", "n2", "n3", "n4", "n5"));
        stop("n1");

        start("n5", plan("alpha", "n3"), true);
        time.pass(Duration.ofMinutes(2));
        assertThat(result("n5")).as("n3 missed that").isNotDone();
        stop("n5");

        start("n5", plan("alpha", "n2", "n3"), true);
        time.pass(ROUNDS);
        refusal("n5").hasMessageContaining("has or had a node n5, which was on another disk");
    }

    @Test
    void shouldAskAMajorityOfTheNewestMembers() {
        startAll();
        // n3 missed all changes; n4 and n5 are members that were not asked.
        node("n1").tellMembersFrom(() -> Set.of("n1", "n2", "n4", "n5"));
        stop("n2");

        start("n6", PLAN, true);
        time.pass(Duration.ofMinutes(2));

        assertThat(result("n6")).isNotDone();
        assertThat(node("n6").waitingFor()).contains("n1: names the members [n1, n2, n4, n5]");
    }

    @Test
    void shouldNotJoinUnderAnIdThatHasADisk() {
        startAll();
        stop("n2");

        start("n2", PLAN, true, Runnable::run, "another");
        time.pass(ROUNDS);

        refusal("n2").hasMessageContaining("has or had a node n2, which was on another disk");
    }

    @Test
    void shouldNotJoinUnderAnIdThatWasAdded() {
        startAll();
        node("n3").tellMembersFrom(() -> Set.of("n1", "n2", "n3", "n4"));

        start("n4", PLAN, true);
        time.pass(ROUNDS);

        refusal("n4").hasMessageContaining("has or had a node n4, which was on another disk");
    }

    @Test
    void shouldGoOnJoiningAfterACrash() {
        startAll();
        start("n4", PLAN, true);
        time.pass(ROUNDS);
        Born before = born("n4");
        stop("n4");

        start("n4", PLAN, true);

        assertThat(born("n4")).isEqualTo(before);
    }

    @Test
    void shouldRefuseADirectoryOfAnotherNode() {
        start("n1", plan("alpha", "n1"), false);
        stop("n1");

        assertThatThrownBy(() -> start("n2", plan("alpha", "n2"), false, Runnable::run, "n1"))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("belongs to node n1 (expected: n2");
    }

    @Test
    void shouldRefuseADirectoryOfAnotherCluster() {
        start("n1", plan("alpha", "n1"), false);
        stop("n1");

        start("n1", plan("beta", "n1"), false);

        refusal("n1").hasMessageContaining("belongs to cluster alpha (expected: cluster.name beta)");
    }

    @Test
    void shouldRefuseFilesWithoutAName() throws IOException {
        Files.createDirectories(root.resolve("n1/raft"));

        assertThatThrownBy(() -> start("n1", PLAN, false))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("holds 'raft' of a node but not its file 'birth'");
    }

    @Test
    void shouldRefuseADamagedFile() throws IOException {
        start("n1", plan("alpha", "n1"), false);
        stop("n1");
        Path file = root.resolve("n1/birth");
        Files.writeString(file, Files.readString(file).replace("alpha", "alphb"));

        assertThatThrownBy(() -> start("n1", PLAN, false))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("is damaged");
    }

    private void startAll() {
        start("n1", PLAN, false);
        start("n2", PLAN, false);
        start("n3", PLAN, false);
        time.pass(ROUNDS);
    }

    private void start(String id, BirthPlan plan, boolean joins) {
        start(id, plan, joins, Runnable::run);
    }

    private void start(String id, BirthPlan plan, boolean joins, Executor disk) {
        start(id, plan, joins, disk, id);
    }

    private void start(String id, BirthPlan plan, boolean joins, Executor disk, String directory) {
        begin(id, open(id, plan, joins, disk, directory), false);
    }

    private void startWithLog(String id, BirthPlan plan) {
        begin(id, open(id, plan, false, Runnable::run, id), true);
    }

    private Birth open(String id, BirthPlan plan, boolean joins, Executor disk, String directory) {
        try {
            return Birth.open(
                    new BirthOptions(Files.createDirectories(root.resolve(directory)), id, plan, joins),
                    new Network(),
                    time,
                    () -> "disk" + ++disks,
                    disk);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void begin(String id, Birth birth, boolean hasLog) {
        running.put(id, birth);
        birth.tellMembersFrom(() -> Set.of("n1", "n2", "n3"));
        results.put(id, birth.begin(() -> hasLog));
    }

    private void nobodyKnowsMembers() {
        everybodyKnows();
    }

    private void everybodyKnows(String... members) {
        List.of("n1", "n2", "n3").forEach(id -> node(id).tellMembersFrom(() -> Set.of(members)));
    }

    private void stop(String id) {
        node(id).close();
        running.remove(id);
    }

    private void wipe(String id) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(id))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private Birth node(String id) {
        return requireNonNull(running.get(id), id);
    }

    private CompletableFuture<Born> result(String id) {
        return requireNonNull(results.get(id), id);
    }

    private Born born(String id) {
        assertThat(result(id)).as(id).isCompleted();
        return result(id).join();
    }

    private AbstractThrowableAssert<?, ? extends Throwable> refusal(String id) {
        assertThat(result(id)).as(id).isCompletedExceptionally();
        return assertThatThrownBy(() -> result(id).join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOf(StartException.class);
    }

    private static BirthPlan plan(String cluster, String... ids) {
        BirthPlan.Builder plan = BirthPlan.newBuilder().setClusterName(cluster).setSettings(SettingsRules.defaults());
        for (String id : ids) {
            plan.addMembers(FirstMember.newBuilder()
                    .setNodeId(id)
                    .setRaftAddress(id + ":7402")
                    .setInternalAddress(id + ":7401")
                    .setClientAddress(id + ":7400"));
        }
        return plan.build();
    }

    /** Reaches whoever runs. */
    private final class Network implements BirthTransport {

        @Override
        public CompletableFuture<ExchangeBirthResponse> ask(String address, ExchangeBirthRequest request) {
            Birth asked = running.get(address.replace(":7401", ""));
            return asked == null
                    ? CompletableFuture.failedFuture(new TimeoutException("nobody is there"))
                    : CompletableFuture.completedFuture(asked.answer(request));
        }

        @Override
        public void close() {}
    }

    /** A disk on which nothing is written until the test says so. */
    private static final class HeldDisk implements Executor {

        private final Deque<Runnable> writes = new ArrayDeque<>();

        @Override
        public void execute(Runnable write) {
            writes.add(write);
        }

        void write() {
            new ArrayList<>(writes).forEach(Runnable::run);
            writes.clear();
        }
    }
}
