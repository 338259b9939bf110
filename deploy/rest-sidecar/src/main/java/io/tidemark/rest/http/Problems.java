// SPDX-License-Identifier: Apache-2.0
package io.tidemark.rest.http;

import com.linecorp.armeria.common.ClosedSessionException;
import com.linecorp.armeria.common.ResponseCompleteException;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import com.linecorp.armeria.common.stream.CancelledSubscriptionException;
import com.linecorp.armeria.common.stream.ClosedStreamException;
import io.tidemark.api.ErrorReasons;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.DeadlineExceededException;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.TooStaleException;
import io.tidemark.proto.v1.ErrorReason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one mapping of what calls fail with to problems. */
public final class Problems {

    private static final Logger log = LoggerFactory.getLogger(Problems.class);

    private static final Duration SOON = Duration.ofSeconds(1);

    /** As others log it: no status of HTTP's own says it, because nobody is there to be told. */
    private static final int HUNG_UP = 499;

    private Problems() {}

    /** The HTTP status that a reason of the contract always comes with. */
    public static int statusOf(ErrorReason reason) {
        return switch (reason) {
            case ERROR_REASON_INVALID_FIELD,
                    ERROR_REASON_BAD_SESSION_TOKEN,
                    ERROR_REASON_BAD_PAGE_TOKEN,
                    ERROR_REASON_UNSUPPORTED -> 400;
            case ERROR_REASON_UNAUTHENTICATED -> 401;
            case ERROR_REASON_PERMISSION_DENIED -> 403;
            case ERROR_REASON_TABLE_NOT_FOUND, ERROR_REASON_MEMBER_NOT_FOUND -> 404;
            case ERROR_REASON_VALUE_FORM_UNAVAILABLE -> 406;
            case ERROR_REASON_NOT_JSON,
                    ERROR_REASON_NOT_A_NUMBER,
                    ERROR_REASON_INCREMENT_OVERFLOW,
                    ERROR_REASON_TABLE_EXISTS,
                    ERROR_REASON_TABLE_DROPPING,
                    ERROR_REASON_TABLE_CHANGED,
                    ERROR_REASON_CONDITION_FAILED,
                    ERROR_REASON_REQUEST_ID_REUSED,
                    ERROR_REASON_REQUEST_ID_EXPIRED,
                    ERROR_REASON_MEMBER_EXISTS,
                    ERROR_REASON_MEMBER_ALIVE,
                    ERROR_REASON_WOULD_LOSE_MAJORITY,
                    ERROR_REASON_NOT_EMPTY,
                    ERROR_REASON_OPERATION_IN_PROGRESS,
                    ERROR_REASON_HISTORY_CHANGED -> 409;
            case ERROR_REASON_HORIZON_PASSED -> 410;
            case ERROR_REASON_TOO_LARGE -> 413;
            case ERROR_REASON_OVERLOADED, ERROR_REASON_WATCHER_TOO_SLOW -> 429;
            case ERROR_REASON_TOO_STALE,
                    ERROR_REASON_INDEX_NOT_REACHED,
                    ERROR_REASON_TIME_NOT_CLOSED,
                    ERROR_REASON_NOT_LEADER,
                    ERROR_REASON_NO_LEADER,
                    ERROR_REASON_STOPPING,
                    ERROR_REASON_MOVED,
                    ERROR_REASON_TOO_MANY_HOPS,
                    ERROR_REASON_SHARD_UNAVAILABLE -> 503;
            case ERROR_REASON_DEADLINE_PASSED, ERROR_REASON_OUTCOME_UNKNOWN -> 504;
            case ERROR_REASON_STORE_FULL -> 507;
            case ERROR_REASON_CORRUPTION,
                    ERROR_REASON_CLUSTER_MISMATCH,
                    ERROR_REASON_INTERNAL,
                    ERROR_REASON_UNSPECIFIED,
                    UNRECOGNIZED -> 502;
        };
    }

    /** What a request ends with that failed so. */
    public static Problem of(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof ProblemException problem) {
            return problem.problem();
        }
        if (cause instanceof TidemarkException known) {
            return of(known);
        }
        return isHangUp(cause) ? hungUp(cause) : bug(cause);
    }

    /** Of a request whose caller is gone, so that nobody reads it: for metrics and the access log. */
    public static Problem hungUp(Throwable how) {
        log.debug("a caller hung up", how);
        return Problem.of(HUNG_UP, "CALLER_GONE", "the caller closed the connection or the stream");
    }

    private static boolean isHangUp(Throwable cause) {
        return cause instanceof ClosedSessionException
                || cause instanceof ClosedStreamException
                || cause instanceof AbortedStreamException
                || cause instanceof CancelledSubscriptionException
                || cause instanceof ResponseCompleteException;
    }

    private static Problem of(TidemarkException failure) {
        int status =
                ErrorReasons.byName(failure.reason()).map(Problems::statusOf).orElseGet(() -> statusOf(failure));
        List<Problem.FieldError> errors = failure instanceof InvalidRequestException invalid
                ? invalid.violations().stream()
                        .map(one -> new Problem.FieldError(one.field(), one.description()))
                        .toList()
                : List.of();
        return new Problem(
                status,
                failure.reason(),
                failure.getMessage(),
                failure.metadata(),
                errors,
                retryAfter(failure, status),
                Map.of());
    }

    /** Of what the client found out by itself. */
    private static int statusOf(TidemarkException failure) {
        if (failure instanceof InvalidRequestException) {
            return 400;
        }
        if (failure instanceof ConditionFailedException) {
            return 409;
        }
        return failure instanceof DeadlineExceededException ? 504 : 503;
    }

    private static @Nullable Duration retryAfter(TidemarkException failure, int status) {
        if (failure instanceof OverloadedException overloaded) {
            return overloaded.retryAfter().orElse(SOON);
        }
        if (failure instanceof TooStaleException stale) {
            return stale.expectedWait().orElse(SOON);
        }
        return status == 429 || status == 503 || status == 507 ? SOON : null;
    }

    private static Problem bug(Throwable failure) {
        String incident = UUID.randomUUID().toString();
        log.error("a request failed (incident {})", incident, failure);
        return new Problem(
                500,
                "INTERNAL",
                "the sidecar failed; its log says more under incident " + incident,
                Map.of("incident", incident),
                List.of(),
                null,
                Map.of());
    }
}
