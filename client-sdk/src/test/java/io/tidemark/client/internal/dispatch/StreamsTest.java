// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.internal.dispatch.FakeServers.Exchange;
import io.tidemark.client.internal.stream.Verdict;
import io.tidemark.client.internal.stream.Verdicts;
import io.tidemark.proto.v1.KeyValueGrpc;
import io.tidemark.proto.v1.WatchRequest;
import io.tidemark.proto.v1.WatchResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whom streams are asked of. */
class StreamsTest {

    private final FakeCluster cluster = new FakeCluster().found();

    @Test
    void shouldAskThoseWhoFailedOnlyIfNobodyElseIsThere() {
        String first = FakeCluster.REPLICAS.get(0);
        String second = FakeCluster.REPLICAS.get(1);

        for (int i = 0; i < 20; i++) {
            assertThat(asked(List.of(first))).isEqualTo(second);
            assertThat(asked(List.of(second, "gone:1"))).isEqualTo(first);
            assertThat(asked(FakeCluster.REPLICAS)).isIn(FakeCluster.NODES);
        }
        assertThat(asked(List.of(
                        first, second, FakeCluster.NODES.get(0), FakeCluster.NODES.get(1), FakeCluster.NODES.get(2))))
                .isIn(FakeCluster.REPLICAS);
        assertThat(cluster.servers.opened).doesNotContain("gone:1");
    }

    @ParameterizedTest
    @EnumSource(names = {"UNIMPLEMENTED", "UNAUTHENTICATED", "PERMISSION_DENIED"})
    void shouldNotTakeTheWordOfWhatIsNoServerForTheEnd(Status.Code said) {
        cluster.replica(0)
                .on(
                        KeyValueGrpc.getWatchMethod(),
                        one -> one.fail(said.toStatus()
                                .withDescription("as a proxy says")
                                .asRuntimeException()));
        cluster.replica(1).up(false);
        cluster.servers.settle();
        List<Throwable> failures = new ArrayList<>();
        Dispatcher.StreamHandle unused = cluster.dispatcher.stream(
                KeyValueGrpc.getWatchMethod(),
                peer -> WatchRequest.getDefaultInstance(),
                new Target.OwnersOf("users", "ann"),
                List.of(),
                cluster.context(Duration.ofDays(1)),
                new Ignored() {
                    @Override
                    public void failed(Throwable failure) {
                        failures.add(failure);
                    }
                });
        cluster.servers.settle();

        assertThat(failures).singleElement().isInstanceOfSatisfying(TidemarkException.class, failure -> {
            assertThat(Verdicts.of(failure)).isInstanceOf(Verdict.AfterPause.class);
            assertThat(failure).hasMessageContaining("as a proxy says");
        });
    }

    private String asked(Collection<String> aside) {
        Dispatcher.StreamHandle stream = cluster.dispatcher.stream(
                KeyValueGrpc.getWatchMethod(),
                peer -> WatchRequest.getDefaultInstance(),
                new Target.OwnersOf("users", "ann"),
                aside,
                cluster.context(Duration.ofDays(1)),
                new Ignored());
        cluster.servers.settle();
        List<Exchange> all = cluster.servers.received(KeyValueGrpc.getWatchMethod());
        String address = all.stream()
                .filter(one -> !one.isOver())
                .findAny()
                .orElseThrow()
                .server()
                .address;
        stream.cancel();
        cluster.servers.settle();
        return address;
    }

    private static class Ignored implements Dispatcher.StreamReceiver<WatchResponse> {

        @Override
        public void received(WatchResponse message, Dispatcher.Peer from, long sentNanos) {}

        @Override
        public void ended() {}

        @Override
        public void failed(Throwable failure) {}
    }
}
