// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.time;

/** A monotonic clock. Its values are compared by their differences alone. */
@FunctionalInterface
public interface Ticker {

    long nanoTime();

    /** This machine's. */
    static Ticker system() {
        return System::nanoTime;
    }
}
