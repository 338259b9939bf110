// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.call;

import java.util.function.LongSupplier;

/**
 * A moment, on both clocks of this machine. The monotonic one stands still while the machine is suspended, the wall clock is set by
 * people: time that only the latter saw counts as well, so that a wrong one can make things look older and never younger.
 *
 * @param nanos by the monotonic clock
 * @param wallMillis by the wall clock
 */
public record Moment(long nanos, long wallMillis) {

    /** What the wall clock's grain, and its being adjusted a little all the time, may make up. */
    private static final long GRAIN_NANOS = 5_000_000;

    /** How long after {@code earlier} this is by the wall clock beyond what the monotonic clock saw. */
    public long hiddenNanosSince(Moment earlier) {
        long hidden = (wallMillis - earlier.wallMillis) * 1_000_000 - (nanos - earlier.nanos);
        return hidden > GRAIN_NANOS ? hidden : 0;
    }

    /**
     * Tells moments. For any thread.
     *
     * @param nanoTime the dispatcher's
     * @param wallMillis the wall clock
     */
    public record Clock(LongSupplier nanoTime, LongSupplier wallMillis) {

        /** Now. */
        public Moment now() {
            return new Moment(nanoTime.getAsLong(), wallMillis.getAsLong());
        }
    }
}
