// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.routing;

/**
 * Keeps calls away from a server that fails, each time in a row for twice as long. It returns only after a trial has succeeded,
 * and then is given its full share by and by. Thread-safe.
 */
public final class Ejection {

    private static final long PAUSE_NANOS_MIN = 500_000_000L;
    private static final long PAUSE_NANOS_MAX = 30_000_000_000L;
    /** After so long without another, an ejection is the first again. */
    private static final long FORGOTTEN_NANOS = 60_000_000_000L;

    private static final long RETURN_NANOS = 3_000_000_000L;
    private static final double RELUCTANCE_MAX = 8;

    private volatile boolean ejected;
    private volatile boolean returning;
    private volatile long returnedNanos;
    private long pauseNanos = PAUSE_NANOS_MIN;
    private int trials;

    /** Whether calls stay away. */
    public boolean isEjected() {
        return ejected;
    }

    /** Whether it is ejected by this; false: it was already. */
    synchronized boolean eject(long nowNanos) {
        if (ejected) {
            return false;
        }
        boolean again = returning && nowNanos - returnedNanos < FORGOTTEN_NANOS;
        pauseNanos = again ? Math.min(PAUSE_NANOS_MAX, pauseNanos * 2) : PAUSE_NANOS_MIN;
        ejected = true;
        return true;
    }

    /** How long to wait before the first trial, or the next one. */
    public synchronized long pauseNanos() {
        return pauseNanos;
    }

    /** The number of a trial that is planned now: those that were planned before are not wanted any more. */
    public synchronized int planTrial() {
        trials++;
        return trials;
    }

    /** Whether the trial of that number is still wanted. */
    public synchronized boolean awaitsTrial(int number) {
        return ejected && number == trials;
    }

    /** A trial failed. */
    public synchronized void trialFailed() {
        pauseNanos = Math.min(PAUSE_NANOS_MAX, pauseNanos * 2);
    }

    /** A trial succeeded: calls may come again. */
    public synchronized void end(long nowNanos) {
        returnedNanos = nowNanos;
        returning = true;
        ejected = false;
    }

    /** By what its cost is multiplied, so that it is loaded by and by. */
    double reluctance(long nowNanos) {
        if (!returning) {
            return 1;
        }
        long since = nowNanos - returnedNanos;
        return since >= RETURN_NANOS ? 1 : 1 + (RELUCTANCE_MAX - 1) * (RETURN_NANOS - since) / RETURN_NANOS;
    }
}
