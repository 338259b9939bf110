// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

/** A promise that was broken. */
public record Violation(Promise promise, String what) {

    /** What a store promises. */
    public enum Promise {
        /** Every acknowledged write is there. */
        NOTHING_LOST,
        /** No write is applied twice, none that failed, and none that nobody asked for. */
        NOTHING_TWICE,
        /** Indexes have no gaps and do not go back. */
        GAPLESS,
        /** Versions of a row count up by one; a conditional put follows the version that it named. */
        VERSIONS,
        /** What ended before another began has the lower index. */
        REAL_TIME,
        /** A linearizable read sees everything that was acknowledged before it began, and nothing that is not there. */
        READS,
        /** All nodes hold the same. */
        SAME_EVERYWHERE
    }

    @Override
    public String toString() {
        return promise + ": " + what;
    }
}
