// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica;

import com.sun.management.OperatingSystemMXBean;
import io.tidemark.replica.feed.core.Load;
import io.tidemark.server.read.ReadCounts;
import java.lang.management.ManagementFactory;

/** What this replica has to do. */
record ReplicaLoad(ReadCounts counts) implements Load {

    @Override
    public long boundedReads() {
        return ended(ReadCounts.Ask.BOUNDED) + ended(ReadCounts.Ask.LINEARIZABLE);
    }

    @Override
    public long reads() {
        long reads = 0;
        for (ReadCounts.Ask ask : ReadCounts.Ask.values()) {
            reads += ended(ask);
        }
        return reads;
    }

    private long ended(ReadCounts.Ask ask) {
        long ended = 0;
        for (ReadCounts.End end : ReadCounts.End.values()) {
            ended += counts.ended(ask, end);
        }
        return ended;
    }

    @Override
    public double cpu() {
        double load = ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getCpuLoad()
                : 0;
        return Double.isNaN(load) || load < 0 ? 0 : load;
    }
}
