// SPDX-License-Identifier: Apache-2.0
package io.tidemark.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Who in this process has used how much of the processors so far. */
record CpuShares(long process, Map<Part, Long> parts) {
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private static final Path TASKS = Path.of("/proc/self/task");

    /** What the kernel counts the time of a thread in. */
    private static final long TICK_NANOS = 10_000_000;

    /** A part of the process. */
    enum Part {
        FLUSH,
        COMPACTION,
        COLLECTOR,
        COMPILER
    }

    static CpuShares now() {
        Map<Part, Long> parts = new EnumMap<>(Part.class);
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("tidemark-engine-flush")) {
                parts.merge(Part.FLUSH, THREADS.getThreadCpuTime(thread.getId()), Long::sum);
            } else if (thread.getName().equals("tidemark-engine-compact")) {
                parts.merge(Part.COMPACTION, THREADS.getThreadCpuTime(thread.getId()), Long::sum);
            }
        }
        addNative(parts);
        return new CpuShares(PROCESS.getProcessCpuTime(), parts);
    }

    /** The virtual machine's own threads, which only Linux tells of. */
    private static void addNative(Map<Part, Long> parts) {
        if (!Files.isDirectory(TASKS)) {
            return;
        }
        try (Stream<Path> tasks = Files.list(TASKS)) {
            for (Path task : tasks.toList()) {
                addNative(parts, Files.readString(task.resolve("stat")));
            }
        } catch (IOException e) {
            throw new IllegalStateException("the threads of this process cannot be read", e);
        }
    }

    private static void addNative(Map<Part, Long> parts, String stat) {
        String name = stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long nanos = (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
        if (name.startsWith("G1 ") || name.startsWith("GC Thread")) {
            parts.merge(Part.COLLECTOR, nanos, Long::sum);
        } else if (name.startsWith("C1 ") || name.startsWith("C2 ")) {
            parts.merge(Part.COMPILER, nanos, Long::sum);
        }
    }

    /** What each has used since then. */
    CpuShares since(CpuShares before) {
        Map<Part, Long> used = new EnumMap<>(Part.class);
        parts.forEach((part, nanos) -> used.put(part, nanos - before.parts.getOrDefault(part, 0L)));
        return new CpuShares(process - before.process, used);
    }

    /** Each part's nanoseconds for each of so many puts. */
    String perPut(long puts) {
        StringBuilder text = new StringBuilder();
        parts.forEach((part, nanos) ->
                text.append(String.format(Locale.ROOT, " %s %d", part.name().toLowerCase(Locale.ROOT), nanos / puts)));
        return text.toString().strip();
    }
}
