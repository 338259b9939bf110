// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.wire;

import com.google.protobuf.Timestamp;
import io.tidemark.client.ServedBy;
import io.tidemark.client.Unmet;
import io.tidemark.proto.v1.ResponseHeader;
import io.tidemark.proto.v1.ServerRole;
import io.tidemark.proto.v1.Strength;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Reads what the contract says in headers. */
public final class Headers {

    private Headers() {}

    /** What was proven; empty: unknown, and so is what is not positive, for it proves nothing. */
    public static Optional<Duration> staleness(ResponseHeader header) {
        if (!header.hasStaleness()) {
            return Optional.empty();
        }
        Duration proven = duration(header.getStaleness());
        return proven.isNegative() || proven.isZero() ? Optional.empty() : Optional.of(proven);
    }

    public static ServedBy.Role role(ServerRole role) {
        return switch (role) {
            case SERVER_ROLE_LEADER -> ServedBy.Role.LEADER;
            case SERVER_ROLE_FOLLOWER -> ServedBy.Role.FOLLOWER;
            case SERVER_ROLE_JOINING -> ServedBy.Role.JOINING;
            case SERVER_ROLE_REPLICA -> ServedBy.Role.REPLICA;
            case SERVER_ROLE_UNSPECIFIED, UNRECOGNIZED -> ServedBy.Role.UNKNOWN;
        };
    }

    public static Unmet unmet(io.tidemark.proto.v1.Unmet unmet) {
        return new Unmet(
                switch (unmet.getBehind()) {
                    case BEHIND_NETWORK -> Unmet.Behind.NETWORK;
                    case BEHIND_APPLY -> Unmet.Behind.APPLY;
                    case BEHIND_BOOTSTRAP -> Unmet.Behind.BOOTSTRAP;
                    case BEHIND_STARTING -> Unmet.Behind.STARTING;
                    case BEHIND_UNSPECIFIED, UNRECOGNIZED -> Unmet.Behind.UNKNOWN;
                },
                unmet.getAskedStrength() == Strength.STRENGTH_LINEARIZABLE,
                unmet.hasAskedStaleness() ? duration(unmet.getAskedStaleness()) : null,
                unmet.hasActualStaleness() ? duration(unmet.getActualStaleness()) : null,
                unmet.hasAskedIndex() ? (Long) unmet.getAskedIndex() : null,
                unmet.hasActualIndex() ? (Long) unmet.getActualIndex() : null,
                unmet.hasAskedLag() ? (Long) unmet.getAskedLag() : null,
                unmet.hasActualLag() ? (Long) unmet.getActualLag() : null);
    }

    public static Duration duration(com.google.protobuf.Duration duration) {
        return Duration.ofSeconds(duration.getSeconds(), duration.getNanos());
    }

    public static com.google.protobuf.Duration duration(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    public static Instant instant(Timestamp timestamp) {
        return Instant.ofEpochSecond(timestamp.getSeconds(), timestamp.getNanos());
    }

    public static Timestamp timestamp(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }
}
