// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import io.tidemark.client.ReadOptions;
import io.tidemark.client.Row;
import io.tidemark.client.Rows;
import io.tidemark.client.TidemarkClient;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** An application that reads a whole table with a heap that is much smaller: a process of its own. */
final class ScanWithSmallHeap {

    /** What it prints when each row came once and in order. */
    private static final String ALL_READ = "all rows read: ";

    /** A step may take long where the machine does other things, too. */
    static final ReadOptions PATIENT = ReadOptions.defaults().withDeadline(Duration.ofMinutes(1));

    private ScanWithSmallHeap() {}

    /** The command that runs it. */
    static List<String> command(int heapMegabytes, List<String> endpoints, String table, long rows) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heapMegabytes + "m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                ScanWithSmallHeap.class.getName(),
                String.join(",", endpoints),
                table,
                Long.toString(rows));
    }

    static String allRead(long rows) {
        return ALL_READ + rows;
    }

    /** Takes endpoints, a table, and how many rows it has: those with the keys 0 to one less, in ten digits. */
    public static void main(String[] args) {
        long expected = Long.parseLong(args[2]);
        long began = System.nanoTime();
        long count = 0;
        long bytes = 0;
        try (TidemarkClient client = TidemarkClient.connect(args[0]);
                Rows<String> rows = client.table(args[1]).scan().with(PATIENT).rows()) {
            System.out.println("reads as of " + rows.index() + ", from " + rows.servedBy());
            for (Row<String> row : rows) {
                if (Long.parseLong(row.key()) != count) {
                    throw new AssertionError("row " + row.key() + " came where " + count + " should");
                }
                count++;
                bytes += row.optionalValue().orElseThrow().length();
            }
        }
        if (count != expected) {
            throw new AssertionError(count + " rows came (expected: " + expected + ")");
        }
        System.out.println(allRead(count) + ", " + bytes + " bytes of values, in "
                + (System.nanoTime() - began) / 1_000_000 + " ms; heap at most " + heapPeak() / (1 << 20) + " MiB of "
                + Runtime.getRuntime().maxMemory() / (1 << 20));
    }

    private static long heapPeak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
    }
}
