// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.dispatch.FakeServers.Exchange;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.PutRequest;
import io.tidemark.proto.v1.PutResponse;
import io.tidemark.proto.v1.WriteOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Writes that are no commits: named, sent again and judged as commits are. */
class LoneWriteTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<WriteOptions> sent = new ArrayList<>();

    private FakeCluster cluster(Consumer<Exchange> script) {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.NODES.forEach(node -> cluster.servers.at(node).on(KeyValueGrpc.getPutMethod(), one -> {
            sent.add(one.request(PutRequest.class).getWriteOptions());
            script.accept(one);
        }));
        return cluster;
    }

    private static CompletableFuture<Answer<PutResponse>> put(FakeCluster cluster, WriteOptions options) {
        return cluster.dispatcher.write(
                KeyValueGrpc.getPutMethod(),
                options,
                named -> PutRequest.newBuilder()
                        .setTable("users")
                        .setKey("a")
                        .setWriteOptions(named)
                        .build(),
                cluster.context(SECOND));
    }

    private static void answer(Exchange one) {
        one.answer(PutResponse.newBuilder()
                .setHeader(FakeCluster.header(one.server().address))
                .setIndex(7)
                .build());
    }

    @Test
    void shouldSendItAgainUnderTheSameName() {
        FakeCluster cluster = cluster(one -> {
            if (sent.size() == 1) {
                one.breakOff();
            } else {
                answer(one);
            }
        });
        CompletableFuture<Answer<PutResponse>> write = put(cluster, WriteOptions.getDefaultInstance());
        cluster.pass(Duration.ofMillis(200));

        assertThat(write.join().message().getIndex()).isEqualTo(7);
        assertThat(sent).hasSize(2);
        assertThat(sent.get(1)).isEqualTo(sent.get(0));
        assertThat(sent.get(0).getRequestId()).isNotEmpty();
        assertThat(sent.get(0).getFirstSentIndex()).isEqualTo(100);
        assertThat(sent.get(0).getHistoryId()).isEqualTo(FakeCluster.HISTORY);
    }

    @Test
    void shouldKeepTheNameThatTheCallerGaveIt() {
        WriteOptions given = WriteOptions.newBuilder()
                .setRequestId("mine")
                .setFirstSentIndex(3)
                .setHistoryId(FakeCluster.HISTORY)
                .build();
        FakeCluster cluster = cluster(LoneWriteTest::answer);
        CompletableFuture<Answer<PutResponse>> write = put(cluster, given);
        cluster.servers.settle();

        assertThat(write).isCompleted();
        assertThat(sent).containsExactly(given);
    }

    @Test
    void shouldBeOpenWhenItMayHaveBeenReceivedWhateverComesLater() {
        FakeCluster cluster = cluster(one -> {
            if (sent.size() == 1) {
                one.breakOff();
            } else {
                one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_HISTORY_CHANGED));
            }
        });
        CompletableFuture<Answer<PutResponse>> write = put(cluster, WriteOptions.getDefaultInstance());
        cluster.pass(SECOND);

        OutcomeUnknownException failure = (OutcomeUnknownException) RetriesTest.failureOf(write);
        assertThat(failure.requestId()).contains(sent.get(0).getRequestId());
    }

    @Test
    void shouldNotBeOpenWhenEveryServerRefusedIt() {
        FakeCluster cluster = cluster(one -> one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_NO_LEADER)));
        CompletableFuture<Answer<PutResponse>> write = put(cluster, WriteOptions.getDefaultInstance());
        cluster.pass(SECOND);

        assertThat(RetriesTest.failureOf(write)).isInstanceOf(UnavailableException.class);
    }
}
