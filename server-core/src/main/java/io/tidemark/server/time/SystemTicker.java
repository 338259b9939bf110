// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * The system's clocks, read often enough that what each of them misses is added up: one may be set back and the other stand still
 * later, and neither is then believed to have measured the whole time between. For any thread; whoever asks takes the samples.
 */
final class SystemTicker implements Ticker {

    static final SystemTicker INSTANCE = new SystemTicker(System::nanoTime, SystemTicker::systemWallNanos);

    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long SAMPLED_EVERY_NANOS = 20 * NANOS_PER_MILLI;

    /** Clocks that were not read together are no sample: what came between would count as time that one of them missed. */
    private static final long TOGETHER_NANOS = 100_000;

    private final LongSupplier monotonicClock;
    private final LongSupplier wallClock;
    private final AtomicReference<Sample> last;

    /** @param missedNanos what the monotonic clock has missed by then */
    private record Sample(long monotonicNanos, long wallNanos, long missedNanos) {}

    SystemTicker(LongSupplier monotonicClock, LongSupplier wallClock) {
        this.monotonicClock = monotonicClock;
        this.wallClock = wallClock;
        this.last = new AtomicReference<>(new Sample(monotonicClock.getAsLong(), wallClock.getAsLong(), 0));
    }

    @Override
    public Moment now() {
        Sample before = Objects.requireNonNull(last.get());
        long began = monotonicClock.getAsLong();
        long wall = wallClock.getAsLong();
        long monotonic = monotonicClock.getAsLong();
        long passed = monotonic - before.monotonicNanos();
        long apart = wall - before.wallNanos() - passed;
        long missed = before.missedNanos() + Math.max(0, apart);
        boolean due = passed >= SAMPLED_EVERY_NANOS || Math.abs(apart) >= NANOS_PER_MILLI;
        if (due && monotonic - began <= TOGETHER_NANOS) {
            last.compareAndSet(before, new Sample(monotonic, wall, missed));
        }
        return new Moment(monotonic, wall, missed);
    }

    private static long systemWallNanos() {
        Instant wall = Clock.systemUTC().instant();
        return wall.getEpochSecond() * NANOS_PER_SECOND + wall.getNano();
    }
}
