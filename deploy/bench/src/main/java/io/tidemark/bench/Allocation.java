// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** How much this process has allocated on its heap. */
final class Allocation {

    private Allocation() {}

    /** In bytes, over the threads that live; 0 where the JVM does not count. */
    static long bytesSoFar() {
        if (!(ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads)
                || !threads.isThreadAllocatedMemorySupported()) {
            return 0;
        }
        long sum = 0;
        for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
            // -1 of one that has ended meanwhile.
            sum += Math.max(0, bytes);
        }
        return sum;
    }
}
