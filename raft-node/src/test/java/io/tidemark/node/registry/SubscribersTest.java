// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.node.cluster.ClusterFacts;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.FeedHello;
import io.tidemark.proto.v1.ReplicaState;
import io.tidemark.proto.v1.ReportSubscribersRequest;
import io.tidemark.proto.v1.ReportSubscribersResponse;
import io.tidemark.proto.v1.SubscriberHeartbeat;
import io.tidemark.proto.v1.SubscriberRefusal;
import io.tidemark.proto.v1.SubscriberReport;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.server.time.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SubscribersTest {

    private static final TopologyVersion VERSION =
            TopologyVersion.newBuilder().setTerm(2).setEpoch(3).build();

    private final ManualTime time = new ManualTime();
    private final List<ReportSubscribersRequest> reports = new ArrayList<>();
    private final List<CompletableFuture<ReportSubscribersResponse>> answers = new ArrayList<>();
    private final List<Topology> topologies = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private final Subscribers subscribers = new Subscribers(
            "n2",
            () -> Optional.of(new ClusterFacts("c", "h", 16)),
            () -> VERSION,
            report -> {
                reports.add(report);
                answers.add(new CompletableFuture<>());
                return answers.get(answers.size() - 1);
            },
            topologies::add,
            new RegistryOptions(Duration.ofSeconds(30)),
            time,
            time);

    @Test
    void shouldReportANewSubscriberAtOnceAndAllAtIntervals() {
        register("r1", "a");
        assertThat(reports).hasSize(1);
        assertThat(reports.get(0).getNodeId()).isEqualTo("n2");
        assertThat(reports.get(0).getClusterId()).isEqualTo("c");
        assertThat(reports.get(0).getHistoryId()).isEqualTo("h");
        assertThat(reports.get(0).getKnownVersion()).isEqualTo(VERSION);
        assertThat(told).isEmpty();
        answer();
        assertThat(told).containsExactly("r1/a registered");

        time.pass(Duration.ofSeconds(1));
        assertThat(reports).hasSize(2);
        answer();
        assertThat(told).hasSize(1);
    }

    @Test
    void shouldTellWhatTheyReportAndSinceWhenTheyAreSilent() {
        Subscribers.Subscriber r1 = register("r1", "a");
        answer();
        r1.heard(SubscriberHeartbeat.newBuilder().setAppliedIndex(9).build());
        time.pass(Duration.ofSeconds(1));
        answer();
        time.pass(Duration.ofSeconds(1));
        SubscriberReport report = reports.get(2).getSubscribers(0);
        assertThat(report.getHeartbeat().getAppliedIndex()).isEqualTo(9);
        assertThat(report.getLastHeard().getSeconds()).isEqualTo(2);
        r1.heard();
        answer();
        time.pass(Duration.ofSeconds(1));
        assertThat(reports.get(3).getSubscribers(0).getLastHeard().getSeconds()).isEqualTo(1);
    }

    @Test
    void shouldHaveOneReportUnderWayAndThenReportWhoCameMeanwhile() {
        register("r1", "a");
        register("r2", "a");
        register("r3", "a");
        assertThat(reports).hasSize(1);
        answer();
        assertThat(told).containsExactly("r1/a registered");
        time.pass(Duration.ZERO);
        assertThat(reports).hasSize(2);
        answer();
        assertThat(told).containsExactly("r1/a registered", "r2/a registered", "r3/a registered");
    }

    @Test
    void shouldTryAgainWhenNobodyAnswers() {
        register("r1", "a");
        answers.get(0).completeExceptionally(new IllegalStateException("no leader"));
        assertThat(reports).hasSize(1);
        time.pass(Duration.ofSeconds(1));
        assertThat(reports).hasSize(2);
        answer();
        assertThat(told).containsExactly("r1/a registered");
    }

    @Test
    void shouldReportAtOnceToANewLeader() {
        register("r1", "a");
        answer();
        subscribers.leadershipChanged();
        assertThat(reports).hasSize(2);
    }

    @Test
    void shouldTellAndForgetWhoIsRefused() {
        register("r1", "a");
        answer(refusal("r1", "a", ErrorReason.ERROR_REASON_MEMBER_EXISTS));
        assertThat(told).containsExactly("r1/a MEMBER_EXISTS");
        assertThat(subscribers.count()).isZero();
    }

    @Test
    void shouldTryAgainWhoCouldNotBeRegisteredNow() {
        register("r1", "a");
        answer(refusal("r1", "a", ErrorReason.ERROR_REASON_NO_LEADER));
        assertThat(told).isEmpty();
        time.pass(Duration.ofSeconds(1));
        answer();
        assertThat(told).containsExactly("r1/a registered");
    }

    @Test
    void shouldCountTheNewestStreamOfASubscriber() {
        Subscribers.Subscriber first = register("r1", "a");
        answer();
        register("r1", "b");
        first.gone();
        assertThat(subscribers.count()).isEqualTo(1);
        answer(refusal("r1", "a", ErrorReason.ERROR_REASON_MEMBER_EXISTS));
        assertThat(told).containsExactly("r1/a registered", "r1/b registered");
    }

    @Test
    void shouldSayOnceThatItFeedsNobody() {
        Subscribers.Subscriber r1 = register("r1", "a");
        answer();
        r1.gone();
        time.pass(Duration.ofSeconds(1));
        assertThat(reports).hasSize(2);
        assertThat(reports.get(1).getSubscribersList()).isEmpty();
        answer();
        time.pass(Duration.ofMinutes(1));
        assertThat(reports).hasSize(2);
    }

    @Test
    void shouldTellAtOnceThatAReplicaStopsAlsoWhenItIsGoneByThen() {
        Subscribers.Subscriber r1 = register("r1", "a");
        r1.heard(SubscriberHeartbeat.newBuilder()
                .setState(ReplicaState.REPLICA_STATE_DRAINED)
                .build());
        r1.gone();
        answer();
        time.pass(Duration.ZERO);
        assertThat(reports).hasSize(2);
        assertThat(reports.get(1).getSubscribers(0).getHeartbeat().getState())
                .isEqualTo(ReplicaState.REPLICA_STATE_DRAINED);

        answers.get(1).completeExceptionally(new IllegalStateException("no leader"));
        time.pass(Duration.ofSeconds(1));
        assertThat(reports.get(2).getSubscribersList())
                .as("until a leader knows")
                .hasSize(1);
        answer();
        time.pass(Duration.ofSeconds(1));
        assertThat(reports.get(3).getSubscribersList()).isEmpty();
    }

    @Test
    void shouldPassOnTheTopologyThatComesBack() {
        Topology topology = Topology.newBuilder().setClusterId("c").build();
        register("r1", "a");
        answers.get(0)
                .complete(ReportSubscribersResponse.newBuilder()
                        .setTopology(topology)
                        .build());
        assertThat(topologies).containsExactly(topology);
    }

    private Subscribers.Subscriber register(String id, String incarnation) {
        String name = id + "/" + incarnation;
        return subscribers.register(
                FeedHello.newBuilder()
                        .setSubscriberId(id)
                        .setIncarnationId(incarnation)
                        .build(),
                new SubscriberListener() {
                    @Override
                    public void registered() {
                        told.add(name + " registered");
                    }

                    @Override
                    public void refused(StatusRuntimeException error) {
                        told.add(name + " "
                                + ErrorStatus.from(error)
                                        .orElseThrow()
                                        .reason()
                                        .name()
                                        .substring("ERROR_REASON_".length()));
                    }
                });
    }

    private void answer(SubscriberRefusal... refusals) {
        answers.get(answers.size() - 1)
                .complete(ReportSubscribersResponse.newBuilder()
                        .addAllRefusals(List.of(refusals))
                        .build());
    }

    private static SubscriberRefusal refusal(String id, String incarnation, ErrorReason reason) {
        return SubscriberRefusal.newBuilder()
                .setSubscriberId(id)
                .setIncarnationId(incarnation)
                .setError(ErrorStatus.of(reason, "no").build().toProto())
                .build();
    }
}
