// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.HistoryId;
import io.tidemark.api.ProtoTimes;
import io.tidemark.api.SessionToken;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HistoryChanged;
import io.tidemark.proto.v1.ReadOptions;
import io.tidemark.proto.v1.Strength;
import io.tidemark.proto.v1.WhenUnmet;
import io.tidemark.store.LogTime;
import io.tidemark.store.Refusal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads {@code ReadOptions}; the comments there are the rules. */
public final class ReadAsks {

    /** How many session tokens a read may carry. */
    public static final int SESSION_TOKENS_MAX = 16;

    private static final Duration STALENESS_OF_LAG = Duration.ofSeconds(1);
    private static final Duration ANSWERING_MIN = Duration.ofMillis(20);
    /** As google.protobuf.Duration allows. */
    private static final long SECONDS_MAX = 315_576_000_000L;

    private static final int NANOS_PER_SECOND = 1_000_000_000;
    private static final String FIELD = "read_options.";

    private ReadAsks() {}

    /**
     * What the options ask of a server with that history.
     *
     * @param untilDeadline what was left of the caller's deadline when the request arrived; null: it has none
     * @param maxReadWait the most that this server waits
     * @throws io.grpc.StatusRuntimeException if they are wrong, or of another history
     */
    public static ReadAsk of(
            ReadOptions options, HistoryId history, @Nullable Duration untilDeadline, Duration maxReadWait) {
        requireHistory(options.hasHistoryId() ? options.getHistoryId() : null, history);
        long floor = floor(options, history);
        ReadAsk.Base base = base(options, floor);
        Duration granted = granted(untilDeadline, maxReadWait);
        Duration wait = options.hasMaxWait() ? min(notNegative("max_wait", options.getMaxWait()), granted) : granted;
        Duration roundTripMax = wait.isZero() ? granted : wait;
        boolean serveUnmet = options.getWhenUnmet() == WhenUnmet.WHEN_UNMET_SERVE
                && !(base instanceof ReadAsk.AsOfIndex)
                && !(base instanceof ReadAsk.AsOfTime);
        return new ReadAsk(base, floor, wait, roundTripMax, serveUnmet);
    }

    private static ReadAsk.Base base(ReadOptions options, long floor) {
        boolean bounded = options.hasMaxStaleness() || options.hasMaxLag();
        switch (options.getAtCase()) {
            case AS_OF_INDEX -> {
                refuseBound(bounded, "as_of_index");
                long index = notNegative("as_of_index", options.getAsOfIndex());
                if (floor > index) {
                    throw belowFloor("as_of_index", index, floor);
                }
                return new ReadAsk.AsOfIndex(index);
            }
            case AS_OF_TIME -> {
                refuseBound(bounded, "as_of_time");
                if (!LogTime.isValid(options.getAsOfTime())) {
                    throw wrong("as_of_time", "expected: from year 1 to year 9999, nanos from 0 to 999999999");
                }
                return new ReadAsk.AsOfTime(LogTime.of(options.getAsOfTime()));
            }
            default -> {
                boolean eventual = options.getStrength() == Strength.STRENGTH_EVENTUAL;
                boolean linearizable =
                        options.getStrength() == Strength.STRENGTH_LINEARIZABLE || !(eventual || bounded);
                return linearizable ? new ReadAsk.Linearizable() : recent(options);
            }
        }
    }

    private static ReadAsk.Recent recent(ReadOptions options) {
        Long lag = options.hasMaxLag() ? (Long) notNegative("max_lag", options.getMaxLag()) : null;
        if (options.hasMaxStaleness()) {
            return new ReadAsk.Recent(notNegative("max_staleness", options.getMaxStaleness()), lag);
        }
        return new ReadAsk.Recent(options.hasMaxLag() ? STALENESS_OF_LAG : null, lag);
    }

    private static void refuseBound(boolean bounded, String beside) {
        if (bounded) {
            throw wrong(beside, "stands beside max_staleness or max_lag, and a fixed state cannot become fresher");
        }
    }

    private static long floor(ReadOptions options, HistoryId history) {
        if (options.getSessionTokensCount() > SESSION_TOKENS_MAX) {
            throw wrong(
                    "session_tokens",
                    options.getSessionTokensCount() + " (expected: at most " + SESSION_TOKENS_MAX + ")");
        }
        long floor = options.hasMinIndex() ? notNegative("min_index", options.getMinIndex()) : 0;
        for (String text : options.getSessionTokensList()) {
            SessionToken token = token(text);
            requireHistory(token.history().text(), history);
            floor = Math.max(floor, token.index());
        }
        return floor;
    }

    private static SessionToken token(String text) {
        try {
            return SessionToken.parse(text);
        } catch (IllegalArgumentException e) {
            throw ErrorStatus.of(ErrorReason.ERROR_REASON_BAD_SESSION_TOKEN, String.valueOf(e.getMessage()))
                    .toException();
        }
    }

    /**
     * Refuses what was said of another history.
     *
     * @param asked null: nothing was said
     */
    public static void requireHistory(@Nullable String asked, HistoryId actual) {
        if (asked != null && !asked.equals(actual.text())) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_HISTORY_CHANGED,
                            "history " + asked + " is not this cluster's, " + actual
                                    + ": it was restored or recovered, or is another one. Read anew.")
                    .with(ErrorMetadata.ASKED_HISTORY_ID, asked)
                    .with(ErrorMetadata.ACTUAL_HISTORY_ID, actual)
                    .withDetail(HistoryChanged.newBuilder()
                            .setAskedHistoryId(asked)
                            .setActualHistoryId(actual.text())
                            .build())
                    .toException();
        }
    }

    /** The longest that a call may wait: until shortly before the deadline, so that the answer still arrives. */
    public static Duration granted(@Nullable Duration untilDeadline, Duration maxWait) {
        if (untilDeadline == null) {
            return maxWait;
        }
        // In whole numbers: a Duration is divided as a decimal, which costs more than all else here, and every call
        // asks.
        long left = untilDeadline.toNanos();
        long answering = Math.min(Math.max(left / 10, ANSWERING_MIN.toNanos()), left / 2);
        return min(Duration.ofNanos(Math.max(left - answering, 0)), maxWait);
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private static Duration notNegative(String field, com.google.protobuf.Duration duration) {
        boolean sound = duration.getSeconds() >= 0
                && duration.getSeconds() <= SECONDS_MAX
                && duration.getNanos() >= 0
                && duration.getNanos() < NANOS_PER_SECOND;
        if (!sound) {
            throw wrong(
                    field, duration.getSeconds() + " s and " + duration.getNanos() + " ns (expected: zero or more)");
        }
        return ProtoTimes.duration(duration);
    }

    private static long notNegative(String field, long number) {
        if (number < 0) {
            throw wrong(field, number + " (expected: zero or more)");
        }
        return number;
    }

    /** A fixed state cannot contain what came later. */
    static RuntimeException belowFloor(String field, long index, long floor) {
        return wrong(field, "index " + index + " lies below what session_tokens and min_index ask for, " + floor);
    }

    private static RuntimeException wrong(String field, String problem) {
        return Refusal.ofField(FIELD + field, problem).status().toException();
    }
}
