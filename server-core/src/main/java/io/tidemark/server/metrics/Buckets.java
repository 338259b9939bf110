// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.metrics;

import java.time.Duration;

/** Fixed bounds of histograms, so that they can be added up over servers. */
public final class Buckets {

    private Buckets() {}

    /** From what memory takes to what a patient caller waits, three to a decade. */
    public static Duration[] durations() {
        return new Duration[] {
            Duration.ofNanos(100_000),
            Duration.ofNanos(250_000),
            Duration.ofNanos(500_000),
            Duration.ofMillis(1),
            Duration.ofNanos(2_500_000),
            Duration.ofMillis(5),
            Duration.ofMillis(10),
            Duration.ofMillis(25),
            Duration.ofMillis(50),
            Duration.ofMillis(100),
            Duration.ofMillis(250),
            Duration.ofMillis(500),
            Duration.ofSeconds(1),
            Duration.ofMillis(2_500),
            Duration.ofSeconds(5),
            Duration.ofSeconds(10)
        };
    }
}
