// SPDX-License-Identifier: Apache-2.0
package io.tidemark.launcher.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Sizes and times as people read them. */
public final class Quantities {

    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
    private static final int UNIT_STEP = 1024;
    private static final Duration SECONDS_FROM = Duration.ofSeconds(10);
    private static final Duration MINUTES_FROM = Duration.ofMinutes(10);
    private static final Duration HOURS_FROM = Duration.ofHours(10);
    private static final Duration DAYS_FROM = Duration.ofDays(4);

    private Quantities() {}

    /** Such as {@code 1.5 MiB}. */
    public static String bytes(long bytes) {
        double amount = bytes;
        int unit = 0;
        while (amount >= UNIT_STEP && unit < UNITS.length - 1) {
            amount /= UNIT_STEP;
            unit++;
        }
        return unit == 0 ? bytes + " B" : String.format(Locale.ROOT, "%.1f %s", amount, UNITS[unit]);
    }

    /** Such as {@code 1 row} and {@code 1,200 rows}. */
    public static String rows(long rows) {
        return String.format(Locale.ROOT, rows == 1 ? "%,d row" : "%,d rows", rows);
    }

    /** A length of time, rounded up: a bound that is shown must not be less than it is. */
    public static String duration(Duration duration) {
        if (duration.compareTo(SECONDS_FROM) < 0) {
            return upTo(duration, Duration.ofMillis(1)) + " ms";
        }
        if (duration.compareTo(MINUTES_FROM) < 0) {
            return upTo(duration, Duration.ofSeconds(1)) + " s";
        }
        if (duration.compareTo(HOURS_FROM) < 0) {
            return upTo(duration, Duration.ofMinutes(1)) + " min";
        }
        return duration.compareTo(DAYS_FROM) < 0
                ? upTo(duration, Duration.ofHours(1)) + " h"
                : upTo(duration, Duration.ofDays(1)) + " d";
    }

    private static long upTo(Duration duration, Duration unit) {
        return duration.plus(unit).minusNanos(1).dividedBy(unit);
    }

    /** The contract's. */
    public static Duration duration(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }

    /** A bound on staleness. */
    public static String staleness(Optional<Duration> staleness) {
        return staleness.map(Quantities::duration).orElse("unknown");
    }
}
