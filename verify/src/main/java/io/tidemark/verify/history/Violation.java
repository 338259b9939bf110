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
        /** A read sees at least the index that it asked for, and a session never goes back. */
        FLOORS,
        /** A read with a bound sees everything that was known that long before it was answered, or is told that it does not. */
        BOUNDS,
        /** Everything that was known longer ago than the staleness that an answer states is in it. */
        STATED_STALENESS,
        /** A read as of an index is as of that index. */
        AS_OF,
        /** The header of an answer agrees with itself and with what its server said before. */
        HEADERS,
        /** Watches tell the same, wherever they are served. */
        WATCHES,
        /** A read that asks for no freshness is not refused for the lack of it. */
        SERVED,
        /** All nodes hold the same. */
        SAME_EVERYWHERE
    }

    @Override
    public String toString() {
        return promise + ": " + what;
    }
}
