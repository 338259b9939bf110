// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

/** Runs a model test over many seeds, and says which one failed. CONTRIBUTING.md tells how to run more of them. */
public final class RandomHistories {

    /** How many, unless {@code -Dtidemark.histories} says otherwise. */
    private static final int USUAL = 200;

    private RandomHistories() {}

    /** One history. */
    public interface Run {
        void of(long seed) throws Exception;
    }

    public static int count() {
        return Integer.getInteger("tidemark.histories", USUAL);
    }

    public static void each(Run run) {
        each(count(), run);
    }

    public static void each(int count, Run run) {
        long first = Long.getLong("tidemark.seed", 1);
        for (long seed = first; seed < first + count; seed++) {
            try {
                run.of(seed);
            } catch (Throwable e) {
                throw new AssertionError("seed: " + seed, e);
            }
        }
    }
}
