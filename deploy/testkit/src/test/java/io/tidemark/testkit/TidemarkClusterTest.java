// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.Table;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The extension, used as users will. */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TidemarkClusterTest {

    @RegisterExtension
    static final TidemarkCluster cluster =
            TidemarkCluster.builder().nodes(1).replicas(1).build();

    private static String endpointAtFirst = "";

    @Test
    @Order(1)
    void shouldServeFromTheReplicaWhatTheNodeAcknowledged() {
        endpointAtFirst = cluster.endpoint("n1");
        try (Calls node = Calls.to(cluster.endpoint("n1"));
                Calls replica = Calls.to(cluster.endpoint("r1"))) {
            node.put("k", "v");
            cluster.awaitApplied();

            assertThat(replica.eventual("k").getRow().getValue().getText()).isEqualTo("v");
            assertThat(replica.eventual("k").getHeader().getServedBy()).isEqualTo("r1");
        }
        cluster.stop("r1", "n1");
    }

    @Test
    @Order(1)
    void shouldHaveAClient() {
        Table<String> table = cluster.client().table("t");
        table.put("k", "v");

        assertThat(table.get("k").value()).contains("v");
        assertThat(cluster.client()).isSameAs(cluster.client());
    }

    @Test
    @Order(2)
    void shouldBeginEachTestWithAllServersAndWithoutRows() {
        assertThat(cluster.isRunning("n1")).isTrue();
        assertThat(cluster.isRunning("r1")).isTrue();
        assertThat(cluster.endpoint("n1")).isEqualTo(endpointAtFirst);
        for (String endpoint : cluster.endpoints()) {
            try (Calls server = Calls.to(endpoint)) {
                assertThat(server.eventual("k").hasRow()).isFalse();
            }
        }
        assertThat(cluster.client().table("t").get("k").found()).isFalse();
    }

    @Nested
    class Within {

        @Test
        void shouldBeTheSameCluster() {
            assertThat(cluster.endpoint("n1")).isEqualTo(endpointAtFirst);
        }
    }

    @Nested
    class WithAClusterOfItsOwn {

        @RegisterExtension
        final TidemarkCluster own = TidemarkCluster.builder().replicas(0).build();

        @Test
        void shouldRunForTheTest() {
            try (Calls node = Calls.to(own.endpoint("n1"));
                    Calls other = Calls.to(cluster.endpoint("n1"))) {
                node.put("own", "1");

                assertThat(node.eventual("own").hasRow()).isTrue();
                assertThat(other.put("other", "1").getHeader().getHistoryId())
                        .isNotEqualTo(node.eventual("own").getHeader().getHistoryId());
            }
            assertThat(own.replicas()).isEmpty();
        }
    }
}
