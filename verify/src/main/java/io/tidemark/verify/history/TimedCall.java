// SPDX-License-Identifier: Apache-2.0
package io.tidemark.verify.history;

/**
 * One call of a client of the SDK, by the clock of the history.
 *
 * @param read or a write
 * @param deadlineNanos how long it was allowed to take
 * @param outcome the id of the server that served it; or with a leading {@code !} how it failed
 * @param stalledNanos how long this process did not get to run from the deadline of the call to its end
 */
public record TimedCall(long start, long end, boolean read, long deadlineNanos, String outcome, long stalledNanos) {

    /** Whether it was answered. */
    public boolean answered() {
        return !outcome.startsWith("!");
    }

    long nanos() {
        return end - start;
    }

    /** By how much it outlived its deadline through no fault of the machine; negative if it did not. */
    long overdueNanos() {
        return nanos() - deadlineNanos - stalledNanos;
    }
}
