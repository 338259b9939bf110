// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations in headers: {@code 250ms}, {@code 1.5s}, {@code 2m}. */
public final class Durations {

    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(?:\\.([0-9]{1,9}))?(ms|s|m|h)");

    private Durations() {}

    /**
     * Reads one.
     *
     * @param where what is named where it is none
     */
    public static Duration parse(String where, String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw Problem.invalid(
                            where,
                            where + ": '" + text + "' (expected: a duration with its unit, as in 250ms, 1.5s, 2m)")
                    .toException();
        }
        long unit = switch (matcher.group(3)) {
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            default -> 3_600_000_000_000L;
        };
        Duration whole = Duration.ofNanos(unit).multipliedBy(Long.parseLong(matcher.group(1)));
        String fraction = matcher.group(2);
        return fraction == null ? whole : whole.plusNanos((long) (Double.parseDouble("0." + fraction) * unit));
    }

    /** Milliseconds with as many digits as microseconds need, rounded up: a bound that is cut short is none. */
    public static String millis(Duration duration) {
        long micros = Math.floorDiv(duration.toNanos() + 999, 1000);
        long fraction = micros % 1000;
        return fraction == 0
                ? Long.toString(micros / 1000)
                : micros / 1000 + "." + Long.toString(1000 + fraction).substring(1);
    }

    /** Whole seconds, rounded up. */
    public static long secondsRoundedUp(Duration duration) {
        return duration.toSeconds() + (duration.toNanosPart() > 0 ? 1 : 0);
    }
}
