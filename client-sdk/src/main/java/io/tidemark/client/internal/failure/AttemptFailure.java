// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.failure;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorReasons;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.ProtoTimes;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.HorizonPassed;
import io.tidemark.proto.v1.NotLeader;
import io.tidemark.proto.v1.OutcomeUnknown;
import io.tidemark.proto.v1.TooStale;
import io.tidemark.proto.v1.Unmet;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt failed.
 *
 * @param status what gRPC has to say
 * @param error what the server had to say; null: nothing, or nothing that this version knows, so that a write is open if it was sent
 * @param mayBeSent whether a server can have received it
 */
public record AttemptFailure(Status status, @Nullable ErrorStatus error, boolean mayBeSent) {

    /** Outcomes that the store remembers under the request id, so that no attempt can have had another. */
    private static final Set<ErrorReason> REMEMBERED = EnumSet.of(
            ErrorReason.ERROR_REASON_CONDITION_FAILED,
            ErrorReason.ERROR_REASON_TABLE_NOT_FOUND,
            ErrorReason.ERROR_REASON_TABLE_EXISTS,
            ErrorReason.ERROR_REASON_TABLE_DROPPING,
            ErrorReason.ERROR_REASON_TABLE_CHANGED,
            ErrorReason.ERROR_REASON_MEMBER_NOT_FOUND,
            ErrorReason.ERROR_REASON_MEMBER_EXISTS,
            ErrorReason.ERROR_REASON_NOT_JSON,
            ErrorReason.ERROR_REASON_NOT_A_NUMBER,
            ErrorReason.ERROR_REASON_INCREMENT_OVERFLOW);

    /** A server whose answers are as old as that is cut off from the leader. */
    private static final Duration CUT_OFF = Duration.ofSeconds(1);

    /** A refusal that costs a server next to nothing, so that trying again multiplies no load. */
    private static final Set<ErrorReason> CHEAP = EnumSet.of(
            ErrorReason.ERROR_REASON_NOT_LEADER, ErrorReason.ERROR_REASON_NO_LEADER, ErrorReason.ERROR_REASON_STOPPING);

    /** As a call ended. */
    public static AttemptFailure of(Status status, @Nullable Metadata trailers, boolean mayBeSent) {
        // Only what a connection brought can be the server's word.
        ErrorStatus error = mayBeSent
                ? ErrorStatus.from(StatusProto.fromStatusAndTrailers(status, trailers))
                        .orElse(null)
                : null;
        return new AttemptFailure(status, error, mayBeSent);
    }

    /** As a status within an answer says. */
    public static AttemptFailure of(com.google.rpc.Status inside) {
        Status status = Status.fromCodeValue(inside.getCode()).withDescription(inside.getMessage());
        return new AttemptFailure(status, ErrorStatus.from(inside).orElse(null), true);
    }

    /** No answer came while one was waited for. */
    public static AttemptFailure silent(boolean mayBeSent) {
        return new AttemptFailure(Status.DEADLINE_EXCEEDED.withDescription("no answer yet, given up"), null, mayBeSent);
    }

    /** What was received makes no sense. */
    public static AttemptFailure senseless(String description) {
        return new AttemptFailure(Status.INTERNAL.withDescription(description), null, true);
    }

    /** The reason; null: the server gave none. */
    public @Nullable ErrorReason reason() {
        return error == null ? null : error.reason();
    }

    public boolean is(ErrorReason reason) {
        return error != null && error.reason() == reason;
    }

    /** Whether it looks like the word of what is no server of ours, such as a proxy before them. */
    public boolean isOfNoServer() {
        return error == null
                && switch (status.getCode()) {
                    case UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED -> true;
                    default -> false;
                };
    }

    /** What to do after it. */
    public Verdict verdict() {
        if (error == null) {
            return switch (status.getCode()) {
                // That a method is not known says something that is no server of ours, behind an address that leads
                // elsewhere.
                case UNAVAILABLE, UNKNOWN, INTERNAL, CANCELLED, ABORTED, DEADLINE_EXCEEDED, DATA_LOSS, UNIMPLEMENTED ->
                    Verdict.ELSEWHERE;
                default -> mayBeSent ? Verdict.FINAL : Verdict.ELSEWHERE;
            };
        }
        return switch (error.reason()) {
            case ERROR_REASON_TOO_STALE,
                    ERROR_REASON_INDEX_NOT_REACHED,
                    ERROR_REASON_TIME_NOT_CLOSED,
                    ERROR_REASON_NOT_LEADER,
                    ERROR_REASON_DEADLINE_PASSED,
                    ERROR_REASON_STOPPING,
                    ERROR_REASON_MOVED,
                    ERROR_REASON_TOO_MANY_HOPS,
                    ERROR_REASON_SHARD_UNAVAILABLE,
                    ERROR_REASON_CORRUPTION,
                    ERROR_REASON_CLUSTER_MISMATCH,
                    ERROR_REASON_INTERNAL -> Verdict.ELSEWHERE;
            case ERROR_REASON_OUTCOME_UNKNOWN,
                    ERROR_REASON_NO_LEADER,
                    ERROR_REASON_OVERLOADED,
                    ERROR_REASON_STORE_FULL -> Verdict.LATER;
            case ERROR_REASON_HORIZON_PASSED -> mayBeKeptElsewhere(error) ? Verdict.ELSEWHERE : Verdict.FINAL;
            default -> Verdict.FINAL;
        };
    }

