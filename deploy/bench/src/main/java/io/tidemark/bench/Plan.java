// SPDX-License-Identifier: Apache-2.0
package io.tidemark.bench;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * What load to make.
 *
 * @param rows what the rows look like and which are chosen
 * @param readShare the share of gets among the calls, from 0 (puts only) to 1 (gets only)
 * @param outstanding how many calls are under way at once: always, in a closed loop; at most, in an open one
 * @param rate calls per second, due at equal intervals whatever becomes of those before (an open loop); absent: each call is
 *     followed by the next (a closed loop)
 * @param warmUp how long the load runs before what is measured
 * @param duration how long is measured
 */
public record Plan(
        RowShape rows, double readShare, int outstanding, OptionalDouble rate, Duration warmUp, Duration duration) {

    /** How keys are chosen. */
    public enum Distribution {
        UNIFORM,
        ZIPF
    }

    /**
     * Rows of a load.
     *
     * @param keys how many there are
     * @param keyBytes the length of each key
     * @param valueBytes the length of each value
     * @param distribution which are chosen
     */
    public record RowShape(long keys, int keyBytes, int valueBytes, Distribution distribution) {

        private static final int KEY_BYTES_MAX = 1024;

        public RowShape {
            require(keys >= 1, "keys", keys, "at least 1");
            int digits = Long.toString(keys - 1).length();
            require(
                    keyBytes >= digits && keyBytes <= KEY_BYTES_MAX,
                    "key size",
                    keyBytes,
                    digits + ", to tell " + keys + " keys apart, to " + KEY_BYTES_MAX);
            require(valueBytes >= 0, "value size", valueBytes, "at least 0");
        }
    }

    public Plan {
        require(readShare >= 0 && readShare <= 1, "read share", readShare, "from 0 to 1");
        require(outstanding >= 1, "outstanding", outstanding, "at least 1");
        require(rate.isEmpty() || rate.getAsDouble() > 0, "rate", rate.orElse(0), "above 0");
        require(!warmUp.isNegative(), "warm-up", warmUp, "not negative");
        require(duration.compareTo(Duration.ZERO) > 0, "duration", duration, "above 0");
    }

    /** A closed loop of puts. */
    public static Plan puts(RowShape rows, int outstanding, Duration warmUp, Duration duration) {
        return new Plan(rows, 0, outstanding, OptionalDouble.empty(), warmUp, duration);
    }

    /** A closed loop of gets. */
    public static Plan gets(RowShape rows, int outstanding, Duration warmUp, Duration duration) {
        return new Plan(rows, 1, outstanding, OptionalDouble.empty(), warmUp, duration);
    }

    private static void require(boolean condition, String name, Object value, String expected) {
        if (!condition) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
        }
    }
}
