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

    /** Readings of two clocks that keep step come apart by less. Every greater step is added up, or later ones could hide it. */
    private static final long NOISE_NANOS = 1_000;

    /** Clocks that were not read together are read again. */
    private static final long TOGETHER_NANOS = 2_000;

    private static final int READINGS_MAX = 3;

    /** If they never were, because the processor was taken away, what came between must not count as time that one of them missed. */
    private static final long APART_NANOS_MAX = 100_000;

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
        long began = monotonicClock.getAsLong();
        long wall = wallClock.getAsLong();
        long monotonic = monotonicClock.getAsLong();
        for (int i = 1; i < READINGS_MAX && monotonic - began > TOGETHER_NANOS; i++) {
            began = monotonic;
            wall = wallClock.getAsLong();
            monotonic = monotonicClock.getAsLong();
        }
        boolean together = monotonic - began <= APART_NANOS_MAX;
        while (true) {
            Sample before = Objects.requireNonNull(last.get());
            long apart = wall - before.wallNanos() - (monotonic - before.monotonicNanos());
            if (!together || Math.abs(apart) <= NOISE_NANOS) {
                return new Moment(monotonic, wall, before.missedNanos());
            }
            // Whoever is told that so much was missed must find it in what is told later.
            Sample next = new Sample(monotonic, wall, before.missedNanos() + Math.max(0, apart));
            if (last.compareAndSet(before, next)) {
                return new Moment(monotonic, wall, next.missedNanos());
            }
        }
    }

    private static long systemWallNanos() {
        Instant wall = Clock.systemUTC().instant();
        return wall.getEpochSecond() * NANOS_PER_SECOND + wall.getNano();
    }
}