    private static boolean mayBeKeptElsewhere(ErrorStatus error) {
        return error.detail(HorizonPassed.class)
                .map(passed -> passed.getClusterHorizon() > 0 && passed.getAskedIndex() >= passed.getClusterHorizon())
                .orElse(false);
    }

    /** Whether a write that ended so may have happened, or may still happen. */
    public boolean leavesOpen() {
        return mayBeSent && (error == null || ErrorReasons.leavesOutcomeUnknown(error.reason()));
    }

    /** Whether it is how the write ended, whatever became of other attempts. */
    public boolean settles() {
        return error != null && REMEMBERED.contains(error.reason());
    }

    /** Whether it is the name or the history of a write that the server refuses, and another might do. */
    public boolean isRefusalOfName() {
        return is(ErrorReason.ERROR_REASON_REQUEST_ID_EXPIRED) || is(ErrorReason.ERROR_REASON_HISTORY_CHANGED);
    }

    /** Whether a server has spent work on it, so that trying again is added load. */
    public boolean costsServers() {
        return mayBeSent && (error == null || !CHEAP.contains(error.reason()));
    }

    /** Whether it is the read's asks that this server does not meet, while it is well. */
    public boolean isBehind() {
        return is(ErrorReason.ERROR_REASON_TOO_STALE)
                || is(ErrorReason.ERROR_REASON_INDEX_NOT_REACHED)
                || is(ErrorReason.ERROR_REASON_TIME_NOT_CLOSED);
    }

    /**
     * Whether the server is further behind than any that is well, and not only behind what this read asked: it is cut off, or is still
     * coming up.
     */
    public boolean isFarBehind() {
        if (error == null || error.reason() != ErrorReason.ERROR_REASON_TOO_STALE) {
            return false;
        }
        Unmet unmet = error.detail(TooStale.class).map(TooStale::getUnmet).orElse(Unmet.getDefaultInstance());
        return switch (unmet.getBehind()) {
            case BEHIND_BOOTSTRAP, BEHIND_STARTING -> true;
            // Every server is as far behind as its probes take.
            case BEHIND_NETWORK ->
                unmet.hasActualStaleness()
                        && ProtoTimes.duration(unmet.getActualStaleness()).compareTo(CUT_OFF) >= 0;
            case BEHIND_APPLY, BEHIND_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    }

    /**
     * Whether it speaks against the server that was asked: it is gone or broken, rather than the request wrong. One that has much to do
     * is well, and says itself how long to wait.
     */
    public boolean blamesServer() {
        if (error == null) {
            return verdict() != Verdict.FINAL;
        }
        return switch (error.reason()) {
            case ERROR_REASON_STOPPING, ERROR_REASON_CORRUPTION, ERROR_REASON_CLUSTER_MISMATCH, ERROR_REASON_INTERNAL ->
                true;
            default -> false;
        };
    }

    /** Whether the server says that it is about this table. */
    public boolean isOfTable(String table) {
        return error != null && table.equals(error.metadata().get(ErrorMetadata.TABLE));
    }

    /** How long the server asks to be left alone. */
    public Optional<Duration> retryDelay() {
        return error == null ? Optional.empty() : error.retryDelay();
    }

    /** The oldest index under which a write is taken now, if the server says so. */
    public OptionalLong windowFloor() {
        return error == null
                ? OptionalLong.empty()
                : error.detail(OutcomeUnknown.class)
                        .filter(OutcomeUnknown::hasWindowFloorIndex)
                        .map(detail -> OptionalLong.of(detail.getWindowFloorIndex()))
                        .orElseGet(OptionalLong::empty);
    }

    /** Who leads, if the server says so. */
    public Optional<NotLeader> notLeader() {
        return error == null ? Optional.empty() : error.detail(NotLeader.class);
    }

    /** In few words, for the log of attempts. */
    public String outcome() {
        if (error != null) {
            return ErrorReasons.nameOf(error.reason());
        }
        String description = status.getDescription();
        Throwable cause = status.getCause();
        String because = cause == null || cause.getMessage() == null ? "" : " (" + cause.getMessage() + ")";
        return status.getCode() + (description == null ? "" : ": " + description) + because;
    }
}
