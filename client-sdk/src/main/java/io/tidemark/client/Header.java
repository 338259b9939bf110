// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What every answer says of itself: which state it is, how stale, and from whom. Results have the main parts at hand. */
public interface Header {

    /** The history that {@link #index()} belongs to. */
    String historyId();

    /** The index that the answer is as of: every row and every absence in it is the state at exactly this index. Of a write, its commit. */
    long index();

    /** History and index as one short text: whoever reads with it sees at least this state. */
    String token();

    /**
     * How long ago, at most, this was certainly complete: everything acknowledged to anyone earlier than that is in it. Counted to the
     * moment of asking, so it grows with the time that an answer is kept, and what is shown to a user is true when it is shown. Empty:
     * unknown, which is not zero.
     *
     * <p>It is what the server proved plus the time since the very attempt was sent that it answered, by this process's clocks, a little
     * faster than they run (500 ppm), and with the time that the machine was suspended.
     */
    Optional<Duration> staleness();

    /** {@link #staleness()} as it was when the answer came, which stays as it is. */
    Optional<Duration> stalenessOnArrival();

    /** Who answered. */
    ServedBy servedBy();

    /** The last index that the server had applied when it answered. */
    long appliedIndex();

    /** The log time of {@link #index()}, where the server knows it. For people and for {@link Consistency#asOf(Instant)}; not a measure of age. */
    Optional<Instant> time();

    /** What is missing of what was asked, where {@link ReadOptions#withServeUnmet()} allowed that. Empty: nothing is. */
    Optional<Unmet> unmet();

    /** How often the call was sent until this answer came. */
    int attempts();
}
