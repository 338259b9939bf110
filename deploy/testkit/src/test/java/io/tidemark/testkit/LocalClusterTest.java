// SPDX-License-Identifier: Apache-2.0
package io.tidemark.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class LocalClusterTest {

    @TempDir
    Path parent = Path.of("unset");

    private ClusterBuilder builder() {
        return LocalCluster.builder().temporaryFilesIn(parent);
    }

    @Test
    void shouldWriteOnWithoutItsLeader() {
        try (LocalCluster cluster = builder().nodes(3).replicas(0).start()) {
            String first = cluster.leader();
            try (Calls calls = Calls.to(cluster.endpoint(first))) {
                calls.put("k", "1");
            }

            cluster.stop(first);
            String second = cluster.leader();
            try (Calls calls = Calls.to(cluster.endpoint(second))) {
                calls.put("k", "2");
            }
            cluster.start(first);
            cluster.awaitApplied();

            assertThat(second).isNotEqualTo(first);
            try (Calls calls = Calls.to(cluster.endpoint(first))) {
                assertThat(calls.eventual("k").getRow().getValue().getText()).isEqualTo("2");
            }
        }
    }

    @Test
    void shouldHaveReplicasThatKnowLessAndLessWithoutNodes() {
        Duration bound = Duration.ofMillis(1_500);
        try (LocalCluster cluster = builder().nodes(1).replicas(2).start()) {
            try (Calls node = Calls.to(cluster.endpoint("n1"))) {
                node.put("k", "v");
            }
            cluster.awaitApplied();
            cluster.stop("n1");

            for (String id : cluster.replicas()) {
                try (Calls replica = Calls.to(cluster.endpoint(id))) {
                    Waiting.until(
                            Duration.ofSeconds(60), () -> "the bound is not met", () -> isTooStale(replica, bound));
                    assertThat(replica.eventual("k").hasRow()).isTrue();
                }
            }
            cluster.startAll();

            try (Calls replica = Calls.to(cluster.endpoint("r2"))) {
                Waiting.until(
                        Duration.ofSeconds(60), () -> "the bound is met again", () -> !isTooStale(replica, bound));
            }
        }
    }

    private static boolean isTooStale(Calls replica, Duration bound) {
        try {
            return !replica.noStalerThan(bound, "k").hasRow();
        } catch (StatusRuntimeException e) {
            assertThat(ErrorStatus.from(e).map(ErrorStatus::reason)).contains(ErrorReason.ERROR_REASON_TOO_STALE);
            return true;
        }
    }

    @Test
    void shouldEmptyTablesOfAnySize() {
        // A commit removes 16 times as much at most: not all of the large rows.
        ClusterBuilder small = builder().replicas(1).nodeOption("store.max-commit-bytes", "128KiB");
        try (LocalCluster cluster = small.start();
                Calls node = Calls.to(cluster.endpoint("n1"));
                Calls replica = Calls.to(cluster.endpoint("r1"))) {
            String large = "x".repeat(100 << 10);
            for (int i = 0; i < 30; i++) {
                node.put("large" + i, large);
            }
            node.putMany("small", 1_100);

            cluster.clearTables();

            assertThat(replica.eventual("large0").hasRow()).isFalse();
            assertThat(replica.eventual("large29").hasRow()).isFalse();
            assertThat(replica.eventual("small1099").hasRow()).isFalse();
        }
    }

    @Test
    void shouldLeaveNothingBehind() throws IOException {
        LocalCluster cluster = builder().replicas(0).start();
        assertThat(filesLeft()).isEqualTo(1);

        cluster.close();
        cluster.close();

        assertThat(filesLeft()).isZero();
        assertThatThrownBy(cluster::endpoints)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("does not run");
    }

    @Test
    void shouldSayWhichPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ClusterBuilder builder = builder().replicaOption("client.port", Integer.toString(taken.getLocalPort()));

            assertThatThrownBy(builder::start)
                    .isInstanceOf(ClusterException.class)
                    .hasMessageContaining("r1 cannot start: client.port " + taken.getLocalPort())
                    .hasMessageContaining("Address already in use");
        }
        assertThat(filesLeft()).isZero();
    }

    @Test
    void shouldSayWhyTheDiskIsNoGood() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));
        ClusterBuilder builder = LocalCluster.builder().temporaryFilesIn(file);

        assertThatThrownBy(builder::start)
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("no temporary directory can be made in " + file)
                .hasMessageContaining("temporaryFilesIn");
    }

    @Test
    void shouldNameAnOptionThatDoesNotExist() throws IOException {
        ClusterBuilder builder = builder().nodeOption("store.max-valu-bytes", "4KiB");

        assertThatThrownBy(builder::start)
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("n1 cannot start")
                .hasMessageContaining("did you mean store.max-value-bytes?");
        assertThat(filesLeft()).isZero();
    }

    @Test
    void shouldSayWhatIsNotReadyInTime() {
        ClusterBuilder builder = builder().startTimeout(Duration.ofMillis(1));

        assertThatThrownBy(builder::start)
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("not after 1 ms: n1 is ready");
    }

    @Test
    void shouldKnowItsServersOnly() {
        try (LocalCluster cluster = builder().replicas(0).start()) {
            assertThatThrownBy(() -> cluster.stop("r9"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("server: 'r9' (expected: one of n1)");
            assertThatThrownBy(() -> cluster.start("n1"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("n1 is running");
        }
    }

    @Test
    void shouldRefuseASizeThatDoesNotFitATest() {
        assertThatThrownBy(() -> LocalCluster.builder().nodes(6))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nodes: 6 (expected: from 1 to 5)");
        assertThatThrownBy(() -> LocalCluster.builder().replicas(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("replicas: -1");
    }

    private long filesLeft() throws IOException {
        try (Stream<Path> files = Files.list(parent)) {
            return files.count();
        }
    }
}
