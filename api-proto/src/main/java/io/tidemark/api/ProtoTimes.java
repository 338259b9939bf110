// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;

/** Durations and times as messages have them, and back. */
public final class ProtoTimes {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private ProtoTimes() {}

    public static com.google.protobuf.Duration duration(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    public static Duration duration(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }

    public static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }

    /** What a wall clock shows, in nanoseconds since 1970. */
    public static Timestamp timestamp(long wallNanos) {
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(wallNanos, NANOS_PER_SECOND))
                .setNanos((int) Math.floorMod(wallNanos, NANOS_PER_SECOND))
                .build();
    }

    public static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }
}
