// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/** How much of a fault test is run, and what it prints. Belongs to one test. The profile {@code faults} runs all of it. */
final class Rounds {

    private final String test;
    private final int count;
    private final long started = System.nanoTime();
    private int done;

    private Rounds(String test, int count) {
        this.test = test;
        this.count = count;
    }

    /** As many as the system property {@code tidemark.faults.<name>} says, or the short form. */
    static Rounds of(String name, int shortForm) {
        return new Rounds(name, Integer.getInteger("tidemark.faults." + name, shortForm));
    }

    /**
     * Whether there is another round. The system property {@code tidemark.faults.minutes} bounds how long rounds are begun;
     * what was done until then is checked all the same, and {@link #done()} says how much that is.
     */
    boolean next() {
        Integer minutes = Integer.getInteger("tidemark.faults.minutes");
        if (done < count
                && minutes != null
                && System.nanoTime() - started >= Duration.ofMinutes(minutes).toNanos()) {
            say(test, "cut short by tidemark.faults.minutes after " + done + " of " + count + " rounds");
            return false;
        }
        if (done == count) {
            return false;
        }
        done++;
        return true;
    }

    /** The number of this round, from 1; after the last, how many there were. */
    int done() {
        return done;
    }

    /** The system property {@code tidemark.faults.seed}, or a new one; printed, so that a run can be had again. */
    static long seed(String test) {
        long seed = Long.getLong("tidemark.faults.seed", System.nanoTime());
        say(test, "-Dtidemark.faults.seed=" + seed);
        return seed;
    }

    static void say(String test, String text) {
        System.out.println("faults: " + test + ": " + text);
    }

    /** The distribution in words. */
    static String distribution(List<Duration> times) {
        long[] sorted = times.stream().mapToLong(Duration::toMillis).sorted().toArray();
        return sorted.length + " times, min " + sorted[0] + " ms, p50 "
                + median(times).toMillis() + " ms, p90 "
                + sorted[(sorted.length * 9 - 1) / 10] + " ms, max " + sorted[sorted.length - 1] + " ms: "
                + LongStream.of(sorted).boxed().toList();
    }

    static Duration median(List<Duration> times) {
        return times.stream().sorted().toList().get((times.size() - 1) / 2);
    }
}
