// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import java.time.Clock;
import java.time.Instant;

/** The system's clocks. */
enum SystemTicker implements Ticker {
    INSTANCE;

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    @Override
    public Moment now() {
        Instant wall = Clock.systemUTC().instant();
        return new Moment(System.nanoTime(), wall.getEpochSecond() * NANOS_PER_SECOND + wall.getNano());
    }
}
