// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ProtoTimes;
import io.tidemark.client.ClosedException;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.internal.dispatch.FakeServers.Exchange;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchGetResult;
import io.tidemark.proto.v1.Behind;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetLimitsResponse;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.NotLeader;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.Topology;
import io.tidemark.proto.v1.TopologyVersion;
import io.tidemark.proto.v1.Unmet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who is asked: by the topology, by what servers say, by how they fare. */
class RoutesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void shouldGiveReadsToReplicasAndWritesToTheLeader() {
        FakeCluster cluster = new FakeCluster().found();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, 0);
            cluster.servers.settle();
            assertThat(FakeCluster.REPLICAS).contains(read.join().address());
        }
        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.servers.settle();
        assertThat(write.join().address()).isEqualTo(FakeCluster.NODES.get(0));
    }

    @Test
    void shouldAskItsOwnZoneWhileSomeoneThereIsWell() {
        FakeCluster cluster = new FakeCluster(options -> new DispatchOptions(
                        options.servers(),
                        "zone1",
                        options.keepAlive(),
                        options.ioThreads(),
                        options.readAttemptLimit(),
                        options.writeAttemptLimit(),
                        options.pauses(),
                        options.budget(),
                        options.hedging(),
                        options.batching(),
                        options.limit()))
                .found();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, 0);
            cluster.servers.settle();
            assertThat(read.join().address()).isEqualTo(FakeCluster.REPLICAS.get(1));
        }
        cluster.replica(1).up(false);
        cluster.servers.settle();
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.pass(SECOND);
        assertThat(read.join().address()).isEqualTo(FakeCluster.REPLICAS.get(0));
    }

    @Test
    void shouldFollowTheTopology() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.change(FakeCluster.NODES.get(1), List.of(FakeCluster.all()));
        cluster.pass(SECOND);
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, 0);
            cluster.servers.settle();
            assertThat(read.join().address()).isEqualTo(FakeCluster.REPLICAS.get(0));
        }
        assertThat(cluster.replica(1).hasOpenChannel()).isFalse();
        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.pass(Duration.ofMillis(300));
        assertThat(write.join().address()).isEqualTo(FakeCluster.NODES.get(1));
    }

    @Test
    void shouldFollowAHintToTheLeader() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.node(0)
                .on(
                        KeyValueGrpc.getCommitMethod(),
                        one -> one.fail(ErrorStatus.of(ErrorReason.ERROR_REASON_NOT_LEADER, "as the test says")
                                .withDetail(NotLeader.newBuilder()
                                        .setLeaderAddress(FakeCluster.NODES.get(2))
                                        .build())
                                .toException()));
        CompletableFuture<Answer<CommitResponse>> first = cluster.put("a", SECOND);
        cluster.pass(Duration.ofMillis(100));
        CompletableFuture<Answer<CommitResponse>> second = cluster.put("b", SECOND);
        cluster.pass(Duration.ofMillis(100));

        assertThat(first.join().address()).isEqualTo(FakeCluster.NODES.get(2));
        assertThat(second.join().attempts()).isEqualTo(1);
    }

    @Test
    void shouldFindTheClusterWhenItsNameLeadsElsewhereLater() {
        FakeCluster cluster = new FakeCluster();
        cluster.behindSeed.clear();
        cluster.behindSeed.add("10.9.9.9");
        cluster.servers.at("10.9.9.9:1").up(false);
        cluster.dispatcher.begin();
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0, Duration.ofSeconds(10));
        cluster.pass(SECOND.multipliedBy(2));
        assertThat(read).isNotDone();

        cluster.behindSeed.clear();
        cluster.behindSeed.add("10.0.0.2");
        cluster.pass(SECOND.multipliedBy(7));
        assertThat(read).isCompleted();
        assertThat(cluster.servers.at("10.9.9.9:1").hasOpenChannel()).isFalse();
    }

    @Test
    void shouldLeaveAFailingServerAloneUntilATrialSucceeds() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.replica(0).on(KeyValueGrpc.getGetMethod(), Exchange::breakOff).holds(ClusterGrpc.getGetLimitsMethod());
        for (int i = 0; i < 60; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, 0);
            cluster.pass(Duration.ofMillis(1));
            assertThat(read).isCompleted();
        }
        int failed = failedAt(cluster);
        assertThat(failed).isEqualTo(3);
        cluster.pass(Duration.ofMillis(600));
        List<Exchange> trials = cluster.replica(0).received(ClusterGrpc.getGetLimitsMethod());
        assertThat(trials).isNotEmpty();

        cluster.replica(0).on(KeyValueGrpc.getGetMethod(), one -> one.answer(FakeCluster.row(one)));
        trials.get(trials.size() - 1).answer(GetLimitsResponse.getDefaultInstance());
        cluster.servers.settle();
        cluster.pass(SECOND.multipliedBy(4));
        int before = cluster.replica(0).received(KeyValueGrpc.getGetMethod()).size();
        for (int i = 0; i < 20; i++) {
            CompletableFuture<Answer<GetResponse>> unused = cluster.get("k" + i, 0);
            cluster.servers.settle();
        }
        assertThat(cluster.replica(0).received(KeyValueGrpc.getGetMethod())).hasSizeGreaterThan(before);
    }

    private static int failedAt(FakeCluster cluster) {
        int warm = (int) cluster.replica(0).received(KeyValueGrpc.getGetMethod()).stream()
                .filter(one -> one.request(GetRequest.class).getKey().startsWith("warm"))
                .count();
        return cluster.replica(0).received(KeyValueGrpc.getGetMethod()).size() - warm;
    }

    @Test
    void shouldReadManyRowsOfSeveralServersAsOfOneIndex() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.change(FakeCluster.NODES.get(0), List.of(FakeCluster.shards(0, 7), FakeCluster.shards(8, 15)));
        List<BatchGetRequest> sent = new ArrayList<>();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers
                .at(replica)
                .on(KeyValueGrpc.getBatchGetMethod(), one -> {
                    BatchGetRequest request = one.request(BatchGetRequest.class);
                    sent.add(request);
                    BatchGetResponse.Builder answer = BatchGetResponse.newBuilder()
                            .setHeader(FakeCluster.header(replica).toBuilder().setReadIndex(42));
                    // One answer is short.
                    int room = sent.size() == 1 ? request.getKeysCount() - 1 : request.getKeysCount();
                    for (RowKey key : request.getKeysList().subList(0, room)) {
                        answer.addResults(BatchGetResult.newBuilder()
                                .setRow(Row.newBuilder().setKey(key.getKey())));
                    }
                    one.answer(answer.build());
                }));
        List<RowKey> keys = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            keys.add(RowKey.newBuilder().setTable("users").setKey("k" + i).build());
        }
        CompletableFuture<Answer<BatchGetResponse>> read =
                cluster.dispatcher.batchGet(keys, FakeCluster.ask(7), RowView.ROW_VIEW_FULL, cluster.context(SECOND));
        cluster.pass(Duration.ofMillis(100));

        assertThat(read.join().message().getResultsList())
                .extracting(result -> result.getRow().getKey())
                .containsExactlyElementsOf(keys.stream().map(RowKey::getKey).toList());
        assertThat(sent.get(0).getReadOptions().getMinIndex()).isEqualTo(7);
        assertThat(sent).hasSizeGreaterThan(5).allMatch(one -> one.getKeysCount() <= 4);
        assertThat(sent.subList(1, sent.size()))
                .allMatch(one -> one.getReadOptions().getAsOfIndex() == 42);
    }

    @Test
    void shouldEndEverythingWhenClosed() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()));
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.servers.settle();
        cluster.dispatcher.close();
        cluster.servers.settle();

        assertThat(RetriesTest.failureOf(read)).isInstanceOf(ClosedException.class);
        assertThat(RetriesTest.failureOf(cluster.get("b", 0))).isInstanceOf(ClosedException.class);
    }

    @Test
    void shouldLeaveAWriteOpenThatIsUnderWayWhenClosed() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.node(0).holds(KeyValueGrpc.getCommitMethod());
        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.servers.settle();
        cluster.dispatcher.close();
        cluster.servers.settle();

        assertThat(RetriesTest.failureOf(write)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(RetriesTest.failureOf(cluster.put("b", SECOND))).isInstanceOf(ClosedException.class);
    }

    private static FakeCluster limited(int calls, long bytes) {
        return new FakeCluster(options -> new DispatchOptions(
                        options.servers(),
                        options.zone(),
                        options.keepAlive(),
                        options.ioThreads(),
                        options.readAttemptLimit(),
                        options.writeAttemptLimit(),
                        options.pauses(),
                        options.budget(),
                        options.hedging(),
                        true,
                        new DispatchOptions.Limit(calls, bytes, DispatchOptions.WhenFull.FAIL)))
                .found();
    }

    @Test
    void shouldRefuseWhatIsBeyondTheLimit() {
        FakeCluster cluster = limited(1, 1 << 20);
        CompletableFuture<Answer<GetResponse>> first = cluster.get("a", 0);
        CompletableFuture<Answer<GetResponse>> second = cluster.get("b", 0);
        assertThat(RetriesTest.failureOf(second)).isInstanceOf(OverloadedException.class);
        cluster.servers.settle();
        assertThat(first).isCompleted();
        CompletableFuture<Answer<GetResponse>> third = cluster.get("c", 0);
        cluster.servers.settle();
        assertThat(third).isCompleted();
    }

    @Test
    void shouldCountReadsWithWhatTheyAreExpectedToBring() {
        FakeCluster cluster = limited(1_000, 1_200_000);
        cluster.replica(1).up(false);
        cluster.replica(0).holds(KeyValueGrpc.getGetMethod());
        cluster.servers.settle();
        CompletableFuture<Answer<GetResponse>> first = cluster.get("a", 0);
        cluster.servers.settle();
        Exchange sent = cluster.replica(0).received(one -> !one.isOver()).get(0);
        GetResponse.Builder large = FakeCluster.row(sent).toBuilder();
        large.getRowBuilder().setModifiedIndex(1).getValueBuilder().setBytes(ByteString.copyFrom(new byte[2 << 20]));
        sent.answer(large.build());
        cluster.servers.settle();
        assertThat(first).isCompleted();

        for (int i = 0; i < 4; i++) {
            assertThat(cluster.get("b" + i, 0)).isNotDone();
        }
        assertThat(RetriesTest.failureOf(cluster.get("c", 0))).hasMessageContaining("bytes");
    }

    private static List<String> addressesOf(FakeCluster cluster, int reads) {
        List<String> addresses = new ArrayList<>();
        for (int i = 0; i < reads; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, 0);
            cluster.servers.settle();
            assertThat(read).isCompleted();
            addresses.add(read.join().address());
        }
        return addresses;
    }

    @Test
    void shouldNotBelieveATopologyInWhichThereIsNobody() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.tell(ResponseHeader.getDefaultInstance(), Topology.getDefaultInstance());
        cluster.tell(
                FakeCluster.header(FakeCluster.NODES.get(0)),
                Topology.newBuilder()
                        .setVersion(TopologyVersion.newBuilder()
                                .setHistoryId(FakeCluster.HISTORY)
                                .setTerm(9))
                        .build());

        assertThat(cluster.replica(0).hasOpenChannel()).isTrue();
        assertThat(addressesOf(cluster, 20)).allMatch(FakeCluster.REPLICAS::contains);
    }

    @Test
    void shouldNotLeaveReplicasAloneForAReadThatNobodyCanMeet() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).on(KeyValueGrpc.getGetMethod(), one -> {
            switch (one.request(GetRequest.class).getKey()) {
                case "ahead" -> one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED));
                case "at once" -> one.fail(tooStale(Behind.BEHIND_NETWORK, Duration.ofMillis(20)));
                case "apply" -> one.fail(tooStale(Behind.BEHIND_APPLY, Duration.ofMillis(20)));
                case "cut off" -> one.fail(tooStale(Behind.BEHIND_NETWORK, Duration.ofSeconds(20)));
                default -> one.answer(FakeCluster.row(one));
            }
        }));
        for (String key : List.of("ahead", "at once", "apply")) {
            CompletableFuture<Answer<GetResponse>> unmet = cluster.get(key, 0);
            cluster.pass(Duration.ofMillis(100));
            assertThat(unmet).isCompleted();
            assertThat(FakeCluster.NODES).contains(unmet.join().address());
        }
        assertThat(addressesOf(cluster, 20)).allMatch(FakeCluster.REPLICAS::contains);

        CompletableFuture<Answer<GetResponse>> cutOff = cluster.get("cut off", 0);
        cluster.pass(Duration.ofMillis(100));
        assertThat(FakeCluster.NODES).contains(cutOff.join().address());
        assertThat(addressesOf(cluster, 20)).noneMatch(FakeCluster.REPLICAS::contains);
    }

    private static StatusRuntimeException tooStale(Behind behind, Duration staleness) {
        return ErrorStatus.of(ErrorReason.ERROR_REASON_TOO_STALE, "as the test says")
                .withDetail(TooStale.newBuilder()
                        .setUnmet(
                                Unmet.newBuilder().setBehind(behind).setActualStaleness(ProtoTimes.duration(staleness)))
                        .build())
                .toException();
    }

    /** @param told gets each state that the replica is in */
    private static FakeCluster clusterThatEjectsItsFirstReplica(List<String> told) {
        DispatchObserver observer = new DispatchObserver() {
            @Override
            public void endpointChanged(String address, EndpointState state) {
                if (address.equals(FakeCluster.REPLICAS.get(0))) {
                    told.add(state.name());
                }
            }
        };
        FakeCluster cluster = new FakeCluster(options -> options, observer).found();
        cluster.replica(0).on(KeyValueGrpc.getGetMethod(), Exchange::breakOff);
        for (int i = 0; i < 60; i++) {
            CompletableFuture<Answer<GetResponse>> unused = cluster.get("k" + i, 0);
            cluster.servers.settle();
        }
        return cluster;
    }

    @Test
    void shouldTellWhenAServerThatWasEjectedIsBack() {
        List<String> told = new ArrayList<>();
        FakeCluster cluster = clusterThatEjectsItsFirstReplica(told);
        assertThat(told).last().isEqualTo("EJECTED");

        // A connection that is made anew does not end it.
        cluster.replica(0)
                .on(ClusterGrpc.getGetLimitsMethod(), Exchange::breakOff)
                .up(false);
        cluster.servers.settle();
        assertThat(told).last().isEqualTo("IDLE");
        cluster.replica(0).up(true);
        cluster.pass(SECOND.multipliedBy(2));
        assertThat(told).last().isEqualTo("EJECTED");

        cluster.play(FakeCluster.REPLICAS.get(0));
        cluster.pass(SECOND.multipliedBy(10));
        assertThat(told).last().isEqualTo("READY");
    }

    @Test
    void shouldSoonAskAServerAgainThatWasDownForLong() {
        List<String> told = new ArrayList<>();
        FakeCluster cluster = clusterThatEjectsItsFirstReplica(told);
        cluster.replica(0).up(false);
        // Trials have become rare.
        cluster.pass(SECOND.multipliedBy(120));
        assertThat(told).contains("EJECTED");

        cluster.play(FakeCluster.REPLICAS.get(0));
        cluster.replica(0).up(true);
        told.clear();
        for (int i = 0; i < 100 && !told.contains("EJECTED"); i++) {
            cluster.pass(Duration.ofMillis(100));
        }
        assertThat(told).as("connected").contains("EJECTED");
        cluster.pass(Duration.ofMillis(300));
        assertThat(told).last().isEqualTo("READY");
    }

    @Test
    void shouldNotTakeWhoeverReadsMuchForSlow() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getBatchGetMethod()));
        CompletableFuture<Answer<BatchGetResponse>> many = cluster.dispatcher.batchGet(
                List.of(RowKey.newBuilder().setTable("users").setKey("a").build()),
                FakeCluster.ask(0),
                RowView.ROW_VIEW_FULL,
                cluster.context(SECOND));
        cluster.pass(Duration.ofMillis(90));
        Exchange held =
                cluster.servers.received(KeyValueGrpc.getBatchGetMethod()).get(0);
        held.answer(BatchGetResponse.newBuilder()
                .setHeader(FakeCluster.header(held.server().address))
                .addResults(BatchGetResult.getDefaultInstance())
                .build());
        cluster.servers.settle();
        assertThat(many).isCompleted();

        assertThat(addressesOf(cluster, 30)).containsAll(FakeCluster.REPLICAS);
    }

    @Test
    void shouldNotTakeWhoeverWaitsForWhatIsAskedForSlow() {
        FakeCluster cluster = new FakeCluster().found();
        ReadAsk asOf = new ReadAsk(new ReadAsk.Base.AsOfIndex(150), null, null, 0, FakeCluster.HISTORY, null, false);
        for (ReadAsk ask : List.of(FakeCluster.ask(150), asOf)) {
            FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()));
            CompletableFuture<Answer<GetResponse>> read =
                    cluster.dispatcher.get("users", "a", ask, RowView.ROW_VIEW_FULL, cluster.context(SECOND));
            cluster.pass(Duration.ofMillis(90));
            Exchange waiting = cluster.servers.received(KeyValueGrpc.getGetMethod()).stream()
                    .filter(one -> !one.isOver())
                    .findFirst()
                    .orElseThrow();
            waiting.answer(FakeCluster.row(waiting));
            FakeCluster.REPLICAS.forEach(replica -> cluster.servers
                    .at(replica)
                    .on(KeyValueGrpc.getGetMethod(), one -> one.answer(FakeCluster.row(one))));
            cluster.servers.settle();
            assertThat(read).isCompleted();
            assertThat(addressesOf(cluster, 30)).containsAll(FakeCluster.REPLICAS);
        }
    }

    @Test
    void shouldStayConnectedToItsSeedsWhileNobodyElseCanBeReached() {
        String seed = "10.9.9.9:1";
        FakeCluster cluster = new FakeCluster();
        cluster.behindSeed.clear();
        cluster.behindSeed.add("10.9.9.9");
        cluster.play(seed);
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).up(false));
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).up(false));
        cluster.dispatcher.begin();
        cluster.pass(SECOND.multipliedBy(3));
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.pass(SECOND);
        cluster.change(FakeCluster.NODES.get(1), List.of(FakeCluster.all()));
        cluster.pass(SECOND);

        assertThat(read).isCompleted();
        assertThat(read.join().address()).isEqualTo(seed);
        assertThat(cluster.servers.opened).filteredOn(seed::equals).hasSize(1);
        assertThat(cluster.servers.at(seed).hasOpenChannel()).isTrue();

        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).up(true));
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).up(true));
        cluster.pass(SECOND.multipliedBy(10));
        assertThat(cluster.servers.at(seed).hasOpenChannel()).isFalse();
    }

    @Test
    void shouldLetTheThreadOfTheTimersBeginACallWhateverIsUnderWay() {
        FakeCluster cluster = new FakeCluster(options -> new DispatchOptions(
                        options.servers(),
                        options.zone(),
                        options.keepAlive(),
                        options.ioThreads(),
                        options.readAttemptLimit(),
                        options.writeAttemptLimit(),
                        options.pauses(),
                        options.budget(),
                        options.hedging(),
                        true,
                        new DispatchOptions.Limit(1, 1 << 20, DispatchOptions.WhenFull.FAIL)))
                .found();
        CompletableFuture<Answer<GetResponse>> first = cluster.get("a", 0);
        List<CompletableFuture<Answer<GetResponse>>> begun = new ArrayList<>();
        Timers.Pending unused = cluster.time.at(cluster.time.nanoTime(), () -> begun.add(cluster.get("b", 0)));
        cluster.time.pass(Duration.ZERO, () -> {});
        cluster.servers.settle();

        assertThat(first).isCompleted();
        assertThat(begun.get(0)).isCompleted();
    }

    @Test
    void shouldShareTheReadsOfASessionAmongReplicasWhileOthersWrite() {
        FakeCluster cluster = new FakeCluster().found();
        long[] written = {1_000};
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).on(KeyValueGrpc.getGetMethod(), one -> {
            written[0] += 3;
            one.answer(FakeCluster.row(one).toBuilder()
                    .setHeader(FakeCluster.header(replica).toBuilder()
                            .setAppliedIndex(written[0])
                            .setReadIndex(written[0]))
                    .build());
        }));
        long floor = 100;
        int first = 0;
        for (int i = 0; i < 200; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, floor);
            cluster.pass(Duration.ofMillis(1));
            floor = read.join().message().getHeader().getReadIndex();
            first += read.join().address().equals(FakeCluster.REPLICAS.get(0)) ? 1 : 0;
        }
        assertThat(first).isBetween(60, 140);
    }

    @Test
    void shouldLeaveAloneForAWhileWhoeverDoesNotReachTheIndexOfASession() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.replica(0)
                .on(
                        KeyValueGrpc.getGetMethod(),
                        one -> one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED)));
        cluster.replica(1)
                .on(
                        KeyValueGrpc.getGetMethod(),
                        one -> one.answer(FakeCluster.row(one).toBuilder()
                                .setHeader(FakeCluster.header(FakeCluster.REPLICAS.get(1)).toBuilder()
                                        .setAppliedIndex(500))
                                .build()));
        int before = cluster.replica(0).received(KeyValueGrpc.getGetMethod()).size();
        for (int i = 0; i < 100; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, 500);
            cluster.pass(Duration.ofMillis(1));
            assertThat(read.join().address()).isEqualTo(FakeCluster.REPLICAS.get(1));
        }
        assertThat(cluster.replica(0).received(KeyValueGrpc.getGetMethod())).hasSizeLessThanOrEqualTo(before + 1);
    }
}
