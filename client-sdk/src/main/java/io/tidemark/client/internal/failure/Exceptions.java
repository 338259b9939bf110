// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.failure;

import com.google.rpc.BadRequest;
import io.grpc.Status;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorReasons;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ProtoTimes;
import io.tidemark.client.Attempt;
import io.tidemark.client.ClosedException;
import io.tidemark.client.ConditionFailedException;
import io.tidemark.client.DeadlineExceededException;
import io.tidemark.client.Failure;
import io.tidemark.client.HistoryChangedException;
import io.tidemark.client.HorizonPassedException;
import io.tidemark.client.InvalidRequestException;
import io.tidemark.client.NotFoundException;
import io.tidemark.client.OutcomeUnknownException;
import io.tidemark.client.OverloadedException;
import io.tidemark.client.TidemarkException;
import io.tidemark.client.TooStaleException;
import io.tidemark.client.UnavailableException;
import io.tidemark.client.Unmet;
import io.tidemark.proto.v1.ConditionFailed;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HistoryChanged;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.OutcomeUnknown;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.WriteOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The one place where failures become the exceptions that users see. */
public final class Exceptions {

    private static final Unmet NOTHING_KNOWN =
            new Unmet(Unmet.Behind.UNKNOWN, false, null, null, null, null, null, null);

    private Exceptions() {}

    /**
     * What the caller gets for a failure that ends its call. Not for a write that is open: {@link #outcomeUnknown}.
     *
     * @param method what the call is called
     */
    public static TidemarkException of(String method, AttemptFailure failure, List<Attempt> attempts) {
        ErrorStatus error = failure.error();
        if (error == null) {
            return unexplained(method, failure, attempts);
        }
        Failure told = new Failure(
                method + ": " + error.message(), ErrorReasons.nameOf(error.reason()), error.metadata(), attempts);
        Throwable cause = failure.status().getCause();
        return switch (error.reason()) {
            case ERROR_REASON_TABLE_NOT_FOUND, ERROR_REASON_MEMBER_NOT_FOUND -> new NotFoundException(told, cause);
            case ERROR_REASON_CONDITION_FAILED, ERROR_REASON_TABLE_CHANGED -> conditionFailed(told, cause, error);
            case ERROR_REASON_HISTORY_CHANGED -> historyChanged(told, cause, error);
            case ERROR_REASON_HORIZON_PASSED -> horizonPassed(told, cause, error);
            case ERROR_REASON_TOO_STALE, ERROR_REASON_INDEX_NOT_REACHED, ERROR_REASON_TIME_NOT_CLOSED ->
                tooStale(told, cause, error);
            case ERROR_REASON_OUTCOME_UNKNOWN, ERROR_REASON_REQUEST_ID_EXPIRED ->
                outcomeUnknown(
                        told,
                        cause,
                        error.detail(OutcomeUnknown.class)
                                .map(OutcomeUnknown::getRequestId)
                                .orElse(null),
                        error.detail(OutcomeUnknown.class)
                                .map(OutcomeUnknown::getFirstSentIndex)
                                .orElse(null));
            case ERROR_REASON_OVERLOADED ->
                new OverloadedException(told, cause, failure.retryDelay().orElse(null));
            case ERROR_REASON_DEADLINE_PASSED -> new DeadlineExceededException(told, cause);
            case ERROR_REASON_NOT_LEADER,
                    ERROR_REASON_NO_LEADER,
                    ERROR_REASON_STOPPING,
                    ERROR_REASON_MOVED,
                    ERROR_REASON_WATCHER_TOO_SLOW,
                    ERROR_REASON_TOO_MANY_HOPS,
                    ERROR_REASON_SHARD_UNAVAILABLE,
                    ERROR_REASON_STORE_FULL,
                    ERROR_REASON_CORRUPTION,
                    ERROR_REASON_CLUSTER_MISMATCH,
                    ERROR_REASON_INTERNAL -> new UnavailableException(told, cause);
            default -> new InvalidRequestException(told, cause, violations(error));
        };
    }

