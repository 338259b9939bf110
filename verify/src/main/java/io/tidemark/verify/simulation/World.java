// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Virtual time, and all that is still to happen in it. One thread.
 *
 * <p>What happens at the same instant happens in the order in which it was asked for. That order may differ between two runs where the
 * code under test keeps sets of objects without an order; so nothing here draws from a chance that several share: each link, machine and
 * client has its own.
 */
final class World {

    private static final int VIOLATIONS_MAX = 50;

    private record Event(long at, long number, Runnable step) {}

    private final long seed;
    private final PriorityQueue<Event> events = new PriorityQueue<>((one, other) ->
            one.at != other.at ? Long.compare(one.at, other.at) : Long.compare(one.number, other.number));
    private final List<String> violations = new ArrayList<>();
    private long nanos;
    private long numbers;
    private long steps;
    private long violationCount;

    World(long seed) {
        this.seed = seed;
    }

    /** Since the beginning. */
    long nanos() {
        return nanos;
    }

    /** How much has happened. */
    long steps() {
        return steps;
    }

    /** The same for the same name in each run of the same seed. */
    Random chance(String name) {
        return new Random(seed * 0x9E3779B97F4A7C15L + name.hashCode() * 0xD1B54A32D192ED03L);
    }

    void at(long when, Runnable step) {
        events.add(new Event(Math.max(when, nanos), numbers++, step));
    }

    void after(Duration delay, Runnable step) {
        at(nanos + delay.toNanos(), step);
    }

    /** Lets time pass. */
    void run(Duration time) {
        long end = nanos + time.toNanos();
        for (Event next = events.peek(); next != null && next.at <= end; next = events.peek()) {
            events.remove();
            nanos = next.at;
            steps++;
            next.step.run();
        }
        nanos = end;
    }

    /** A promise was broken. */
    void violation(String what) {
        violationCount++;
        if (violations.size() < VIOLATIONS_MAX) {
            violations.add(String.format("at %.6f s: %s", nanos / 1e9, what));
        }
    }

    long violationCount() {
        return violationCount;
    }

    /** The first of them. */
    List<String> violations() {
        return List.copyOf(violations);
    }
}
