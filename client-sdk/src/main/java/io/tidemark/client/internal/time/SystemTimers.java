// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.time;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The system's timers: one daemon thread makes all calls, and sleeps while none is near. What a call throws is logged and hurts no other. */
public final class SystemTimers implements Timers {

    private static final Logger log = LoggerFactory.getLogger(SystemTimers.class);
    private static final Pending NEVER = () -> {};
    /** How long after the end calls are still made, at once. */
    private static final long GRACE_NANOS = 1_000_000_000;

    private final Ticker ticker = Ticker.system();
    private final Wheel wheel = new Wheel(ticker.nanoTime());
    private final Thread thread;

    /** When the thread looks again by itself: who adds an earlier call wakes it. */
    private volatile long nextLookNanos = ticker.nanoTime();

    private volatile boolean closed;
    private volatile boolean ended;

    public SystemTimers(String threadName) {
        thread = new Thread(this::run, threadName);
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public Pending at(long dueNanos, Runnable call) {
        if (ended) {
            return NEVER;
        }
        Pending pending = wheel.add(dueNanos, call);
        if (dueNanos - nextLookNanos < 0) {
            LockSupport.unpark(thread);
        }
        return pending;
    }

    private void run() {
        while (!closed) {
            makeAll(wheel.advance(ticker.nanoTime()));
            long now = ticker.nanoTime();
            // While we look, whoever adds a call wakes us: it may lie before where we have looked already.
            nextLookNanos = now + Long.MAX_VALUE / 2;
            long next = wheel.nextLook(now);
            nextLookNanos = next;
            long pause = next - ticker.nanoTime();
            if (pause > 0 && !closed) {
                LockSupport.parkNanos(this, pause);
            }
        }
        // Whoever was about to add a call when this was closed must not wait for it in vain.
        long end = ticker.nanoTime() + GRACE_NANOS;
        while (end - ticker.nanoTime() > 0) {
            makeAll(wheel.drain());
            LockSupport.parkNanos(this, Wheel.TICK_NANOS);
        }
        ended = true;
        makeAll(wheel.drain());
    }

    @Override
    public boolean ownsThread(Thread other) {
        return other == thread;
    }

    private static void makeAll(List<Runnable> calls) {
        for (Runnable call : calls) {
            try {
                call.run();
            } catch (RuntimeException | Error e) {
                log.error("a timed call failed", e);
            }
        }
    }

    /** Makes them on the thread of the timers, soon after this returns. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