    /**
     * The same for one that breaks off a stream, which goes on at another server where that may help.
     *
     * @param method what the stream is called
     */
    public static TidemarkException ofStream(String method, AttemptFailure failure, List<Attempt> attempts) {
        return failure.isOfNoServer()
                ? new UnavailableException(
                        unexplained(method, failure, attempts).failure(),
                        failure.status().getCause())
                : of(method, failure, attempts);
    }

    /** A failure in which no server of ours had a say. */
    private static TidemarkException unexplained(String method, AttemptFailure failure, List<Attempt> attempts) {
        Status status = failure.status();
        Failure told =
                new Failure(method + ": " + failure.outcome(), status.getCode().name(), Map.of(), attempts);
        Throwable cause = status.getCause();
        return switch (status.getCode()) {
            case DEADLINE_EXCEEDED -> new DeadlineExceededException(told, cause);
            case INVALID_ARGUMENT, UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED ->
                new InvalidRequestException(told, cause, List.of());
            default -> new UnavailableException(told, cause);
        };
    }

    /** A write that is open. */
    public static OutcomeUnknownException outcomeUnknown(
            String method, WriteOptions sent, @Nullable AttemptFailure last, List<Attempt> attempts) {
        boolean expired = last != null && last.is(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED);
        String why = last == null ? "no answer came within the deadline" : last.outcome();
        Failure told = new Failure(
                method + ": the write with request id " + sent.getRequestId()
                        + " may have happened, or may still happen: " + why
                        + (expired
                                ? "; read, and decide"
                                : "; send it again with the same request id, or read, and decide"),
                ErrorReasons.nameOf(
                        expired
                                ? ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED
                                : ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN),
                Map.of(
                        ErrorMetadata.REQUEST_ID,
                        sent.getRequestId(),
                        ErrorMetadata.FIRST_SENT_INDEX,
                        Long.toString(sent.getFirstSentIndex())),
                attempts);
        Throwable cause = last == null ? null : last.status().getCause();
        return outcomeUnknown(told, cause, sent.getRequestId(), sent.getFirstSentIndex());
    }

    private static OutcomeUnknownException outcomeUnknown(
            Failure told, @Nullable Throwable cause, @Nullable String requestId, @Nullable Long firstSentIndex) {
        return new OutcomeUnknownException(told, cause, requestId, firstSentIndex);
    }

    /** The deadline came first. */
    public static DeadlineExceededException deadlinePassed(String method, List<Attempt> attempts) {
        String what = attempts.isEmpty() ? ": no server could be asked" : ": no answer";
        return new DeadlineExceededException(
                new Failure(method + what + " within the deadline", "DEADLINE_EXCEEDED", Map.of(), attempts), null);
    }

    /** Nobody is known who could be asked. */
    public static UnavailableException nobodyToAsk(String method, List<Attempt> attempts) {
        return new UnavailableException(
                new Failure(
                        method + ": no server could be reached within the deadline", "UNAVAILABLE", Map.of(), attempts),
                null);
    }

    /** This client has as much under way as it may. */
    public static OverloadedException tooMuchUnderWay(String method, String what, long limit) {
        return new OverloadedException(
                new Failure(
                        method + ": this client has " + what + " under way already (limit: " + limit
                                + "); send less at a time, or raise the limit",
                        "OVERLOADED",
                        Map.of(ErrorMetadata.WHAT, what, ErrorMetadata.LIMIT, Long.toString(limit)),
                        List.of()),
                null,
                null);
    }

    /** Something is over one of the cluster's limits, as is known before it is sent. */
    public static InvalidRequestException tooLarge(String method, String what, long size, long limit) {
        return new InvalidRequestException(
                new Failure(
                        method + ": " + what + ": " + size + " (limit: " + limit + ")",
                        ErrorReasons.nameOf(ErrorReason.ERROR_REASON_TOO_LARGE),
                        Map.of(
                                ErrorMetadata.WHAT,
                                what,
                                ErrorMetadata.SIZE,
                                Long.toString(size),
                                ErrorMetadata.LIMIT,
                                Long.toString(limit)),
                        List.of()),
                null,
                List.of());
    }

