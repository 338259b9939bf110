// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import io.grpc.Status;
import io.tidemark.proto.v1.ErrorReason;
import java.util.Optional;

/**
 * What the contract says of each {@link ErrorReason}: its name on the wire, its gRPC code, and whether it leaves open that
 * a write happened. {@code errors.proto} states the same in its comments, and a test compares the two.
 */
public final class ErrorReasons {

    /** The domain of every {@code google.rpc.ErrorInfo} that Tidemark sends. */
    public static final String DOMAIN = "tidemark";

    private static final String PREFIX = "ERROR_REASON_";

    private ErrorReasons() {}

    /** The name that {@code google.rpc.ErrorInfo.reason} carries, such as {@code TOO_STALE}. */
    public static String nameOf(ErrorReason reason) {
        requireKnown(reason);
        return reason.name().substring(PREFIX.length());
    }

    /** The reason of that name; empty if this version does not know it, as when the server is newer. */
    public static Optional<ErrorReason> byName(String name) {
        for (ErrorReason reason : ErrorReason.values()) {
            if (isKnown(reason) && reason.name().equals(PREFIX + name)) {
                return Optional.of(reason);
            }
        }
        return Optional.empty();
    }

    /**
     * Whether a write whose attempt failed so may have happened, or may still happen. All other reasons promise that this
     * attempt wrote nothing and will not. For failures as they arrive: {@link ErrorStatus#leavesOutcomeUnknown}.
     */
    public static boolean leavesOutcomeUnknown(ErrorReason reason) {
        return switch (reason) {
            case ERROR_REASON_OUTCOME_UNKNOWN,
                    ERROR_REASON_REQUEST_ID_EXPIRED,
                    ERROR_REASON_INTERNAL,
                    ERROR_REASON_UNSPECIFIED,
                    UNRECOGNIZED -> true;
            default -> false;
        };
    }

    /** The gRPC code that the reason always comes with. */
    public static Status.Code codeOf(ErrorReason reason) {
        return switch (reason) {
            case ERROR_REASON_INVALID_FIELD,
                    ERROR_REASON_TOO_LARGE,
                    ERROR_REASON_BAD_SESSION_TOKEN,
                    ERROR_REASON_BAD_PAGE_TOKEN -> Status.Code.INVALID_ARGUMENT;
            case ERROR_REASON_NOT_JSON,
                    ERROR_REASON_NOT_A_NUMBER,
                    ERROR_REASON_VALUE_FORM_UNAVAILABLE,
                    ERROR_REASON_TABLE_DROPPING,
                    ERROR_REASON_REQUEST_ID_REUSED,
                    ERROR_REASON_WOULD_LOSE_MAJORITY,
                    ERROR_REASON_NOT_EMPTY,
                    ERROR_REASON_OPERATION_IN_PROGRESS,
                    ERROR_REASON_MEMBER_ALIVE,
                    ERROR_REASON_HISTORY_CHANGED,
                    ERROR_REASON_TOO_STALE,
                    ERROR_REASON_INDEX_NOT_REACHED,
                    ERROR_REASON_TIME_NOT_CLOSED,
                    ERROR_REASON_REQUEST_ID_EXPIRED,
                    ERROR_REASON_CLUSTER_MISMATCH -> Status.Code.FAILED_PRECONDITION;
            case ERROR_REASON_INCREMENT_OVERFLOW, ERROR_REASON_HORIZON_PASSED -> Status.Code.OUT_OF_RANGE;
            case ERROR_REASON_UNSUPPORTED -> Status.Code.UNIMPLEMENTED;
            case ERROR_REASON_TABLE_NOT_FOUND, ERROR_REASON_MEMBER_NOT_FOUND -> Status.Code.NOT_FOUND;
            case ERROR_REASON_TABLE_EXISTS, ERROR_REASON_MEMBER_EXISTS -> Status.Code.ALREADY_EXISTS;
            case ERROR_REASON_CONDITION_FAILED, ERROR_REASON_TABLE_CHANGED -> Status.Code.ABORTED;
            case ERROR_REASON_NOT_LEADER,
                    ERROR_REASON_NO_LEADER,
                    ERROR_REASON_STOPPING,
                    ERROR_REASON_MOVED,
                    ERROR_REASON_TOO_MANY_HOPS,
                    ERROR_REASON_SHARD_UNAVAILABLE -> Status.Code.UNAVAILABLE;
            case ERROR_REASON_OVERLOADED, ERROR_REASON_WATCHER_TOO_SLOW, ERROR_REASON_STORE_FULL ->
                Status.Code.RESOURCE_EXHAUSTED;
            case ERROR_REASON_OUTCOME_UNKNOWN, ERROR_REASON_DEADLINE_PASSED -> Status.Code.DEADLINE_EXCEEDED;
            case ERROR_REASON_CORRUPTION -> Status.Code.DATA_LOSS;
            case ERROR_REASON_INTERNAL -> Status.Code.INTERNAL;
            case ERROR_REASON_UNAUTHENTICATED -> Status.Code.UNAUTHENTICATED;
            case ERROR_REASON_PERMISSION_DENIED -> Status.Code.PERMISSION_DENIED;
            case ERROR_REASON_UNSPECIFIED, UNRECOGNIZED -> throw unknown(reason);
        };
    }

    static void requireKnown(ErrorReason reason) {
        if (!isKnown(reason)) {
            throw unknown(reason);
        }
    }

    private static boolean isKnown(ErrorReason reason) {
        return reason != ErrorReason.ERROR_REASON_UNSPECIFIED && reason != ErrorReason.UNRECOGNIZED;
    }

    private static IllegalArgumentException unknown(ErrorReason reason) {
        return new IllegalArgumentException("error reason: " + reason + " (expected: one that errors.proto describes)");
    }
}
