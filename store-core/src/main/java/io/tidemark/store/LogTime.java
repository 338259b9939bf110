// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store;

import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import java.util.Comparator;

/**
 * A moment in log time: what leaders stamped on entries, never what a local clock says.
 *
 * <p>The range is that of {@code google.protobuf.Timestamp}. Sums beyond it stay at its ends, so that no row's expiry can
 * fail to be computed.
 */
public record LogTime(long seconds, int nanos) implements Comparable<LogTime> {

    private static final long SECONDS_MIN = -62_135_596_800L;
    private static final long SECONDS_MAX = 253_402_300_799L;
    private static final int NANOS_PER_SECOND = 1_000_000_000;
    private static final long DURATION_SECONDS_MAX = 315_576_000_000L;
    private static final Comparator<LogTime> ORDER =
            Comparator.comparingLong(LogTime::seconds).thenComparingInt(LogTime::nanos);

    /** Before everything: the log time of the empty store. */
    public static final LogTime MIN = new LogTime(SECONDS_MIN, 0);

    /** After everything. */
    public static final LogTime MAX = new LogTime(SECONDS_MAX, NANOS_PER_SECOND - 1);

    public LogTime {
        if (!inRange(seconds, nanos)) {
            throw new IllegalArgumentException("log time: " + seconds + " s " + nanos
                    + " ns (expected: from year 1 to year 9999, nanos from 0 to 999999999)");
        }
    }

    /** Whether {@link #of(Timestamp)} would take it. */
    public static boolean isValid(Timestamp time) {
        return inRange(time.getSeconds(), time.getNanos());
    }

    /** Whether it is a duration of the contract and longer than nothing. */
    public static boolean isPositive(Duration duration) {
        return duration.getSeconds() >= 0
                && duration.getSeconds() <= DURATION_SECONDS_MAX
                && duration.getNanos() >= 0
                && duration.getNanos() < NANOS_PER_SECOND
                && (duration.getSeconds() > 0 || duration.getNanos() > 0);
    }

    public static LogTime of(Timestamp time) {
        return new LogTime(time.getSeconds(), time.getNanos());
    }

    /** Later by that much, at most {@link #MAX}. */
    public LogTime plus(Duration duration) {
        return shifted(seconds + duration.getSeconds(), (long) nanos + duration.getNanos());
    }

    /** Earlier by that much, at least {@link #MIN}. */
    public LogTime minus(Duration duration) {
        return shifted(seconds - duration.getSeconds(), (long) nanos - duration.getNanos());
    }

    public Timestamp toTimestamp() {
        return Timestamp.newBuilder().setSeconds(seconds).setNanos(nanos).build();
    }

    public boolean isAfter(LogTime other) {
        return compareTo(other) > 0;
    }

    /** The later of the two. */
    public static LogTime max(LogTime a, LogTime b) {
        return a.isAfter(b) ? a : b;
    }

    @Override
    public int compareTo(LogTime other) {
        return ORDER.compare(this, other);
    }

    private static LogTime shifted(long seconds, long nanos) {
        long whole = seconds + Math.floorDiv(nanos, (long) NANOS_PER_SECOND);
        if (whole < SECONDS_MIN) {
            return MIN;
        }
        if (whole > SECONDS_MAX) {
            return MAX;
        }
        return new LogTime(whole, (int) Math.floorMod(nanos, (long) NANOS_PER_SECOND));
    }

    private static boolean inRange(long seconds, int nanos) {
        return seconds >= SECONDS_MIN && seconds <= SECONDS_MAX && nanos >= 0 && nanos < NANOS_PER_SECOND;
    }
}
