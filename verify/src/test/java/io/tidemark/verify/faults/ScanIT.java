// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.client.Page;
import io.tidemark.client.Row;
import io.tidemark.client.Rows;
import io.tidemark.client.Scan;
import io.tidemark.client.Table;
import io.tidemark.client.TidemarkClient;
import io.tidemark.client.WriteOptions;
import io.tidemark.verify.faults.ClusterUnderTest.NodeUnderTest;
import io.tidemark.verify.process.Servers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Scans of the SDK over a table that is larger than its heap, by servers that are killed meanwhile. */
@Tag("faults")
@Timeout(1_800)
class ScanIT {

    private static final String TEST = "sdk: scans";
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final WriteOptions PATIENT = WriteOptions.defaults().withDeadline(Duration.ofSeconds(60));
    private static final int COMMIT_ROWS = 1_000;
    private static final int HEAP_MEGABYTES = 256;
    private static final String VALUE = "v".repeat(300);

    /** The profile {@code faults} reads a million. */
    private static final long ROWS = Long.getLong("tidemark.faults.scanned", 20_000);

    @RegisterExtension
    final Servers servers = new Servers();

    @Test
    void shouldGiveEachRowOnceWhicheverServerIsKilled() throws Exception {
        try (ClusterUnderTest cluster = ClusterUnderTest.start(
                        servers, 3, "--store.auto-create-tables=true", "--store.history-retention=30m");
                TidemarkClient client = TidemarkClient.connect(String.join(",", cluster.endpoints()))) {
            Table<String> table = client.table("large");
            fill(client, table);

            readWithSmallHeap(cluster);
            readWhileItsServerIsKilled(cluster, table);
            readPages(
                    table.scan().with(ScanWithSmallHeap.PATIENT).pageSize(1_000).limit(2_500));
        }
    }

    private static void fill(TidemarkClient client, Table<String> table) {
        long began = System.nanoTime();
        for (long from = 0; from < ROWS; from += COMMIT_ROWS) {
            long first = from;
            client.commit(
                            tx -> {
                                for (long i = first; i < Math.min(ROWS, first + COMMIT_ROWS); i++) {
                                    tx.put(table, key(i), VALUE);
                                }
                            },
                            PATIENT)
                    .orThrow();
        }
        Rounds.say(TEST, ROWS + " rows written in " + millisSince(began) + " ms");
    }

    private void readWithSmallHeap(ClusterUnderTest cluster) throws IOException, InterruptedException {
        Path log = servers.directory().resolve("scan.log");
        Process scan = new ProcessBuilder(ScanWithSmallHeap.command(HEAP_MEGABYTES, cluster.endpoints(), "large", ROWS))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            assertThat(scan.waitFor(15, TimeUnit.MINUTES))
                    .as("the scan has ended")
                    .isTrue();
        } finally {
            scan.destroyForcibly();
        }
        String told = Files.readString(log, StandardCharsets.UTF_8);
        Rounds.say(TEST, told.strip());
        assertThat(told).contains(ScanWithSmallHeap.allRead(ROWS));
        assertThat(scan.exitValue()).isZero();
    }

    private static void readWhileItsServerIsKilled(ClusterUnderTest cluster, Table<String> table) {
        Scan<String> scan = table.scan().with(ScanWithSmallHeap.PATIENT).bufferBytes(64 << 10);
        try (Rows<String> rows = scan.rows()) {
            Iterator<Row<String>> next = rows.iterator();
            for (long i = 0; i < ROWS; i++) {
                if (i == ROWS / 3) {
                    NodeUnderTest serving = cluster.nodes().stream()
                            .filter(node ->
                                    node.endpoint().equals(rows.servedBy().address()))
                            .findFirst()
                            .orElseThrow();
                    Rounds.say(TEST, "kills " + serving.id() + " at row " + i);
                    serving.server().kill();
                    serving.server().start();
                }
                assertThat(next.next().key()).isEqualTo(key(i));
            }
            assertThat(next.hasNext()).isFalse();
        }
        cluster.nodes().forEach(node -> node.server().awaitReady(TIMEOUT));
    }

    private static void readPages(Scan<String> scan) {
        Page<String> page = scan.page();
        long index = page.index();
        long row = 0;
        while (true) {
            for (Row<String> each : page.rows()) {
                assertThat(each.key()).isEqualTo(key(row++));
            }
            assertThat(page.index()).isEqualTo(index);
            if (page.nextPageToken().isEmpty()) {
                break;
            }
            page = scan.page(page.nextPageToken().get());
        }
        assertThat(row).isEqualTo(2_500);
    }

    private static String key(long number) {
        return String.format("%010d", number);
    }

    private static long millisSince(long began) {
        return (System.nanoTime() - began) / 1_000_000;
    }
}
