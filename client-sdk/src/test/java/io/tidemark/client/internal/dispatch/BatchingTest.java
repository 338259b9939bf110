// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.NotFoundException;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.internal.dispatch.FakeServers.Exchange;
import io.tidemark.proto.v1.BatchGetRequest;
import io.tidemark.proto.v1.BatchGetResponse;
import io.tidemark.proto.v1.BatchGetResult;
import io.tidemark.proto.v1.BatchWriteRequest;
import io.tidemark.proto.v1.BatchWriteResponse;
import io.tidemark.proto.v1.BatchWriteResult;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetRequest;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.Row;
import io.tidemark.proto.v1.RowKey;
import io.tidemark.proto.v1.RowView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What travels together, and that nobody is worse off for it. */
class BatchingTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** One replica holds what it is sent; the other is down, so that all reads go to the first. */
    private static FakeCluster oneReplica() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.replica(1).up(false);
        cluster.replica(0).holds(KeyValueGrpc.getGetMethod());
        cluster.servers.settle();
        return cluster;
    }

    private static List<Exchange> open(FakeCluster cluster) {
        return cluster.replica(0)
                .received(one -> !one.isOver()
                        && (one.method == KeyValueGrpc.getGetMethod()
                                || one.method == KeyValueGrpc.getBatchGetMethod()));
    }

    private static BatchGetResponse rows(Exchange one, int results) {
        BatchGetResponse.Builder answer =
                BatchGetResponse.newBuilder().setHeader(FakeCluster.header(one.server().address));
        for (RowKey key : one.request(BatchGetRequest.class).getKeysList().subList(0, results)) {
            answer.addResults(BatchGetResult.newBuilder()
                    .setRow(Row.newBuilder().setTable(key.getTable()).setKey(key.getKey())));
        }
        return answer.build();
    }

    @Test
    void shouldSendALoneReadAtOnceAndByItself() {
        FakeCluster cluster = oneReplica();
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.servers.settle();

        assertThat(open(cluster))
                .extracting(one -> one.method.getFullMethodName())
                .containsExactly(KeyValueGrpc.getGetMethod().getFullMethodName());
        Exchange sent = open(cluster).get(0);
        sent.answer(FakeCluster.row(sent));
        cluster.servers.settle();
        assertThat(read).isCompleted();
    }

    @Test
    void shouldSendTogetherWhatCameWhileEnoughWasUnderWay() {
        FakeCluster cluster = oneReplica();
        List<CompletableFuture<Answer<GetResponse>>> reads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            reads.add(cluster.get("k" + i, i));
        }
        cluster.servers.settle();
        List<Exchange> alone = open(cluster);
        assertThat(alone).hasSize(2);

        alone.get(0).answer(FakeCluster.row(alone.get(0)));
        cluster.servers.settle();

        Exchange together = open(cluster).get(1);
        BatchGetRequest request = together.request(BatchGetRequest.class);
        assertThat(request.getKeysList()).extracting(RowKey::getKey).containsExactly("k2", "k3", "k4");
        assertThat(request.getReadOptions().getMinIndex()).isEqualTo(4);
        together.answer(rows(together, 3));
        cluster.servers.settle();
        for (int i = 2; i < 5; i++) {
            assertThat(reads.get(i).join().message().getRow().getKey()).isEqualTo("k" + i);
        }
    }

    @Test
    void shouldSendOnWhatAnAnswerHadNoRoomFor() {
        FakeCluster cluster = oneReplica();
        List<CompletableFuture<Answer<GetResponse>>> reads = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            reads.add(cluster.get("k" + i, 0));
        }
        cluster.servers.settle();
        open(cluster).forEach(one -> one.answer(FakeCluster.row(one)));
        cluster.servers.settle();
        Exchange together = open(cluster).get(0);
        together.answer(rows(together, 2));
        cluster.servers.settle();
        assertThat(reads.get(3)).isCompleted();
        assertThat(reads.get(4)).isNotDone();

        Exchange rest = open(cluster).get(0);
        rest.answer(FakeCluster.row(rest));
        cluster.servers.settle();
        assertThat(reads.get(4).join().message().getRow().getKey()).isEqualTo("k4");
    }

    @Test
    void shouldKeepWhatIsWrongWithOneReadFromTheOthers() {
        FakeCluster cluster = oneReplica();
        List<CompletableFuture<Answer<GetResponse>>> reads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            reads.add(cluster.get("k" + i, 0));
        }
        cluster.servers.settle();
        open(cluster).forEach(one -> one.answer(FakeCluster.row(one)));
        cluster.servers.settle();
        open(cluster).get(0).fail(FakeCluster.error(ErrorReason.ERROR_REASON_TABLE_NOT_FOUND));
        cluster.servers.settle();
        List<Exchange> apart = open(cluster);
        assertThat(apart).hasSize(2);
        apart.get(0).fail(FakeCluster.error(ErrorReason.ERROR_REASON_TABLE_NOT_FOUND));
        apart.get(1).answer(FakeCluster.row(apart.get(1)));
        cluster.servers.settle();

        assertThat(RetriesTest.failureOf(reads.get(2))).isInstanceOf(NotFoundException.class);
        assertThat(reads.get(3)).isCompleted();
    }

    @Test
    void shouldNotWaitLongForAnAnswerThatDoesNotCome() {
        FakeCluster cluster = oneReplica();
        List<CompletableFuture<Answer<GetResponse>>> reads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            reads.add(cluster.get("k" + i, 0));
        }
        cluster.pass(Duration.ofMillis(5));

        assertThat(open(cluster)).hasSize(3);
        Exchange third = open(cluster).get(2);
        third.answer(FakeCluster.row(third));
        cluster.servers.settle();
        assertThat(reads.get(2)).isCompleted();
        assertThat(reads.get(0)).isNotDone();
    }

    @Test
    void shouldEndEachReadAtItsOwnDeadline() {
        FakeCluster cluster = oneReplica();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).holds(KeyValueGrpc.getGetMethod()));
        List<CompletableFuture<Answer<GetResponse>>> reads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            reads.add(cluster.get("k" + i, 0, i == 3 ? Duration.ofMillis(40) : Duration.ofSeconds(5)));
        }
        cluster.pass(Duration.ofMillis(40));

        assertThat(reads.get(3)).isCompletedExceptionally();
        assertThat(reads.get(2)).isNotDone();
    }

    @Test
    void shouldKeepBatchesWithinTheClustersLimits() {
        FakeCluster cluster = oneReplica();
        for (int i = 0; i < 9; i++) {
            CompletableFuture<?> unused = cluster.get("k" + i, 0);
        }
        cluster.servers.settle();
        open(cluster).forEach(one -> one.answer(FakeCluster.row(one)));
        cluster.servers.settle();

        assertThat(open(cluster))
                .extracting(one -> one.request(BatchGetRequest.class).getKeysCount())
                .containsExactly(4, 3);
    }

    @Test
    void shouldGiveEachWriteItsOwnOutcome() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.node(0).holds(KeyValueGrpc.getCommitMethod());
        List<CompletableFuture<Answer<CommitResponse>>> writes = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            writes.add(cluster.put("k" + i, SECOND));
        }
        cluster.servers.settle();
        List<Exchange> alone = cluster.node(0).received(KeyValueGrpc.getCommitMethod());
        assertThat(alone).hasSize(3);
        alone.get(0).answer(FakeCluster.committed(FakeCluster.NODES.get(0), 1));
        cluster.servers.settle();

        Exchange together =
                cluster.node(0).received(KeyValueGrpc.getBatchWriteMethod()).get(0);
        assertThat(together.request(BatchWriteRequest.class).getWritesList())
                .extracting(write -> write.getWriteOptions().getRequestId())
                .doesNotHaveDuplicates()
                .hasSize(3);
        together.answer(BatchWriteResponse.newBuilder()
                .setHeader(FakeCluster.header(FakeCluster.NODES.get(0)))
                .addResults(BatchWriteResult.newBuilder().setCommit(FakeCluster.committed("", 11)))
                .addResults(BatchWriteResult.newBuilder()
                        .setError(ErrorStatus.of(ErrorReason.ERROR_REASON_CONDITION_FAILED, "as the test says")
                                .build()
                                .toProto()))
                .addResults(BatchWriteResult.getDefaultInstance())
                .build());
        cluster.pass(SECOND);

        assertThat(writes.get(3).join().message().getIndex()).isEqualTo(11);
        assertThat(writes.get(3).join().message().getHeader().getHistoryId()).isEqualTo(FakeCluster.HISTORY);
        assertThat(RetriesTest.failureOf(writes.get(4))).isInstanceOf(ConditionFailedException.class);
        // How the last one ended was not said: it was asked for elsewhere, under the same name.
        assertThat(writes.get(5).join().attempts()).isEqualTo(2);
    }

    @Test
    void shouldLeaveAWriteOpenWhileTheMessageThatCarriesItMayStillGoOut() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).hangs(true));
        cluster.pass(SECOND);
        for (int i = 0; i < 3; i++) {
            CompletableFuture<?> unused = cluster.put("alone" + i, Duration.ofSeconds(5));
        }
        CompletableFuture<Answer<CommitResponse>> hasty = cluster.put("hasty", Duration.ofMillis(100));
        CompletableFuture<Answer<CommitResponse>> patient = cluster.put("patient", Duration.ofSeconds(5));
        cluster.pass(Duration.ofMillis(200));
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).hangs(false));
        cluster.servers.settle();

        OutcomeUnknownException failure = (OutcomeUnknownException) RetriesTest.failureOf(hasty);
        assertThat(cluster.node(0)
                        .received(KeyValueGrpc.getBatchWriteMethod())
                        .get(0)
                        .request(BatchWriteRequest.class)
                        .getWritesList())
                .extracting(write -> write.getWriteOptions().getRequestId())
                .contains(failure.requestId().orElseThrow());
        assertThat(patient).isNotDone();
    }

    @Test
    void shouldKeepAHighFloorFromTheReadsOfOthers() {
        FakeCluster cluster = oneReplica();
        for (int i = 0; i < 2; i++) {
            CompletableFuture<?> unused = cluster.get("k" + i, 0);
        }
        CompletableFuture<?> high = cluster.get("high", 1_000_000);
        for (int i = 2; i < 4; i++) {
            CompletableFuture<?> unused = cluster.get("k" + i, 4);
        }
        cluster.servers.settle();
        assertThat(open(cluster)).hasSize(3);
        open(cluster).get(0).answer(FakeCluster.row(open(cluster).get(0)));
        cluster.servers.settle();

        List<Exchange> batches = cluster.replica(0).received(KeyValueGrpc.getBatchGetMethod());
        assertThat(batches).hasSize(1);
        BatchGetRequest request = batches.get(0).request(BatchGetRequest.class);
        assertThat(request.getKeysList()).extracting(RowKey::getKey).containsExactly("k2", "k3");
        assertThat(request.getReadOptions().getMinIndex()).isEqualTo(4);
        assertThat(high).isNotDone();
    }

    @Test
    void shouldReadAloneWhatALowerFloorAsksForWhenAHigherOneIsNotMet() {
        FakeCluster cluster = oneReplica();
        List<CompletableFuture<Answer<GetResponse>>> reads = new ArrayList<>();
        for (long floor : new long[] {110, 111, 120, 180}) {
            reads.add(cluster.get("k" + floor, floor));
        }
        cluster.servers.settle();
        open(cluster).forEach(one -> one.answer(FakeCluster.row(one)));
        cluster.servers.settle();
        Exchange together = open(cluster).get(0);
        assertThat(together.request(BatchGetRequest.class).getReadOptions().getMinIndex())
                .isEqualTo(180);
        together.fail(FakeCluster.error(ErrorReason.ERROR_REASON_TOO_STALE));
        cluster.servers.settle();

        List<Exchange> alone = open(cluster);
        assertThat(alone).hasSize(1);
        assertThat(alone.get(0).request(GetRequest.class).getKey()).isEqualTo("k120");
        alone.get(0).answer(FakeCluster.row(alone.get(0)));
        cluster.servers.settle();
        assertThat(reads.get(2).join().attempts()).isEqualTo(1);
        assertThat(FakeCluster.NODES).contains(reads.get(3).join().address());
    }

    @Test
    void shouldNotLeaveTheLeaderAloneForOneMessageThatCameAtABadTime() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.node(0).holds(KeyValueGrpc.getCommitMethod());
        for (int i = 0; i < 6; i++) {
            CompletableFuture<?> unused = cluster.put("k" + i, SECOND);
        }
        cluster.servers.settle();
        Exchange first =
                cluster.node(0).received(KeyValueGrpc.getCommitMethod()).get(0);
        first.answer(FakeCluster.committed(FakeCluster.NODES.get(0), 1));
        cluster.servers.settle();
        BatchWriteResponse.Builder answer =
                BatchWriteResponse.newBuilder().setHeader(FakeCluster.header(FakeCluster.NODES.get(0)));
        for (int i = 0; i < 3; i++) {
            answer.addResults(BatchWriteResult.newBuilder()
                    .setError(ErrorStatus.of(ErrorReason.ERROR_REASON_OVERLOADED, "as the test says")
                            .build()
                            .toProto()));
        }
        cluster.node(0).received(KeyValueGrpc.getBatchWriteMethod()).get(0).answer(answer.build());
        cluster.servers.settle();

        cluster.node(0)
                .on(
                        KeyValueGrpc.getCommitMethod(),
                        one -> one.answer(FakeCluster.committed(FakeCluster.NODES.get(0), 9)));
        cluster.node(0).received(KeyValueGrpc.getCommitMethod()).forEach(one -> {
            if (!one.isOver()) {
                one.answer(FakeCluster.committed(FakeCluster.NODES.get(0), 8));
            }
        });
        cluster.servers.settle();
        CompletableFuture<Answer<CommitResponse>> next = cluster.put("next", SECOND);
        cluster.servers.settle();
        assertThat(next.join().address()).isEqualTo(FakeCluster.NODES.get(0));
    }

    @Test
    void shouldKeepTheReadsOfOtherTablesTogetherWhenOneIsMissing() {
        FakeCluster cluster = oneReplica();
        CompletableFuture<?> warm = cluster.get("k0", 0);
        CompletableFuture<?> warmer = cluster.get("k1", 0);
        CompletableFuture<Answer<GetResponse>> missing = cluster.dispatcher.get(
                "missing", "a", FakeCluster.ask(0), RowView.ROW_VIEW_FULL, cluster.context(SECOND));
        List<CompletableFuture<Answer<GetResponse>>> others = List.of(cluster.get("k2", 0), cluster.get("k3", 0));
        cluster.servers.settle();
        open(cluster).forEach(one -> one.answer(FakeCluster.row(one)));
        cluster.servers.settle();
        assertThat(warm).isCompleted();
        assertThat(warmer).isCompleted();
        open(cluster)
                .get(0)
                .fail(ErrorStatus.of(ErrorReason.ERROR_REASON_TABLE_NOT_FOUND, "as the test says")
                        .with(ErrorMetadata.TABLE, "missing")
                        .toException());
        cluster.servers.settle();

        assertThat(RetriesTest.failureOf(missing)).isInstanceOf(NotFoundException.class);
        assertThat(open(cluster)).hasSize(1);
        Exchange together = open(cluster).get(0);
        together.answer(rows(together, 2));
        cluster.servers.settle();
        assertThat(others).allMatch(CompletableFuture::isDone);
    }
}
