// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.time;

import java.time.Duration;

/** Durations as messages have them, and back. */
public final class ProtoTimes {

    private ProtoTimes() {}

    public static com.google.protobuf.Duration of(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    public static Duration of(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }
}
