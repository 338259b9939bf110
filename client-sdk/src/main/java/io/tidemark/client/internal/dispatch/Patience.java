// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

/** How long an attempt may go unanswered before another one is made elsewhere. */
final class Patience {

    private static final long UNCONNECTED_NANOS_MAX = 250_000_000;
    /** With less than this left there is no use in cutting it up. */
    private static final long CUT_NANOS_MIN = 50_000_000;

    private static final int DOUBLINGS_MAX = 10;

    /** From this attempt at a read on, one that would be cut short gets all that is left. */
    private static final int LAST_ATTEMPT = 3;

    /** What a server needs to say that it waited in vain: see {@code ReadOptions.max_wait} in the contract. */
    private static final long ANSWERING_NANOS_MIN = 20_000_000;

    private static final int ANSWERING_PART = 10;

    private Patience() {}

    /**
     * Twice as long with each attempt, so that what takes its time comes to an end; never more than half of what is left, so that
     * there is time for another.
     *
     * @param firstNanos for the first attempt
     * @param attempt which one it is, from 1
     * @param connected whether the server can be reached already
     */
    static long nanos(long firstNanos, int attempt, boolean connected, long leftNanos) {
        long grown = firstNanos << Math.min(attempt - 1, DOUBLINGS_MAX);
        long limit = connected ? grown : Math.min(grown, UNCONNECTED_NANOS_MAX);
        return leftNanos < CUT_NANOS_MIN ? leftNanos : Math.min(limit, leftNanos / 2);
    }

    /**
     * The same for a read, which may be so much work that it would never end in ever shorter pieces of time.
     *
     * @param connected as above; a server that cannot be reached does no work
     */
    static long ofReadNanos(long firstNanos, int attempt, boolean connected, long leftNanos) {
        long cut = nanos(firstNanos, attempt, connected, leftNanos);
        return connected && attempt >= LAST_ATTEMPT && cut == leftNanos / 2 ? leftNanos : cut;
    }

    /** How long a server may wait that is given up after so long. */
    static long ofServerNanos(long patienceNanos) {
        long answering = Math.max(patienceNanos / ANSWERING_PART, ANSWERING_NANOS_MIN);
        return patienceNanos - Math.min(answering, patienceNanos / 2);
    }
}
