// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;

/** What keeps calls under way. */
interface Loop {

    /** Starts; returns at once. Calls are begun until the time, by {@code System.nanoTime}. */
    void start(long until);

    /** Waits, from then on, until no call is under way; gives up after the timeout and says whether all have ended. */
    boolean awaitEnd(Duration timeout) throws InterruptedException;
}
