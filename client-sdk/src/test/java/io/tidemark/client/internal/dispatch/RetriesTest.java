// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ProtoTimes;
import io.tidemark.client.Attempt;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.DeadlineExceededException;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.TooStaleException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.dispatch.FakeServers.Exchange;
import io.tidemark.client.internal.dispatch.FakeServers.FakeServer;
import io.tidemark.client.internal.time.Timers;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.OutcomeUnknown;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import io.tidemark.proto.v1.WriteOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** What is sent again, when, to whom; and how a call ends. */
class RetriesTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    static Throwable failureOf(CompletableFuture<?> call) {
        assertThat(call).isCompletedExceptionally();
        Throwable thrown = catchThrowable(call::join);
        return thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
    }

    @Test
    void shouldEndAReadAtItsDeadlineWhenEveryServerIsFrozen() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).holds(KeyValueGrpc.getGetMethod()));
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()));

        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0, SECOND);
        cluster.pass(SECOND.minusMillis(1));
        assertThat(read).isNotDone();
        cluster.pass(Duration.ofMillis(1));

        assertThat(failureOf(read)).isInstanceOf(DeadlineExceededException.class);
        assertThat(((TidemarkException) failureOf(read)).attempts())
                .extracting(Attempt::address)
                .contains(FakeCluster.REPLICAS.get(0), FakeCluster.REPLICAS.get(1));
    }

    @Test
    void shouldAskAnotherReplicaWhenTheFirstIsFrozen() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.replica(0).holds(KeyValueGrpc.getGetMethod());
        cluster.replica(1).holds(KeyValueGrpc.getGetMethod());

        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.servers.settle();
        Exchange first = held(cluster);
        cluster.pass(Duration.ofMillis(500));
        Exchange second = held(cluster);
        assertThat(second.server()).isNotSameAs(first.server());
        assertThat(first.cancelled).isTrue();
        second.answer(FakeCluster.row(second));
        cluster.servers.settle();

        assertThat(read.join().attempts()).isEqualTo(2);
        assertThat(read.join().address()).isEqualTo(second.server().address);
    }

    private static Exchange held(FakeCluster cluster) {
        List<Exchange> open = cluster.servers.received(KeyValueGrpc.getGetMethod()).stream()
                .filter(one -> !one.isOver())
                .toList();
        assertThat(open).hasSize(1);
        return open.get(0);
    }

    @Test
    void shouldSendAWriteAgainUnderTheSameNameAndOnlyOnceMore() {
        FakeCluster cluster = new FakeCluster().found();
        List<CommitRequest> sent = new ArrayList<>();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).on(KeyValueGrpc.getCommitMethod(), one -> {
            sent.add(one.request(CommitRequest.class));
            if (sent.size() == 1) {
                one.breakOff();
            } else {
                one.answer(FakeCluster.committed(node, 7));
            }
        }));

        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.pass(Duration.ofMillis(200));

        assertThat(write.join().message().getIndex()).isEqualTo(7);
        assertThat(sent).hasSize(2);
        assertThat(sent.get(1)).isEqualTo(sent.get(0));
        assertThat(sent.get(0).getWriteOptions().getRequestId()).isNotEmpty();
        assertThat(sent.get(0).getWriteOptions().getFirstSentIndex()).isEqualTo(100);
        assertThat(sent.get(0).getWriteOptions().getHistoryId()).isEqualTo(FakeCluster.HISTORY);
    }

    @Test
    void shouldLeaveAWriteOpenThatMayHaveBeenReceived() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).holds(KeyValueGrpc.getCommitMethod()));

        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.pass(SECOND);

        OutcomeUnknownException failure = (OutcomeUnknownException) failureOf(write);
        CommitRequest sent =
                cluster.servers.received(KeyValueGrpc.getCommitMethod()).get(0).request(CommitRequest.class);
        assertThat(failure.requestId()).contains(sent.getWriteOptions().getRequestId());
        assertThat(failure.firstSentIndex()).hasValue(100);
    }

    @Test
    void shouldNotLeaveAWriteOpenThatNobodyCanHaveReceived() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).up(false));
        cluster.servers.settle();

        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.pass(SECOND);

        assertThat(failureOf(write)).isInstanceOf(UnavailableException.class);
        assertThat(((TidemarkException) failureOf(write)).attempts()).isNotEmpty();
    }

    @Test
    void shouldKeepAWriteOpenWhateverALaterAttemptSaysOfItself() {
        FakeCluster cluster = new FakeCluster().found();
        int[] sent = {0};
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).on(KeyValueGrpc.getCommitMethod(), one -> {
            if (sent[0]++ == 0) {
                one.breakOff();
            } else {
                one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_HISTORY_CHANGED));
            }
        }));

        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.pass(SECOND);

        assertThat(failureOf(write)).isInstanceOf(OutcomeUnknownException.class);
    }

    @Test
    void shouldTakeAnOutcomeThatTheStoreRemembersForTheEnd() {
        FakeCluster cluster = new FakeCluster().found();
        int[] sent = {0};
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).on(KeyValueGrpc.getCommitMethod(), one -> {
            if (sent[0]++ == 0) {
                one.breakOff();
            } else {
                one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_CONDITION_FAILED));
            }
        }));

        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.pass(SECOND);

        assertThat(failureOf(write)).isInstanceOf(ConditionFailedException.class);
    }

    @Test
    void shouldGiveAWriteAnotherNameWhenItsIndexWasTooOldAtFirst() {
        FakeCluster cluster = new FakeCluster().found();
        List<String> names = new ArrayList<>();
        cluster.node(0).on(KeyValueGrpc.getCommitMethod(), one -> {
            WriteOptions named = one.request(CommitRequest.class).getWriteOptions();
            names.add(named.getRequestId());
            if (named.getFirstSentIndex() < 5_000) {
                one.fail(ErrorStatus.of(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED, "as the test says")
                        .withDetail(OutcomeUnknown.newBuilder()
                                .setRequestId(named.getRequestId())
                                .setFirstSentIndex(named.getFirstSentIndex())
                                .setWindowFloorIndex(5_000)
                                .build())
                        .toException());
            } else {
                one.answer(FakeCluster.committed(FakeCluster.NODES.get(0), 9));
            }
        });

        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.pass(Duration.ofMillis(500));

        assertThat(write).isCompleted();
        assertThat(write.join().message().getIndex()).isEqualTo(9);
        assertThat(names).doesNotHaveDuplicates().hasSize(2);
    }

    @Test
    void shouldNotMultiplyAnOutage() {
        FakeCluster cluster = new FakeCluster(options -> withBudget(options, new DispatchOptions.Budget(0.1, 10, 0)));
        cluster.found();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).on(KeyValueGrpc.getGetMethod(), Exchange::breakOff));
        FakeCluster.REPLICAS.forEach(
                replica -> cluster.servers.at(replica).on(KeyValueGrpc.getGetMethod(), Exchange::breakOff));
        int before = cluster.servers.received(KeyValueGrpc.getGetMethod()).size();

        List<CompletableFuture<?>> reads = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            reads.add(cluster.get("k" + i, 0, SECOND));
            cluster.servers.settle();
        }
        cluster.pass(SECOND);

        assertThat(reads).allMatch(CompletableFuture::isCompletedExceptionally);
        int sent = cluster.servers.received(KeyValueGrpc.getGetMethod()).size() - before;
        assertThat(sent).isBetween(100, 110);
    }

    private static DispatchOptions withBudget(DispatchOptions options, DispatchOptions.Budget budget) {
        return new DispatchOptions(
                options.servers(),
                options.zone(),
                options.keepAlive(),
                options.ioThreads(),
                options.readAttemptLimit(),
                options.writeAttemptLimit(),
                options.pauses(),
                budget,
                options.hedging(),
                false,
                options.limit());
    }

    @Test
    void shouldAskTheOtherReplicaAndThenANodeWhenOneIsTooStale() {
        FakeCluster cluster = new FakeCluster().found();
        List<String> asked = new ArrayList<>();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).on(KeyValueGrpc.getGetMethod(), one -> {
            asked.add(replica);
            one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_TOO_STALE));
        }));

        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0, SECOND);
        cluster.pass(Duration.ofMillis(100));

        assertThat(asked).containsExactlyInAnyOrderElementsOf(FakeCluster.REPLICAS);
        assertThat(FakeCluster.NODES).contains(read.join().address());
    }

    @Test
    void shouldSayTooStaleWhenNobodyIsFreshInTime() {
        FakeCluster cluster = new FakeCluster().found();
        List<String> all = new ArrayList<>(FakeCluster.NODES);
        all.addAll(FakeCluster.REPLICAS);
        all.forEach(server -> cluster.servers
                .at(server)
                .on(
                        KeyValueGrpc.getGetMethod(),
                        one -> one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_TOO_STALE))));

        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0, SECOND);
        cluster.pass(SECOND);

        assertThat(failureOf(read)).isInstanceOf(TooStaleException.class);
    }

    /** After enough reads to know how long most of them take. */
    private static FakeCluster clusterWhoseReplicasHoldReads() {
        FakeCluster cluster = new FakeCluster(RetriesTest::withHedging).found();
        for (int i = 0; i < 25; i++) {
            CompletableFuture<Answer<GetResponse>> read = hedged(cluster, "w" + i);
            cluster.servers.settle();
            assertThat(read).isCompleted();
        }
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()));
        return cluster;
    }

    @Test
    void shouldAskASecondServerWhenTheFirstIsSlowerThanMostReads() {
        FakeCluster cluster = clusterWhoseReplicasHoldReads();

        CompletableFuture<Answer<GetResponse>> read = hedged(cluster, "a");
        cluster.servers.settle();
        Exchange first = held(cluster);
        cluster.pass(Duration.ofMillis(10));
        List<Exchange> both = cluster.servers.received(KeyValueGrpc.getGetMethod()).stream()
                .filter(one -> !one.isOver())
                .toList();
        assertThat(both).hasSize(2);
        Exchange second = both.get(0) == first ? both.get(1) : both.get(0);
        second.answer(FakeCluster.row(second));
        cluster.servers.settle();

        assertThat(read.join().address()).isEqualTo(second.server().address);
        assertThat(first.cancelled).isTrue();

        // The share is used up: one more waits for its first server.
        CompletableFuture<Answer<GetResponse>> another = hedged(cluster, "b");
        cluster.pass(Duration.ofMillis(10));
        assertThat(held(cluster).cancelled).isFalse();
        assertThat(another).isNotDone();
    }

    private static CompletableFuture<Answer<GetResponse>> hedged(FakeCluster cluster, String key) {
        CallContext context = cluster.context(SECOND);
        return cluster.dispatcher.get(
                "users",
                key,
                FakeCluster.ask(0),
                RowView.ROW_VIEW_FULL,
                new CallContext(context.method(), context.deadlineNanos(), true));
    }

    private static DispatchOptions withHedging(DispatchOptions options) {
        return new DispatchOptions(
                options.servers(),
                options.zone(),
                options.keepAlive(),
                options.ioThreads(),
                options.readAttemptLimit(),
                options.writeAttemptLimit(),
                options.pauses(),
                options.budget(),
                new DispatchOptions.Hedging(0.05, Duration.ofMillis(5)),
                false,
                options.limit());
    }

    @Test
    void shouldEndAHedgedReadAtItsDeadlineWhenTheFirstServerWasGivenUp() {
        FakeCluster cluster = new FakeCluster(RetriesTest::withHedging).found();
        for (int i = 0; i < 25; i++) {
            CompletableFuture<Answer<GetResponse>> read = hedged(cluster, "w" + i);
            cluster.servers.settle();
            assertThat(read).isCompleted();
        }
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).holds(KeyValueGrpc.getGetMethod()));
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()));

        CompletableFuture<Answer<GetResponse>> read = hedged(cluster, "a");
        cluster.pass(SECOND);

        assertThat(failureOf(read)).isInstanceOf(DeadlineExceededException.class);
    }

    @Test
    void shouldGiveUpWhatItsCallerDoesNotWantAnyMore() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.REPLICAS.forEach(replica ->
                cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()).holds(KeyValueGrpc.getBatchGetMethod()));
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        CompletableFuture<Answer<BatchGetResponse>> many = cluster.dispatcher.batchGet(
                List.of(RowKey.newBuilder().setTable("users").setKey("a").build()),
                FakeCluster.ask(0),
                RowView.ROW_VIEW_FULL,
                cluster.context(SECOND));
        cluster.servers.settle();
        Exchange one = held(cluster);
        Exchange batch =
                cluster.servers.received(KeyValueGrpc.getBatchGetMethod()).get(0);

        read.cancel(false);
        many.cancel(false);

        assertThat(one.cancelled).isTrue();
        assertThat(batch.cancelled).isTrue();
    }

    @Test
    void shouldWriteInTheHistoryThatTheClusterIsInNow() {
        String restored = "bbbbbbbbbbbbbbbb";
        FakeCluster cluster = new FakeCluster().found();
        List<WriteOptions> sent = new ArrayList<>();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).on(KeyValueGrpc.getCommitMethod(), one -> {
            WriteOptions named = one.request(CommitRequest.class).getWriteOptions();
            sent.add(named);
            if (named.getHistoryId().equals(restored)) {
                one.answer(FakeCluster.committed(node, 9));
            } else {
                one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_HISTORY_CHANGED));
            }
        }));
        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.pass(Duration.ofMillis(100));
        assertThat(write).isNotDone();
        assertThat(sent).hasSize(1);

        cluster.restored(restored, 40);
        cluster.pass(Duration.ofMillis(500));

        assertThat(write).isCompleted();
        assertThat(write.join().message().getIndex()).isEqualTo(9);
        assertThat(sent).hasSize(2);
        assertThat(sent.get(1).getFirstSentIndex()).isEqualTo(40);
    }

    @Test
    void shouldSayThatTheHistoryChangedWhenTheCallerNamedTheOldOne() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.NODES.forEach(node -> cluster.servers
                .at(node)
                .on(
                        KeyValueGrpc.getCommitMethod(),
                        one -> one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_HISTORY_CHANGED))));
        CommitRequest request = CommitRequest.newBuilder()
                .setWriteOptions(WriteOptions.newBuilder().setHistoryId(FakeCluster.HISTORY))
                .build();
        CompletableFuture<Answer<CommitResponse>> write = cluster.dispatcher.commit(request, cluster.context(SECOND));
        cluster.servers.settle();

        assertThat(failureOf(write)).isInstanceOf(HistoryChangedException.class);
    }

    /** A read that nobody else can be asked for, or that may not be sent again. */
    private static FakeCluster withoutRetries() {
        return new FakeCluster(options -> withBudget(options, new DispatchOptions.Budget(0, 0, 0))).found();
    }

    @Test
    void shouldLetAReadTakeItsTimeWhereItMayNotBeSentAgain() {
        FakeCluster cluster = withoutRetries();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()));
        CompletableFuture<Answer<GetResponse>> slow = cluster.get("a", 0);
        CompletableFuture<Answer<GetResponse>> hasty = cluster.get("b", 0, Duration.ofMillis(200));
        cluster.pass(Duration.ofMillis(150));
        cluster.servers.received(KeyValueGrpc.getGetMethod()).stream()
                .filter(one -> one.request(GetRequest.class).getKey().equals("b") && !one.isOver())
                .forEach(one -> one.answer(FakeCluster.row(one)));
        cluster.servers.settle();
        assertThat(hasty).isCompletedWithValueMatching(answer -> answer.attempts() == 1);

        cluster.pass(SECOND.multipliedBy(3));
        Exchange held = held(cluster);
        held.answer(FakeCluster.row(held));
        cluster.servers.settle();
        assertThat(slow).isCompletedWithValueMatching(answer -> answer.attempts() == 1);
    }

    @Test
    void shouldTellAServerToWaitNoLongerThanItIsWaitedForWhileOthersAreLeft() {
        FakeCluster cluster = new FakeCluster().found();
        List<String> all = new ArrayList<>(FakeCluster.NODES);
        all.addAll(FakeCluster.REPLICAS);
        List<ReadOptions> asked = new ArrayList<>();
        all.forEach(server -> cluster.servers.at(server).on(KeyValueGrpc.getGetMethod(), one -> {
            asked.add(one.request(GetRequest.class).getReadOptions());
            one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_TOO_STALE));
        }));
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0, SECOND.multipliedBy(20));
        cluster.servers.settle();

        assertThat(read).isNotDone();
        assertThat(asked).hasSize(all.size());
        assertThat(asked.get(0).getMaxWait()).isEqualTo(ProtoTimes.duration(Duration.ofMillis(450)));
        assertThat(asked.get(1).getMaxWait()).isEqualTo(ProtoTimes.duration(Duration.ofMillis(900)));
        assertThat(asked.get(all.size() - 1).hasMaxWait()).isFalse();
        read.cancel(false);
    }

    @Test
    void shouldNotLetAServerWaitForLongerThanTheCallerAllows() {
        FakeCluster cluster = new FakeCluster().found();
        List<Duration> waits = new ArrayList<>();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).on(KeyValueGrpc.getGetMethod(), one -> {
            waits.add(ProtoTimes.duration(
                    one.request(GetRequest.class).getReadOptions().getMaxWait()));
            one.answer(FakeCluster.row(one));
        }));
        for (Duration allowed : List.of(Duration.ZERO, Duration.ofMillis(20), SECOND.multipliedBy(2))) {
            ReadAsk ask = new ReadAsk(new ReadAsk.Base.Applied(), SECOND, null, 0, FakeCluster.HISTORY, allowed, false);
            CompletableFuture<Answer<GetResponse>> unused =
                    cluster.dispatcher.get("users", "a", ask, RowView.ROW_VIEW_FULL, cluster.context(SECOND));
            cluster.servers.settle();
        }

        assertThat(waits).containsExactly(Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(450));
    }

    @Test
    void shouldBringAPageToItsEndThatTakesLongerThanTheFirstAttempts() {
        FakeCluster cluster = new FakeCluster().found();
        List<ScanRequest> asked = new ArrayList<>();
        List<String> all = new ArrayList<>(FakeCluster.NODES);
        all.addAll(FakeCluster.REPLICAS);
        all.forEach(server -> cluster.servers.at(server).on(KeyValueGrpc.getScanMethod(), one -> {
            asked.add(one.request(ScanRequest.class));
            Timers.Pending unused = cluster.time.at(
                    cluster.time.nanoTime() + Duration.ofMillis(2_500).toNanos(),
                    () -> one.answer(ScanResponse.newBuilder()
                            .setHeader(FakeCluster.header(server))
                            .build()));
        }));
        CompletableFuture<Answer<ScanResponse>> page = cluster.dispatcher.call(
                KeyValueGrpc.getScanMethod(),
                ScanRequest.newBuilder()
                        .setReadOptions(ReadAsks.toProto(FakeCluster.ask(0), 0))
                        .build(),
                new Target.OwnersOfAll(),
                cluster.context(SECOND.multipliedBy(5)));
        cluster.pass(SECOND.multipliedBy(5));

        assertThat(page).isCompleted();
        assertThat(asked.get(0).getReadOptions().getMaxWait()).isEqualTo(ProtoTimes.duration(Duration.ofMillis(450)));
    }

    @Test
    void shouldNotTakeWhoeverReadsALongPageForSilent() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getScanMethod()));
        cluster.replica(1).up(false);
        cluster.servers.settle();
        CompletableFuture<Answer<ScanResponse>> page = cluster.dispatcher.call(
                KeyValueGrpc.getScanMethod(),
                ScanRequest.getDefaultInstance(),
                new Target.OwnersOfAll(),
                cluster.context(SECOND.multipliedBy(5)));
        cluster.pass(Duration.ofMillis(600));
        page.cancel(false);
        assertThat(cluster.replica(0).received(KeyValueGrpc.getScanMethod())).hasSize(1);

        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.servers.settle();
        assertThat(read.join().address()).isEqualTo(FakeCluster.REPLICAS.get(0));
    }

    private static void overload(FakeServer server) {
        server.on(
                KeyValueGrpc.getGetMethod(),
                one -> one.fail(ErrorStatus.of(ErrorReason.ERROR_REASON_OVERLOADED, "as the test says")
                        .withRetryDelay(Duration.ofMillis(100))
                        .toException()));
    }

    private static int reads(FakeServer server) {
        return server.received(KeyValueGrpc.getGetMethod()).size();
    }

    @Test
    void shouldAskAnotherServerAtOnceWhenOneIsOverloadedAndLeaveThatAloneForAsLongAsItAsks() {
        FakeCluster cluster = new FakeCluster().found();
        overload(cluster.replica(0));
        int before = reads(cluster.replica(0));
        for (int i = 0; i < 30; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, 0);
            cluster.servers.settle();
            assertThat(read)
                    .isCompletedWithValueMatching(answer -> answer.address().equals(FakeCluster.REPLICAS.get(1)));
        }
        assertThat(reads(cluster.replica(0))).isEqualTo(before + 1);

        cluster.pass(Duration.ofMillis(110));
        for (int i = 0; i < 30; i++) {
            CompletableFuture<Answer<GetResponse>> read = cluster.get("k" + i, 0);
            cluster.servers.settle();
            assertThat(read).isCompleted();
        }
        assertThat(reads(cluster.replica(0))).isEqualTo(before + 2);
    }

    @Test
    void shouldWaitAsLongAsIsAskedWhenEveryServerIsOverloaded() {
        FakeCluster cluster = new FakeCluster().found();
        List<FakeServer> all = new ArrayList<>();
        FakeCluster.NODES.forEach(node -> all.add(cluster.servers.at(node)));
        FakeCluster.REPLICAS.forEach(replica -> all.add(cluster.servers.at(replica)));
        all.forEach(RetriesTest::overload);
        int before = all.stream().mapToInt(RetriesTest::reads).sum();
        CompletableFuture<Answer<GetResponse>> first = cluster.get("a", 0, SECOND);
        cluster.servers.settle();
        assertThat(all.stream().mapToInt(RetriesTest::reads).sum()).isEqualTo(before + all.size());

        CompletableFuture<Answer<GetResponse>> second = cluster.get("b", 0, SECOND);
        cluster.pass(Duration.ofMillis(99));
        assertThat(all.stream().mapToInt(RetriesTest::reads).sum()).isEqualTo(before + all.size() + 1);
        cluster.pass(SECOND);
        assertThat(failureOf(first)).isInstanceOf(OverloadedException.class);
        assertThat(failureOf(second)).isInstanceOf(OverloadedException.class);
    }

    @Test
    void shouldGoOnWritingToALeaderThatIsOverloadedWithReads() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.NODES.forEach(node -> overload(cluster.servers.at(node)));
        FakeCluster.REPLICAS.forEach(replica -> overload(cluster.servers.at(replica)));
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.servers.settle();
        assertThat(read).isNotDone();
        assertThat(reads(cluster.node(0))).isPositive();

        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.servers.settle();
        assertThat(write)
                .isCompletedWithValueMatching(answer -> answer.address().equals(FakeCluster.NODES.get(0)));
        read.cancel(false);
    }

    @Test
    void shouldNotMultiplyAnOverload() {
        FakeCluster cluster = withoutRetries();
        overload(cluster.replica(0));
        overload(cluster.replica(1));
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.servers.settle();

        assertThat(failureOf(read)).isInstanceOf(OverloadedException.class);
        assertThat(((TidemarkException) failureOf(read)).attempts()).hasSize(1);
    }

    @Test
    void shouldAskAThirdServerWhenTheFirstFailsAndTheSecondIsFrozen() {
        FakeCluster cluster = clusterWhoseReplicasHoldReads();
        CompletableFuture<Answer<GetResponse>> read = hedged(cluster, "a");
        cluster.servers.settle();
        Exchange first = held(cluster);
        cluster.pass(Duration.ofMillis(10));
        first.breakOff();
        cluster.pass(Duration.ofMillis(600));

        assertThat(read).isCompletedWithValueMatching(answer -> FakeCluster.NODES.contains(answer.address()));
    }

    @Test
    void shouldNotSendWhatIsCancelledWhileItIsBegun() {
        for (int moment = 1; moment < 16; moment++) {
            FakeCluster cluster = new FakeCluster().found();
            FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()));
            CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
            cluster.servers.settle();
            held(cluster).breakOff();
            int[] left = {moment};
            cluster.time.whenLookedAt(() -> {
                if (--left[0] == 0) {
                    read.cancel(false);
                }
            });
            cluster.servers.settle();
            read.cancel(false);
            cluster.servers.settle();

            assertThat(cluster.servers.received(KeyValueGrpc.getGetMethod()))
                    .as("cancelled at look %d", moment)
                    .allMatch(Exchange::isOver);
        }
    }
}
