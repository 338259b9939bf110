// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashMap;
import java.util.Map;

/**
 * How much each thread of this process has allocated on its heap so far.
 *
 * @param bytes by thread; empty where the JVM does not count
 */
record Allocation(Map<Long, Long> bytes) {

    Allocation {
        bytes = Map.copyOf(bytes);
    }

    static Allocation soFar() {
        Map<Long, Long> bytes = new HashMap<>();
        if (ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
                && threads.isThreadAllocatedMemorySupported()) {
            long[] ids = threads.getAllThreadIds();
            long[] counts = threads.getThreadAllocatedBytes(ids);
            for (int i = 0; i < ids.length; i++) {
                // -1 of one that has ended meanwhile.
                bytes.put(ids[i], Math.max(0, counts[i]));
            }
        }
        return new Allocation(bytes);
    }

    /** In bytes. What threads allocated that have ended is not known. */
    long since(Allocation before) {
        return bytes.entrySet().stream()
                .mapToLong(entry -> Math.max(0, entry.getValue() - before.bytes.getOrDefault(entry.getKey(), 0L)))
                .sum();
    }
}
