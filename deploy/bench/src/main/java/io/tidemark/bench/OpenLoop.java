// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends calls at the times when they are due, whatever becomes of those before. A call that has to wait, because so many are
 * under way already, counts from when it was due, so that a server's pause is not hidden by the calls that it delayed. Calls
 * that were due and not even sent at the end are errors, {@value #NOT_SENT}.
 */
final class OpenLoop implements Loop {

    static final String NOT_SENT = "not sent: too many under way";

    private final Mix mix;
    private final List<? extends Connection> connections;
    private final int outstandingMax;
    private final double nanosBetween;
    private final Recording recording;
    private final Semaphore free;
    private final Thread pacer = new Thread(this::pace, "pacer");
    private long begun;
    private long until;

    OpenLoop(Plan plan, List<? extends Connection> connections, Recording recording) {
        this.mix = new Mix(plan);
        this.connections = connections;
        this.outstandingMax = plan.outstanding();
        this.nanosBetween = 1e9 / plan.rate().orElseThrow();
        this.recording = recording;
        this.free = new Semaphore(outstandingMax);
        pacer.setDaemon(true);
    }

    @Override
    public void start(long end) {
        begun = System.nanoTime();
        until = end;
        pacer.start();
    }

    @Override
    public boolean awaitEnd(Duration timeout) throws InterruptedException {
        pacer.join();
        return free.tryAcquire(outstandingMax, timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void pace() {
        long number = 0;
        for (long due = begun; due - until < 0; due = begun + Math.round(++number * nanosBetween)) {
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            if (acquire()) {
                Kind kind = mix.nextKind();
                Connection connection = connections.get((int) (number % connections.size()));
                mix.begin(kind, connection, new Call(kind, due));
            } else {
                recording.failed(NOT_SENT, due);
            }
        }
    }

    /** A place among those under way, waited for until the end. */
    private boolean acquire() {
        try {
            return free.tryAcquire() || free.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // Nobody interrupts the pacer.
            throw new IllegalStateException(e);
        }
    }

    private final class Call implements Completion {
        private final Kind kind;
        private final long due;

        Call(Kind kind, long due) {
            this.kind = kind;
            this.due = due;
        }

        @Override
        public void answered(boolean present) {
            recording.answered(kind, present, due, System.nanoTime());
            free.release();
        }

        @Override
        public void failed(Throwable failure) {
            recording.failed(failure, due);
            free.release();
        }
    }
}
