// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.faults;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

/** How much of a fault test is run, and what it prints. The profile {@code faults} runs all of it. */
final class Rounds {

    private Rounds() {}

    /** The system property {@code tidemark.faults.<name>}, or the short form. */
    static int of(String name, int shortForm) {
        return Integer.getInteger("tidemark.faults." + name, shortForm);
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
