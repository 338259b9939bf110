// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.api.ProtoTimes;
import io.tidemark.node.cluster.ClusterReplicas;
import io.tidemark.node.cluster.FakeGroup;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.Replica;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.ShardRange;
import io.tidemark.proto.v1.ShardSet;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.SubscriberReport;
import io.tidemark.proto.v1.Topology;
import io.tidemark.server.time.ManualTime;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.InMemoryEngine;
import io.tidemark.store.proto.v1.Command;
import io.tidemark.store.proto.v1.DrainReplicaCommand;
import io.tidemark.store.proto.v1.Entry;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreBirth;
import io.tidemark.store.state.StoreOptions;
import io.tidemark.store.transition.Outcome;
import io.tidemark.store.validate.SettingsRules;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The leader's registrar over a real store, in virtual time. */
class RegistrarTest {

    private static final String HISTORY = "0123456789abcdef";
    private static final String CLUSTER = "c";
    private static final int SHARDS = 16;
    private static final ShardSet ALL = ShardSet.newBuilder()
            .addRanges(ShardRange.newBuilder().setFirst(0).setLast(SHARDS - 1))
            .build();

    private final ManualTime time = new ManualTime();
    private final FakeGroup group = new FakeGroup("n1", FakeGroup.member("n1", 100), FakeGroup.member("n2", 200));
    private final Store store = Store.create(
            new InMemoryEngine(StoreOptions.defaults().engine()),
            StoreBirth.ofNewHistory(
                    new HistoryId(HISTORY),
                    SettingsRules.defaults().toBuilder()
                            .setShardCount(SHARDS)
                            .setMaxReplicas(6)
                            .build()),
            StoreOptions.defaults());
    private final List<Command> proposed = new ArrayList<>();
    private final List<String> news = new ArrayList<>();
    private final List<CompletableFuture<Outcome>> held = new ArrayList<>();
    /** Whom n2 feeds; they say something every second. */
    private final Map<String, SubscriberReport> fed = new LinkedHashMap<>();

    private Topology topology = Topology.getDefaultInstance();
    private boolean holding;
    private Runnable onChange = () -> {};

    private final Registrar registrar = new Registrar(
            group,
            () -> Optional.of(new Replicated(HISTORY, store.registry(), store.settings())),
            () -> topology,
            () -> CLUSTER,
            this::propose,
            new RegistryListener() {
                @Override
                public void replicasChanged() {
                    Runnable once = onChange;
                    onChange = () -> {};
                    once.run();
                }

                @Override
                public void stormBegan(int silent, int replicas) {
                    news.add("storm " + silent + " of " + replicas);
                }

                @Override
                public void stormEnded() {
                    news.add("storm ended");
                }
            },
            new RegistryOptions(Duration.ofSeconds(30)),
            time,
            time);

