// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.node.consensus.OutvotedMark;
import io.tidemark.proto.v1.Alarm;
import io.tidemark.proto.v1.AlarmKind;
import io.tidemark.proto.v1.ScanRequest;
import io.tidemark.proto.v1.ScanResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.assertj.core.groups.Tuple;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that stop in order, and nodes that come back without what they knew. */
@Timeout(180)
class NodeStopsTest {

    private static final int WRITERS = 4;
    private static final int SOME_WRITES = 100;

    @TempDir
    private Path directory;

    private TestCluster cluster;

    @BeforeEach
    void start() {
        cluster = TestCluster.of(directory, "n1", "n2", "n3");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void shouldLoseNothingAndShowNothingWhenTheLeaderStopsUnderLoad() throws Exception {
        String leader = cluster.leader();
        String asked = cluster.follower();
        Set<String> written = ConcurrentHashMap.newKeySet();
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService clients = Executors.newFixedThreadPool(WRITERS);
        List<Future<?>> writers = new ArrayList<>();
        // Channels are made by the test's thread.
        cluster.put(asked, "first", "1");
        for (int writer = 0; writer < WRITERS; writer++) {
            String prefix = "w" + writer + "-";
            writers.add(clients.submit(() -> {
                for (int i = 0; !enough.get(); i++) {
                    cluster.put(asked, prefix + i, "1");
                    written.add(prefix + i);
                }
            }));
        }
        try {
            TestCluster.await("writes go on", () -> written.size() >= SOME_WRITES);
            cluster.stop(leader);
            int then = written.size();
            TestCluster.await("writes go on with the next leader", () -> written.size() >= then + SOME_WRITES);
        } finally {
            enough.set(true);
            clients.shutdown();
            assertThat(clients.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }
        for (Future<?> writer : writers) {
            writer.get();
        }
        assertThat(keys(asked)).containsAll(written);
        cluster.start(leader);
        cluster.awaitReady(leader);
        assertThat(keys(leader)).containsAll(written);
    }

    private Set<String> keys(String asked) {
        Set<String> keys = new HashSet<>();
        ScanRequest.Builder request =
                ScanRequest.newBuilder().setTable(TestCluster.TABLE).setPrefix("w");
        do {
            ScanResponse page = cluster.keyValue(asked).scan(request.build());
            page.getRowsList().forEach(row -> keys.add(row.getKey()));
            request.setPageToken(page.getNextPageToken());
        } while (!request.getPageToken().isEmpty());
        return keys;
    }

    @Test
    void shouldRefuseAWipedDiskUnderTheOldIdAndSayWhatToDo() throws IOException {
        String wiped = cluster.follower();
        cluster.stop(wiped);
        try (Stream<Path> files = Files.walk(cluster.directoryOf(wiped))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        cluster.start(wiped);

        assertThatThrownBy(() -> cluster.node(wiped).failure().get(60, TimeUnit.SECONDS))
                .hasMessageContaining(wiped)
                .hasMessageContaining("remove the node from the cluster")
                .hasMessageContaining("under a new id");
        cluster.stop(wiped);
        cluster.put(cluster.follower(), "still", "1");
    }

    @Test
    void shouldComeBackOutvotedAndServeNothing() throws IOException {
        String wrong = cluster.leader();
        cluster.stop(wrong);
        OutvotedMark.in(cluster.directoryOf(wrong)).write("its rows are wrong");
        cluster.put(cluster.follower(), "k", "1");
        cluster.start(wrong);
        TestCluster.await(
                wrong + " keeps the log",
                () -> cluster.status(wrong).getNode().getRaftAppliedIndex() > 0
                        && cluster.status(wrong).getNotReadyList().toString().contains("its rows are wrong"));

        assertThat(cluster.status(wrong).getAlarmsList())
                .extracting(Alarm::getKind, Alarm::getMessage)
                .containsExactly(Tuple.tuple(AlarmKind.ALARM_KIND_DIGEST_MISMATCH, "its rows are wrong"));
        assertThatThrownBy(() -> cluster.get(wrong, "k")).hasMessageContaining("its rows are wrong");
        assertThat(cluster.leader()).isNotEqualTo(wrong);
    }
}
