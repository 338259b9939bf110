// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.internal.dispatch.FakeServers.FakeServer;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.GetLimitsResponse;
import io.tidemark.proto.v1.Limits;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LimitsKeeperTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final FakeCluster cluster = new FakeCluster();

    @Test
    void shouldAskAgainUntilTheLimitsAreKnown() {
        servers()
                .forEach(server -> server.on(
                        ClusterGrpc.getGetLimitsMethod(),
                        one -> one.fail(FakeCluster.error(ErrorReason.ERROR_REASON_INVALID_FIELD))));
        cluster.found();
        cluster.pass(SECOND.multipliedBy(3));
        assertThat(asked()).isGreaterThan(1);

        servers()
                .forEach(server -> server.on(
                        ClusterGrpc.getGetLimitsMethod(),
                        one -> one.answer(GetLimitsResponse.newBuilder()
                                .setHeader(FakeCluster.header(server.address))
                                .setLimits(
                                        Limits.newBuilder().setMaxBatchKeys(4).setMaxBatchWrites(4))
                                .build())));
        cluster.pass(SECOND.multipliedBy(3));
        int asked = asked();
        cluster.pass(SECOND.multipliedBy(10));

        assertThat(asked()).isEqualTo(asked);
    }

    @Test
    void shouldNotAskAgainOnceItIsClosed() {
        servers().forEach(server -> server.holds(ClusterGrpc.getGetLimitsMethod()));
        cluster.found();
        int asked = asked();

        cluster.dispatcher.close();
        cluster.pass(SECOND.multipliedBy(10));

        assertThat(asked()).isEqualTo(asked);
    }

    private List<FakeServer> servers() {
        return Stream.concat(FakeCluster.NODES.stream(), FakeCluster.REPLICAS.stream())
                .map(cluster.servers::at)
                .toList();
    }

    private int asked() {
        return cluster.servers.received(ClusterGrpc.getGetLimitsMethod()).size();
    }
}
