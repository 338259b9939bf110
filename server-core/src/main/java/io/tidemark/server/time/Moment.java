// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import java.time.Duration;

/**
 * A moment on this machine's two clocks. Moments of different processes have nothing to do with each other.
 *
 * @param monotonicNanos runs evenly, but stands still while the machine is suspended
 * @param wallNanos since 1970; goes on during a suspension, but can be set
 * @param missedNanos what the monotonic clock has missed since the process began, by the wall clock, added up over short times
 */
public record Moment(long monotonicNanos, long wallNanos, long missedNanos) {

    /** How much slower than real time a clock may run: 500 ppm, what NTP corrects at most. */
    private static final long DRIFT_DIVISOR = 2000;

    /** Of clocks of which none is known to have missed anything. */
    public Moment(long monotonicNanos, long wallNanos) {
        this(monotonicNanos, wallNanos, 0);
    }

    /**
     * An upper bound on the time from this moment to a later one of the same process, as long as at every time one of the two clocks
     * went on: the greater of what they say, what the monotonic one missed added to it, and the drift that clocks may have. A clock
     * that was set can only make it longer.
     */
    public Duration elapsedTo(Moment later) {
        long missed = Math.max(0, later.missedNanos - missedNanos);
        long monotonic = later.monotonicNanos - monotonicNanos + missed;
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
