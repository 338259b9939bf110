// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

/**
 * A server did nothing from one moment to the other, by the clock of the history: every thread of it stood still at the one, and
 * none had gone on at the other.
 *
 * @param server its id
 * @param killed it lost what it had in memory; else it was paused
 */
public record Interruption(String server, boolean killed, long from, long to) {

    /** Whether it stood still at that moment. */
    boolean covers(long moment) {
        return from <= moment && moment <= to;
    }
}
