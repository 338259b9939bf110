// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * When this process did not get to run: a machine that is too busy, or a garbage collection, makes every call look late. A thread that
 * wants to wake every few milliseconds notes each time that it could not.
 */
final class Stalls implements AutoCloseable {

    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long WORTH_NOTING_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

    private record Stall(long from, long to) {}

    private final Deque<Stall> stalls = new ArrayDeque<>();
    private final Thread thread = new Thread(this::run, "stalls");
    private volatile boolean stopping;

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        long due = System.nanoTime() + STEP_NANOS;
        while (!stopping) {
            LockSupport.parkNanos(STEP_NANOS);
            long now = System.nanoTime();
            if (now - due > WORTH_NOTING_NANOS) {
                synchronized (this) {
                    stalls.addLast(new Stall(due, now));
                }
            }
            due = now + STEP_NANOS;
        }
    }

    /** For how long, between these, in nanoseconds. */
    synchronized long nanosWithin(long from, long to) {
        return stalls.stream()
                .mapToLong(stall -> Math.max(0, Math.min(stall.to(), to) - Math.max(stall.from(), from)))
                .sum();
    }

    @Override
    public void close() {
        stopping = true;
    }
}
