// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.tidemark.proto.v1.ClusterGrpc;
import io.tidemark.proto.v1.CreateTableRequest;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.history.Digests;
import io.tidemark.verify.process.Servers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same few rows are written over and over: disk and heap stay bounded. */
@Tag("faults")
class OverwritesIT {

    private static final int ROWS = 1_000;
    private static final int BATCH = 500;
    private static final int REPORT_EVERY = 100;
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final Duration DIGESTS_TIMEOUT = Duration.ofMinutes(5);

    /** Some checkpoints' worth of log, and twice the history and live rows: far below what was written by the end. */
    private static final long DISK_MAX = 512L << 20;

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldStayBoundedWhileRowsAreOverwritten() throws Exception {
        int puts = Integer.getInteger("tidemark.faults.overwrites", 20_000);
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                servers,
                3,
                "--raft.checkpoint-entries=500",
                "--raft.kept-entries=100",
                "--raft.segment-bytes=4MiB",
                "--store.history-retention=10s",
                "--store.min-request-ids=10000",
                "--store.max-request-ids=50000")) {
            ManagedChannel channel =
                    cluster.channel(cluster.awaitLeader(TIMEOUT).node());
            var unused = ClusterGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                    .createTable(CreateTableRequest.newBuilder().setTable("t").build());
            Overwriting overwriting = new Overwriting(channel, ROWS, 100, TIMEOUT);
            long diskMax = 0;
            long index = 0;
            for (int done = 0; done < puts; done += BATCH) {
                index = overwriting.write(done, BATCH);
                if (done / BATCH % REPORT_EVERY == 0) {
                    for (NodeUnderTest node : cluster.nodes()) {
                        diskMax = Math.max(diskMax, disk(node.server().dataDir()));
                    }
                    Rounds.say("overwrites", done + " puts, at most " + (diskMax >> 20) + " MiB on a disk");
                }
            }
            Map<String, String> digests =
                    Digests.ofAll(cluster.nodes().stream().map(cluster::channel).toList(), index, DIGESTS_TIMEOUT);
            assertThat(new HashSet<>(digests.values()))
                    .as("logs: " + servers.directory())
                    .hasSize(1);
            assertThat(diskMax).isLessThan(DISK_MAX);
            for (NodeUnderTest node : cluster.nodes()) {
                Rounds.say(
                        "overwrites",
                        node.id() + ": " + (disk(node.server().dataDir()) >> 20) + " MiB on disk in the end, "
                                + residentMemory(node));
                assertThat(node.server().isAlive()).isTrue();
            }
        }
    }

    private static String residentMemory(NodeUnderTest node) throws IOException {
        try (Stream<String> lines =
                Files.lines(Path.of("/proc", Long.toString(node.server().pid()), "status"))) {
            return lines.filter(line -> line.startsWith("VmHWM")).findFirst().orElse("memory unknown");
        }
    }

    /** Files come and go while this is counted. */
    private static long disk(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.mapToLong(OverwritesIT::size).sum();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return 0;
            }
            throw e;
        }
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
