// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

/** Says what moment it is. */
public interface Ticker {

    Moment now();

    /** This machine's clocks. */
    static Ticker system() {
        return SystemTicker.INSTANCE;
    }
}
