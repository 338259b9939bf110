// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.internal.dispatch.FakeServers.Exchange;
import io.tidemark.proto.v1.CommitRequest;
import io.tidemark.proto.v1.CommitResponse;
import io.tidemark.proto.v1.GetResponse;
import io.tidemark.proto.v1.KeyValueGrpc;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How calls end whose caller cannot wait any longer. */
class InterruptedCallsTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void shouldSayByWhichNameAWriteWasSentThatIsOpen() {
        FakeCluster cluster = new FakeCluster().found();
        cluster.node(0).holds(KeyValueGrpc.getCommitMethod());
        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.servers.settle();
        Exchange sent = cluster.node(0).received(KeyValueGrpc.getCommitMethod()).get(0);

        Interruptible.interrupt(write);
        cluster.servers.settle();

        assertThat(RetriesTest.failureOf(write)).isInstanceOfSatisfying(OutcomeUnknownException.class, open -> {
            assertThat(open.requestId())
                    .contains(
                            sent.request(CommitRequest.class).getWriteOptions().getRequestId());
            assertThat(open.firstSentIndex()).hasValue(100);
        });
        assertThat(sent.cancelled).isTrue();
    }

    @Test
    void shouldNotSayThatAWriteIsOpenThatWasNeverSent() {
        CompletableFuture<Answer<CommitResponse>> write = new FakeCluster().put("a", SECOND);

        Interruptible.interrupt(write);

        assertThat(RetriesTest.failureOf(write))
                .isInstanceOfSatisfying(
                        UnavailableException.class,
                        failure -> assertThat(failure.reason()).isEqualTo("INTERRUPTED"));
    }

    @Test
    void shouldEndReads() {
        FakeCluster cluster = new FakeCluster().found();
        FakeCluster.REPLICAS.forEach(replica -> cluster.servers.at(replica).holds(KeyValueGrpc.getGetMethod()));
        CompletableFuture<Answer<GetResponse>> read = cluster.get("a", 0);
        cluster.servers.settle();

        Interruptible.interrupt(read);
        cluster.pass(SECOND);

        assertThat(RetriesTest.failureOf(read)).isInstanceOf(UnavailableException.class);
    }

    @Test
    void shouldLeaveAloneWhatHasEnded() {
        FakeCluster cluster = new FakeCluster().found();
        CompletableFuture<Answer<CommitResponse>> write = cluster.put("a", SECOND);
        cluster.servers.settle();

        Interruptible.interrupt(write);

        assertThat(write.join().message().getIndex()).isEqualTo(7);
    }
}
