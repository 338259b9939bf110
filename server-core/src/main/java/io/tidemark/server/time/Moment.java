// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import java.time.Duration;

/**
 * A moment on this machine's two clocks. Moments of different processes have nothing to do with each other.
 *
 * @param monotonicNanos runs evenly, but stands still while the machine is suspended
 * @param wallNanos since 1970; goes on during a suspension, but can be set
 */
public record Moment(long monotonicNanos, long wallNanos) {

    /** How much slower than real time a clock may run: 500 ppm, what NTP corrects at most. */
    private static final long DRIFT_DIVISOR = 2000;

    /**
     * An upper bound on the time from this moment to a later one of the same process, as long as one of the two clocks went on:
     * the greater of what they say, and the drift that clocks may have. A clock that was set can only make it longer.
     */
    public Duration elapsedTo(Moment later) {
        long monotonic = later.monotonicNanos - monotonicNanos;
        long wall = later.wallNanos - wallNanos;
        long elapsed = Math.max(0, Math.max(monotonic, wall));
        return Duration.ofNanos(withDrift(elapsed));
    }

    /** How long it can have been at most while a clock went on by so much. */
    public static long withDrift(long nanos) {
        return nanos + nanos / DRIFT_DIVISOR + 1;
    }

    /** Whether this moment came before another of the same process, or is the same. */
    public boolean isNotAfter(Moment other) {
        return monotonicNanos - other.monotonicNanos <= 0;
    }
}