    @BeforeEach
    void lead() {
        group.leads = true;
        registrar.leadershipChanged();
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void shouldRegisterWhoIsReportedAndPlaceItsShards() {
        ReportSubscribersResponse answer = report(hello("r1", "d1"));

        assertThat(answer.getRefusalsList()).isEmpty();
        assertThat(answer.getLeaderId()).isEqualTo("n1");
        time.pass(Duration.ofMillis(1));
        Replica replica = replica("r1");
        assertThat(replica.getState()).isEqualTo(ReplicaState.REPLICA_STATE_JOINING);
        assertThat(replica.getPlaced()).isEqualTo(ALL);
        assertThat(replica.getServing()).isEqualTo(ShardSet.getDefaultInstance());
        assertThat(replica.getWeight()).isEqualTo(100);
        assertThat(replica.getUpstreamId()).isEqualTo("n2");
        assertThat(shown().registryIndex()).isEqualTo(1);
        assertThat(shown().replicationFactor()).isEqualTo(2);
    }

    @Test
    void shouldProposeNothingForWhatIsKnown() {
        report(hello("r1", "d1"));
        report(hello("r1", "d1"));
        pass(5);
        assertThat(proposed).hasSize(1);
    }

    @Test
    void shouldShareARegistrationThatIsUnderWay() {
        holding = true;
        CompletableFuture<ReportSubscribersResponse> first = registrar.report(request(said(hello("r1", "d1"))));
        CompletableFuture<ReportSubscribersResponse> second = registrar.report(request(said(hello("r1", "d1"))));
        assertThat(first).isNotDone();
        assertThat(proposed).hasSize(1);
        held.get(0).complete(new Outcome.SystemChanged(1));
        assertThat(first).isCompleted();
        assertThat(second).isCompleted();
    }

    @Test
    void shouldShowWhatReplicasReport() {
        report(serving("r1", "d1"));
        time.pass(Duration.ofMillis(1));
        Replica replica = replica("r1");
        assertThat(replica.getState()).isEqualTo(ReplicaState.REPLICA_STATE_SERVING);
        assertThat(replica.getServing()).isEqualTo(ALL);
        assertThat(replica.getAppliedIndex()).isEqualTo(7);
        assertThat(registrar.countByState()).containsEntry("serving", 1L).containsEntry("lost", 0L);
    }

    @Test
    void shouldLoseASilentReplicaAndFindItAgain() {
        report(serving("r1", "d1"), serving("r2", "d2"), serving("r3", "d3"), serving("r4", "d4"));
        feed(serving("r2", "d2"), serving("r3", "d3"), serving("r4", "d4"));
        pass(29);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_SERVING);
        pass(3);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_LOST);
        assertThat(replica("r1").getServing()).isEqualTo(ShardSet.getDefaultInstance());
        assertThat(replica("r1").getPlaced()).isEqualTo(ShardSet.getDefaultInstance());

