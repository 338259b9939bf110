// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import com.google.protobuf.Timestamp;
import java.time.Duration;

/** Durations and times as messages have them, and back. */
public final class ProtoTimes {

    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private ProtoTimes() {}

    public static com.google.protobuf.Duration of(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    /** What a wall clock shows, in nanoseconds since 1970. */
    public static Timestamp ofWallNanos(long wallNanos) {
        return Timestamp.newBuilder()
                .setSeconds(Math.floorDiv(wallNanos, NANOS_PER_SECOND))
                .setNanos((int) Math.floorMod(wallNanos, NANOS_PER_SECOND))
                .build();
    }

    public static Duration of(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }
}