    /** A read of no rows. */
    public static InvalidRequestException nothingAsked(String method) {
        return new InvalidRequestException(
                new Failure(
                        method + ": no rows are named (expected: at least one)",
                        ErrorReasons.nameOf(ErrorReason.ERROR_REASON_INVALID_FIELD)),
                null,
                List.of());
    }

    /** The calling thread no longer waits. Not for a write that is open. */
    public static UnavailableException interrupted(String method, List<Attempt> attempts) {
        return new UnavailableException(
                new Failure(method + ": the calling thread was interrupted", "INTERRUPTED", Map.of(), attempts), null);
    }

    /** The client is closed. */
    public static ClosedException closed(String method, List<Attempt> attempts) {
        return new ClosedException(new Failure(method + ": this client is closed", "CLOSED", Map.of(), attempts), null);
    }

    private static HistoryChangedException historyChanged(Failure told, @Nullable Throwable cause, ErrorStatus error) {
        Optional<HistoryChanged> detail = error.detail(HistoryChanged.class);
        return new HistoryChangedException(
                told,
                cause,
                detail.map(HistoryChanged::getAskedHistoryId).orElse(null),
                detail.map(HistoryChanged::getActualHistoryId).orElse(null));
    }

    private static HorizonPassedException horizonPassed(Failure told, @Nullable Throwable cause, ErrorStatus error) {
        HorizonPassed detail = error.detail(HorizonPassed.class).orElse(HorizonPassed.getDefaultInstance());
        return new HorizonPassedException(told, cause, detail.getAskedIndex(), detail.getClusterHorizon());
    }

    private static TooStaleException tooStale(Failure told, @Nullable Throwable cause, ErrorStatus error) {
        Optional<TooStale> detail = error.detail(TooStale.class);
        Duration expectedWait = detail.filter(TooStale::hasExpectedWait)
                .map(TooStale::getExpectedWait)
                .map(ProtoTimes::duration)
                .orElse(null);
        Unmet unmet = detail.map(TooStale::getUnmet).map(ProtoValues::unmet).orElseGet(() -> unmetIn(told));
        return new TooStaleException(told, cause, unmet, expectedWait);
    }

    private static Unmet unmetIn(Failure told) {
        String asked = told.metadata().get(ErrorMetadata.ASKED);
        String applied = told.metadata().get(ErrorMetadata.APPLIED);
        if (asked == null || applied == null) {
            return NOTHING_KNOWN;
        }
        try {
            return new Unmet(
                    Unmet.Behind.UNKNOWN, false, null, null, Long.valueOf(asked), Long.valueOf(applied), null, null);
        } catch (NumberFormatException e) {
            return NOTHING_KNOWN;
        }
    }

    private static ConditionFailedException conditionFailed(
            Failure told, @Nullable Throwable cause, ErrorStatus error) {
        ConditionFailed detail = error.detail(ConditionFailed.class).orElse(ConditionFailed.getDefaultInstance());
        List<ConditionFailedException.FailedCondition> failed = detail.getFailedConditionsList().stream()
                .map(one -> new ConditionFailedException.FailedCondition(
                        one.getCondition(), one.hasCurrentRow() ? ProtoValues.row(one.getCurrentRow()) : null))
                .toList();
        return new ConditionFailedException(
                told, cause, failed, detail.getHistoryId(), detail.getEvaluatedIndex(), detail.getReplayed());
    }

    private static List<InvalidRequestException.FieldViolation> violations(ErrorStatus error) {
        return error.detail(BadRequest.class).stream()
                .flatMap(bad -> bad.getFieldViolationsList().stream())
                .map(one -> new InvalidRequestException.FieldViolation(one.getField(), one.getDescription()))
                .toList();
    }
}
