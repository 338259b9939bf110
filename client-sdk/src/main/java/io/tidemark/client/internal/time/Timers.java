// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.time;

/** Calls back later. What is called must be quick, and must not block. */
public interface Timers extends AutoCloseable {

    /**
     * Calls once, not before a moment and little after it.
     *
     * @param dueNanos by the {@link Ticker} that goes with these timers
     */
    Pending at(long dueNanos, Runnable call);

    /** Whether calls are made on this thread, so that nothing there may block. */
    default boolean ownsThread(Thread thread) {
        return false;
    }

    /** Makes at once every call that is to come, and those that are added at the same time; none later. */
    @Override
    void close();

    /** A call to come. */
    interface Pending {

        /** Does nothing if it has been made. */
        void cancel();
    }
}
