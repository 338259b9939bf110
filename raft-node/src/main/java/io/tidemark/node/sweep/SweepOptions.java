// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.sweep;

import java.time.Duration;

/**
 * How a leader sweeps.
 *
 * @param interval how often it looks for rows that are due, when there were none
 * @param rowsMax how many rows one command may remove
 * @param bytesMax how large one command may be, unless a single row's name is larger
 */
public record SweepOptions(Duration interval, int rowsMax, int bytesMax) {

    public SweepOptions {
        if (interval.isNegative() || interval.isZero() || rowsMax < 1 || bytesMax < 1) {
            throw new IllegalArgumentException(
                    "sweep: every " + interval + ", " + rowsMax + " rows, " + bytesMax + " bytes (expected: positive)");
        }
    }

    /** What production uses. */
    public static SweepOptions defaults() {
        return new SweepOptions(Duration.ofSeconds(1), 500, 256 << 10);
    }
}
