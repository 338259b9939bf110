// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import io.tidemark.server.time.Moment;
import io.tidemark.server.time.Ticker;
import io.tidemark.server.time.Timers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;

/**
 * A machine with one process: its clocks, and its threads. The process can crash and start again, be stopped for a while, be suspended
 * together with the machine, so that the monotonic clock stands still, and have its wall clock set.
 *
 * <p>Of what the promise of a staleness bound assumes, that one of the two clocks advances, the faults here keep what is needed: the
 * wall clock of a machine that is ever suspended is only ever set forward.
 */
final class Machine implements Ticker {

    private static final long WALL_BEGIN = 1_800_000_000_000_000_000L;
    private static final int PPM_MAX = 400;
    private static final long HAND_OFF_MAX = 20_000;
    private static final int WAKE_MAX = 3_000_000;

    private record Held(Lane lane, Runnable step) {}

    private final World world;
    private final String id;
    private final Random chance;
    private final double rate;
    private final long monotonicBegin;
    private final boolean maySuspend;
    private final List<Held> held = new ArrayList<>();

    private int life;
    private boolean up;
    private boolean paused;
    private long wallSet;
    private long suspendedSince = -1;
    private long suspendedNanos;

    Machine(World world, String id) {
        this.world = world;
        this.id = id;
        this.chance = world.chance("machine " + id);
        this.rate = 1 + (chance.nextInt(2 * PPM_MAX + 1) - PPM_MAX) / 1e6;
        this.monotonicBegin = chance.nextInt(1_000_000_000);
        this.maySuspend = chance.nextBoolean();
    }

    String id() {
        return id;
    }

    World world() {
        return world;
    }

    boolean isUp() {
        return up;
    }

    boolean isPaused() {
        return paused;
    }

    /** Which of its processes runs, or ran last. */
    int life() {
        return life;
    }

    /** A process begins. */
    void boot() {
        life++;
        up = true;
    }

    /** The process is gone, with all that it was about to do. */
    void kill() {
        resumeClock();
        up = false;
        paused = false;
        held.clear();
    }

    /** Nothing is done until {@link #resume}; the clocks go on, or the monotonic one stands still too. */
    void pause() {
        if (up && !paused) {
            paused = true;
            if (maySuspend && chance.nextBoolean()) {
                suspendedSince = world.nanos();
            }
        }
    }

    /** Its threads wake one after the other, so what waited does not go on in the order in which it came. */
    void resume() {
        if (!paused) {
            return;
        }
        paused = false;
        resumeClock();
        List<Held> waited = new ArrayList<>(held);
        held.clear();
        for (Held one : waited) {
            one.lane.wakesAfter(chance.nextInt(WAKE_MAX));
        }
        waited.forEach(one -> one.lane.run(one.step));
    }

    private void resumeClock() {
        if (suspendedSince >= 0) {
            suspendedNanos += world.nanos() - suspendedSince;
            suspendedSince = -1;
        }
    }

    /** Sets the wall clock. */
    void setClock(Duration by) {
        wallSet += maySuspend ? by.abs().toNanos() : by.toNanos();
    }

    @Override
    public Moment now() {
        long real = world.nanos();
        long monotonic = (suspendedSince >= 0 ? suspendedSince : real) - suspendedNanos;
        return new Moment(monotonicBegin + (long) (monotonic * rate), WALL_BEGIN + (long) (real * rate) + wallSet);
    }

    /** A thread of the process that runs now: what is put there is done in that order. */
    Lane lane(String name) {
        return new Lane(world.chance(id + " " + name).nextInt((int) HAND_OFF_MAX));
    }

    private void failed(Throwable failure) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace));
        world.violation("machine " + id + " threw " + trace);
    }

    /** One thread of one process. */
    final class Lane implements Executor, Timers {
        private final int ofLife = life;
        private final long handOff;
        private long wakesAt;

        private Lane(long handOff) {
            this.handOff = handOff;
        }

        Machine machine() {
            return Machine.this;
        }

        boolean isOver() {
            return !up || life != ofLife;
        }

        private void wakesAfter(long nanos) {
            wakesAt = Math.max(wakesAt, world.nanos() + nanos);
        }

        @Override
        public void execute(Runnable step) {
            world.at(world.nanos() + handOff, () -> run(step));
        }

        /** Now, if the process is not paused, nor this thread still to wake. */
        void run(Runnable step) {
            if (isOver()) {
                return;
            }
            if (paused) {
                held.add(new Held(this, step));
                return;
            }
            if (world.nanos() < wakesAt) {
                world.at(wakesAt, () -> run(step));
                return;
            }
            try {
                step.run();
            } catch (RuntimeException | Error e) {
                failed(e);
            }
        }

        @Override
        public Pending after(Duration delay, Runnable call) {
            Timer timer = new Timer(call);
            world.at(world.nanos() + (long) (Math.max(0, delay.toNanos()) / rate), () -> run(timer));
            return timer;
        }
    }

    private static final class Timer implements Timers.Pending, Runnable {
        private final Runnable call;
        private boolean cancelled;

        Timer(Runnable call) {
            this.call = call;
        }

        @Override
        public void run() {
            if (!cancelled) {
                call.run();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }
}
