// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import java.time.Duration;

/** Calls back later. What is called must be quick. */
public interface Timers {

    /** A call to come. */
    interface Pending {
        /** Does nothing if it has been made. */
        void cancel();
    }

    Pending after(Duration delay, Runnable call);
}
