// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.engine;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Looks at the disk on a thread of its own, and remembers the worst moment against the bound. */
final class SpaceSamples implements AutoCloseable {
    private final SpaceMeter disk;
    private final SimulatedDays life;
    private final long fixedBytes;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private volatile String now = "";
    private volatile String worst = "no sample";
    private volatile double worstRatio;
    private volatile double worstFactor;
    private volatile long count;

    SpaceSamples(SpaceMeter disk, SimulatedDays life, long fixedBytes) {
        this.disk = disk;
        this.life = life;
        this.fixedBytes = fixedBytes;
    }

    void start(MapDbEngine engine) {
        var unused = clock.scheduleAtFixedRate(() -> sample(engine), 1, 1, TimeUnit.MILLISECONDS);
    }

    void at(String where) {
        now = where;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // the clock's thread alone
    private void sample(MapDbEngine engine) {
        count++;
        long used = disk.usedBytes();
        long needed = life.neededBytes();
        double ratio = used / (2.0 * needed + fixedBytes);
        if (needed > 2 * fixedBytes) {
            worstFactor = Math.max(worstFactor, (double) used / needed);
        }
        if (ratio > worstRatio) {
            worstRatio = ratio;
            worst = String.format(
                    "%.3f of the bound, %d KiB used for %d KiB needed, %s, %s",
                    ratio, used >> 10, needed >> 10, now, engine.stats());
        }
    }

    /** Bytes used over bytes allowed. */
    double worstRatio() {
        return worstRatio;
    }

    String report() {
        return String.format(
                "samples: %d, most used of what was needed (where that was over twice the fixed part): %.2f, written of"
                        + " what was applied: %.2f, worst: %s",
                count, worstFactor, (double) disk.writtenBytes() / life.appliedBytes(), worst);
    }

    @Override
    public void close() {
        var unused = clock.shutdownNow();
    }
}