        feed(serving("r1", "d1"), serving("r2", "d2"), serving("r3", "d3"), serving("r4", "d4"));
        pass(2);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_SERVING);
        assertThat(proposed.get(proposed.size() - 1).hasReplicasFound()).isTrue();
    }

    @Test
    void shouldNotFindWhoIsOnlyReportedFromAnOldStream() {
        report(serving("r1", "d1"));
        pass(32);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_LOST);
        report(serving("r1", "d1").toBuilder()
                .setLastHeard(ProtoTimes.duration(Duration.ofSeconds(31)))
                .build());
        pass(2);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_LOST);
    }

    @Test
    void shouldGiveTheWholeTimeoutAfterAChangeOfTheLeader() {
        report(serving("r1", "d1"));
        pass(25);
        reign(2);
        pass(28);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_SERVING);
        pass(3);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_LOST);
    }

    @Test
    void shouldGoOnWithTheRoutingOfTheLeaderBefore() {
        report(serving("r1", "d1"));
        time.pass(Duration.ofMillis(1));
        reign(2);
        assertThat(replica("r1").getServing()).isEqualTo(ALL);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_SERVING);
        assertThat(replica("r1").hasLastHeard()).isFalse();
        report(said(hello("r1", "d1")).toBuilder()
                .setHeartbeat(SubscriberHeartbeat.getDefaultInstance())
                .build());
        time.pass(Duration.ofMillis(1));
        assertThat(replica("r1").getServing()).isEqualTo(ShardSet.getDefaultInstance());
    }

    @Test
    void shouldMoveNothingInAStormAndSaySo() {
        report(serving("r1", "d1"), serving("r2", "d2"), serving("r3", "d3"), serving("r4", "d4"));
        feed(serving("r3", "d3"), serving("r4", "d4"));
        pass(60);
        assertThat(registrar.isStorm()).isTrue();
        assertThat(news).containsExactly("storm 2 of 4");
        assertThat(shown().replicas()).extracting(Replica::getState).containsOnly(ReplicaState.REPLICA_STATE_SERVING);

        feed(serving("r2", "d2"), serving("r3", "d3"), serving("r4", "d4"));
        pass(2);
        assertThat(news).containsExactly("storm 2 of 4", "storm ended");
        assertThat(registrar.isStorm()).isFalse();
    }

    @Test
    void shouldEndTheWordOfAStormWithTheReign() {
        report(serving("r1", "d1"), serving("r2", "d2"));
        pass(40);
        group.leads = false;
        registrar.leadershipChanged();
        assertThat(news).containsExactly("storm 2 of 2", "storm ended");
        assertThat(registrar.replicas()).isEmpty();
    }

    @Test
    void shouldRefuseASecondDiskUntilTheFirstIsLost() {
        report(serving("r1", "d1"));
        assertThat(refusal(report(hello("r1", "d2")))).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_EXISTS);
        assertThat(proposed).as("judged before it is proposed").hasSize(1);
        pass(32);
        assertThat(report(hello("r1", "d2")).getRefusalsList()).isEmpty();
        assertThat(requireNonNull(store.registry().get("r1")).getDiskId()).isEqualTo("d2");
    }

    @Test
    void shouldRefuseAProcessThatAnotherTookThePlaceOf() {
        report(serving("r1", "d1"));
        pass(1);
        FeedHello second =
                hello("r1", "d1").toBuilder().setIncarnationId("second").build();
        assertThat(report(second).getRefusalsList()).isEmpty();
        pass(1);
        assertThat(refusal(report(hello("r1", "d1")))).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_EXISTS);
    }

    @Test
    void shouldPassOverTheEndOfAnEarlierLife() {
        FeedHello second =
                hello("r1", "d1").toBuilder().setIncarnationId("second").build();
        report(second);
        SubscriberReport stale = said(hello("r1", "d1")).toBuilder()
                .setLastHeard(ProtoTimes.duration(Duration.ofSeconds(5)))
                .build();
        assertThat(report(stale).getRefusalsList()).isEmpty();
        assertThat(report(second).getRefusalsList()).isEmpty();
    }

    @Test
    void shouldRefuseWhatBreaksARule() {
        assertThat(refusal(report(hello("R 1", "d1")))).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(refusal(report(hello("r1", "")))).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        assertThat(refusal(report(hello("n2", "d1")))).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_EXISTS);
        SubscriberReport.Builder beyond = serving("r1", "d1").toBuilder();
        beyond.getHeartbeatBuilder().getServingBuilder().getRangesBuilder(0).setLast(SHARDS);
        assertThat(refusal(report(beyond.build()))).isEqualTo(ErrorReason.ERROR_REASON_INVALID_FIELD);
        for (int i = 1; i <= 6; i++) {
            report(hello("r" + i, "d"));
        }
        assertThat(refusal(report(hello("r7", "d")))).isEqualTo(ErrorReason.ERROR_REASON_TOO_LARGE);
        assertThat(proposed).hasSize(6);
    }

    @Test
    void shouldRefuseReportsThatAreNotForIt() {
        ReportSubscribersRequest report = request();
        assertThat(failure(registrar.report(report.toBuilder().setClusterId("x").build())))
                .isEqualTo(ErrorReason.ERROR_REASON_CLUSTER_MISMATCH);
        assertThat(failure(registrar.report(
                        report.toBuilder().setHistoryId("fedcba9876543210").build())))
                .isEqualTo(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
        group.leads = false;
        assertThat(failure(registrar.report(report))).isEqualTo(ErrorReason.ERROR_REASON_NOT_LEADER);
    }

    @Test
    void shouldBringBackTheTopologyThatANodeLacks() {
        topology = Topology.newBuilder()
                .setClusterId(CLUSTER)
                .setVersion(io.tidemark.proto.v1.TopologyVersion.newBuilder().setEpoch(3))
                .build();
        assertThat(registrar.report(request()).join().getTopology()).isEqualTo(topology);
        ReportSubscribersRequest knows =
                request().toBuilder().setKnownVersion(topology.getVersion()).build();
        assertThat(registrar.report(knows).join().hasTopology()).isFalse();
    }

    @Test
    void shouldForgetWhoFeedsAReplicaThatIsFedNoMore() {
        report(serving("r1", "d1"));
        registrar.report(request()).join();
        time.pass(Duration.ofMillis(1));
        assertThat(replica("r1").getUpstreamId()).isEmpty();
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_SERVING);
    }

    @Test
    void shouldDrainUntilNothingIsServed() {
        report(serving("r1", "d1"), serving("r2", "d2"));
        List<Replica> told = new ArrayList<>();
        CompletableFuture<Replica> drained = registrar.drain("r1", watcher(told, false));
        feed(serving("r1", "d1"), serving("r2", "d2"));
        pass(2);
        assertThat(drained).isNotDone();
        assertThat(told).isNotEmpty();
        assertThat(told.get(0).getState()).isEqualTo(ReplicaState.REPLICA_STATE_DRAINING);
        assertThat(told.get(0).getPlaced()).isEqualTo(ShardSet.getDefaultInstance());

        SubscriberReport empty = said(hello("r1", "d1")).toBuilder()
                .setHeartbeat(SubscriberHeartbeat.getDefaultInstance())
                .build();
        feed(empty, serving("r2", "d2"));
        pass(2);
        assertThat(drained.join().getState()).isEqualTo(ReplicaState.REPLICA_STATE_DRAINED);

        assertThat(registrar.resume("r1").join().getState()).isEqualTo(ReplicaState.REPLICA_STATE_JOINING);
        assertThat(replica("r1").getPlaced()).isEqualTo(ALL);
    }

    @Test
    void shouldNotTakeWhatWasShownBeforeADrainForItsEnd() {
        report(serving("r1", "d1"), serving("r2", "d2"));
        List<CompletableFuture<Replica>> drains = new ArrayList<>();
        onChange = () -> drains.add(registrar.drain("r1", watcher(new ArrayList<>(), false)));
        feed(serving("r1", "d1"), serving("r2", "d2"));
        pass(2);
        assertThat(drains).singleElement().satisfies(drain -> assertThat(drain).isNotDone());
    }

    @Test
    void shouldReleaseWhatIsPlacedElsewhereOnceItIsServedThere() {
        report(serving("r1", "d1"));
        pass(1);
        assertThat(released("r1")).isEqualTo(Shards.NONE);
        store.apply(
                Entry.newBuilder()
                        .setTransitionVersion(1)
                        .addCommands(Command.newBuilder()
                                .setDrainReplica(
                                        DrainReplicaCommand.newBuilder().setReplicaId("r1")))
                        .build(),
                ByteString.EMPTY);
        SubscriberReport joining = said(hello("r2", "d2")).toBuilder()
                .setHeartbeat(SubscriberHeartbeat.getDefaultInstance())
                .build();
        feed(knowing(serving("r1", "d1")), joining);
        pass(2);
        assertThat(released("r1")).isEqualTo(Shards.NONE);

        feed(knowing(serving("r1", "d1")), serving("r2", "d2"));
        pass(2);
        assertThat(released("r1")).as("r2 knows no release of this leader").isEqualTo(Shards.NONE);
        feed(knowing(serving("r1", "d1")), knowing(serving("r2", "d2")));
        pass(2);
        assertThat(released("r1")).isEqualTo(Shards.all(SHARDS));
        assertThat(replica("r1").getRelease().getIncarnationId()).isEqualTo("first");
        assertThat(replica("r1").getRelease().getTerm()).isEqualTo(1);

        reign(2);
        assertThat(replica("r1").hasRelease()).as("heard by nobody who leads").isFalse();
    }

    @Test
    void shouldReleaseNothingBecauseOfWhoWasSilentWhenAStormEnded() {
        feed(serving("r1", "d1"), serving("r2", "d2"), serving("r3", "d3"));
        pass(2);
        feed(knowing(serving("r1", "d1")), knowing(serving("r2", "d2")), knowing(serving("r3", "d3")));
        pass(2);
        feed(knowing(serving("r1", "d1")));
        pass(40);
        assertThat(registrar.isStorm()).isTrue();
        CompletableFuture<Replica> unused = registrar.drain("r1", watcher(new ArrayList<>(), false));
        feed(knowing(serving("r1", "d1")), knowing(serving("r2", "d2")));
        for (int i = 0; i < 10; i++) {
            pass(1);
            assertThat(released("r1")).as("r3 is silent, %d s on", i).isEqualTo(Shards.NONE);
        }
        assertThat(registrar.isStorm()).isFalse();
    }

    @Test
    void shouldShowThatAReplicaStops() {
        report(serving("r1", "d1"));
        pass(1);
        report(said(hello("r1", "d1")).toBuilder()
                .setHeartbeat(SubscriberHeartbeat.newBuilder().setState(ReplicaState.REPLICA_STATE_DRAINED))
                .build());
        time.pass(Duration.ofMillis(1));
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_DRAINED);
        assertThat(replica("r1").getServing()).isEqualTo(ShardSet.getDefaultInstance());
        assertThat(replica("r1").getPlaced()).isEqualTo(ALL);
    }

    @Test
    void shouldGoOnShowingWhatAReplicaServesThatAnotherNodeFeedsNow() {
        report(serving("r1", "d1"));
        pass(1);
        registrar
                .report(request(said(hello("r1", "d1"))).toBuilder()
                        .setNodeId("n1")
                        .build())
                .join();
        time.pass(Duration.ofMillis(1));
        assertThat(replica("r1").getServing()).isEqualTo(ALL);
        assertThat(replica("r1").getUpstreamId()).isEqualTo("n1");

        pass(1);
        registrar
                .report(request(said(hello("r1", "d1")).toBuilder()
                                .setHeartbeat(SubscriberHeartbeat.getDefaultInstance())
                                .build())
                        .toBuilder()
                        .setNodeId("n1")
                        .build())
                .join();
        report(serving("r1", "d1").toBuilder()
                .setLastHeard(ProtoTimes.duration(Duration.ofSeconds(3)))
                .build());
        time.pass(Duration.ofMillis(1));
        assertThat(replica("r1").getUpstreamId())
                .as("n2 has not noticed that its stream ended")
                .isEqualTo("n1");
        assertThat(replica("r1").getServing()).isEqualTo(ShardSet.getDefaultInstance());
    }

    @Test
    void shouldEndADrainThatWillNotComeToItsEnd() {
        report(serving("r1", "d1"), serving("r2", "d2"), serving("r3", "d3"));
        CompletableFuture<Replica> resumed = registrar.drain("r1", watcher(new ArrayList<>(), false));
        registrar.resume("r1").join();
        pass(1);
        assertThat(failure(resumed)).isEqualTo(ErrorReason.ERROR_REASON_OPERATION_IN_PROGRESS);

        List<Replica> told = new ArrayList<>();
        CompletableFuture<Replica> watched = registrar.drain("r2", watcher(told, true));
        pass(3);
        assertThat(told).as("nobody watches").isEmpty();
        CompletableFuture<Replica> deposed = registrar.drain("r2", watcher(new ArrayList<>(), false));
        group.leads = false;
        registrar.leadershipChanged();
        assertThat(failure(deposed)).isEqualTo(ErrorReason.ERROR_REASON_NOT_LEADER);
        assertThat(watched).isNotDone();
        assertThat(requireNonNull(store.registry().get("r2")).getDraining()).isTrue();
    }

    @Test
    void shouldRefuseToRemoveALiveReplica() {
        report(serving("r1", "d1"));
        pass(10);
        ErrorStatus error = error(removal("r1"));
        assertThat(error.reason()).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_ALIVE);
        assertThat(error.retryDelay().orElseThrow()).isBetween(Duration.ofSeconds(18), Duration.ofSeconds(21));
        assertThat(failure(removal("r9"))).isEqualTo(ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND);
    }

    @Test
    void shouldRemoveASilentReplicaInAStormToo() {
        report(serving("r1", "d1"), serving("r2", "d2"));
        pass(40);
        assertThat(registrar.isStorm()).isTrue();
        removal("r1").join();
        assertThat(store.registry().byId()).containsOnlyKeys("r2");
        assertThat(shown().replicas()).hasSize(1);
    }

    @Test
    void shouldDoNothingForOperatorsWhileItDoesNotLead() {
        group.leads = false;
        registrar.leadershipChanged();
        assertThat(failure(removal("r1"))).isEqualTo(ErrorReason.ERROR_REASON_NOT_LEADER);
        time.pass(Duration.ofMinutes(5));
        assertThat(proposed).isEmpty();
    }

    @Test
    void shouldDecideAgainWhatCouldNotBeProposed() {
        report(serving("r1", "d1"));
        holding = true;
        pass(32);
        assertThat(held).hasSize(1);
        pass(5);
        assertThat(held).as("one decision at a time").hasSize(1);
        held.get(0).completeExceptionally(new IllegalStateException("overloaded"));
        holding = false;
        pass(40);
        assertThat(replica("r1").getState()).isEqualTo(ReplicaState.REPLICA_STATE_LOST);
    }

    private CompletableFuture<Void> removal(String id) {
        try {
            return registrar.remove(id);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Outcome> propose(String what, Command command) {
        proposed.add(command);
        if (holding) {
            held.add(new CompletableFuture<>());
            return held.get(held.size() - 1);
        }
        Entry entry =
                Entry.newBuilder().setTransitionVersion(1).addCommands(command).build();
        Outcome outcome = store.apply(entry, ByteString.EMPTY).results().get(0).outcome();
        return outcome instanceof Outcome.Refused refused
                ? CompletableFuture.failedFuture(refused.refusal().status().toException())
                : CompletableFuture.completedFuture(outcome);
    }

    /** The next reign, of this node again, which had the topology of the one before. */
    private void reign(long term) {
        topology = Topology.newBuilder().addAllReplicas(shown().replicas()).build();
        group.leads = false;
        registrar.leadershipChanged();
        group.leads = true;
        group.term = term;
        registrar.leadershipChanged();
    }

    private void feed(SubscriberReport... reports) {
        fed.clear();
        Arrays.stream(reports).forEach(report -> fed.put(report.getHello().getSubscriberId(), report));
    }

    /** Second by second, with a report of n2 in each. */
    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            time.pass(Duration.ofSeconds(1));
            if (!fed.isEmpty()) {
                CompletableFuture<ReportSubscribersResponse> unused =
                        registrar.report(request(fed.values().toArray(new SubscriberReport[0])));
                time.pass(Duration.ofMillis(1));
            }
        }
    }

    private ReportSubscribersResponse report(FeedHello hello) {
        return report(said(hello));
    }

    private ReportSubscribersResponse report(SubscriberReport... reports) {
        return registrar.report(request(reports)).join();
    }

    private static ReportSubscribersRequest request(SubscriberReport... reports) {
        return ReportSubscribersRequest.newBuilder()
                .setClusterId(CLUSTER)
                .setHistoryId(HISTORY)
                .setNodeId("n2")
                .addAllSubscribers(Arrays.asList(reports))
                .build();
    }

    private static SubscriberReport said(FeedHello hello) {
        return SubscriberReport.newBuilder().setHello(hello).build();
    }

    private static SubscriberReport serving(String id, String disk) {
        return said(hello(id, disk)).toBuilder()
                .setHeartbeat(SubscriberHeartbeat.newBuilder().setServing(ALL).setAppliedIndex(7))
                .build();
    }

    /** Of who knows its newest release. */
    private SubscriberReport knowing(SubscriberReport report) {
        SubscriberReport.Builder knowing = report.toBuilder();
        long release = replica(report.getHello().getSubscriberId()).getRelease().getNumber();
        knowing.getHeartbeatBuilder().setReleaseTerm(1).setReleaseNumber(release);
        return knowing.build();
    }

    private Shards released(String id) {
        return Shards.of(replica(id).getRelease().getShards(), SHARDS);
    }

    private static FeedHello hello(String id, String disk) {
        return FeedHello.newBuilder()
                .setSubscriberId(id)
                .setIncarnationId("first")
                .setDiskId(disk)
                .setClientAddress("host:1")
                .setInternalAddress("host:2")
                .build();
    }

    private static DrainWatcher watcher(List<Replica> told, boolean gone) {
        return new DrainWatcher() {
            @Override
            public void draining(Replica replica) {
                told.add(replica);
            }

            @Override
            public boolean isGone() {
                return gone;
            }
        };
    }

    private ClusterReplicas shown() {
        return registrar.replicas().orElseThrow();
    }

    private Replica replica(String id) {
        return shown().get(id).orElseThrow();
    }

    private static ErrorReason refusal(ReportSubscribersResponse answer) {
        return ErrorStatus.from(answer.getRefusals(0).getError()).orElseThrow().reason();
    }

    private static ErrorReason failure(CompletableFuture<?> failed) {
        return error(failed).reason();
    }

    private static ErrorStatus error(CompletableFuture<?> failed) {
        assertThat(failed).isCompletedExceptionally();
        @Nullable Throwable[] cause = {null};
        failed.handle((done, failure) -> cause[0] = failure).join();
        return ErrorStatus.from(requireNonNull(cause[0])).orElseThrow();
    }
}
