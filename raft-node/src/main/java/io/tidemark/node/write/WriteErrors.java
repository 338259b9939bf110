// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.write;

import io.grpc.StatusRuntimeException;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.proto.v1.ErrorReason;
import io.tidemark.proto.v1.OutcomeUnknown;
import io.tidemark.proto.v1.WriteOptions;
import java.time.Duration;

/** What the callers of writes are told when there is no outcome. */
final class WriteErrors {

    /** Errors travel in a trailer, which must stay small. */
    private static final int WHY_LENGTH_MAX = 500;

    private WriteErrors() {}

    /** @param floor of the request-id window, as far as it is known here */
    static StatusRuntimeException outcomeUnknown(WriteOptions options, long floor, String reason) {
        String why = reason.length() <= WHY_LENGTH_MAX ? reason : reason.substring(0, WHY_LENGTH_MAX);
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OUTCOME_UNKNOWN,
                        "write " + options.getRequestId() + " may have been done or may yet be: " + why
                                + ". To learn how it ended send it again with the same request_id and first_sent_index, "
                                + options.getFirstSentIndex() + ".")
                .with(ErrorMetadata.REQUEST_ID, options.getRequestId())
                .with(ErrorMetadata.FIRST_SENT_INDEX, options.getFirstSentIndex())
                .with(ErrorMetadata.CAUSE, why)
                .withDetail(OutcomeUnknown.newBuilder()
                        .setRequestId(options.getRequestId())
                        .setFirstSentIndex(options.getFirstSentIndex())
                        .setWindowFloorIndex(floor)
                        .build())
                .toException();
    }

    static StatusRuntimeException noLeader(String serverId, String why) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_NO_LEADER,
                        serverId + " found nobody to take the write in time: " + why + ". Nothing was written.")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.CAUSE, why)
                .toException();
    }

    static StatusRuntimeException deadlinePassed(String serverId) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_DEADLINE_PASSED,
                        "the deadline passed before the write was proposed by " + serverId + ". Nothing was written.")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .toException();
    }

    static StatusRuntimeException overloaded(String serverId, Duration retryDelay) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OVERLOADED,
                        "too many writes wait at " + serverId + ". Nothing was written; wait " + retryDelay.toMillis()
                                + " ms.")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.RETRY_DELAY_MS, retryDelay.toMillis())
                .withRetryDelay(retryDelay)
                .toException();
    }

    /**
     * There is too little room.
     *
     * @param why where
     * @param free how many bytes are left where the store is
     * @param needed how many must be, about
     */
    static StatusRuntimeException storeFull(String serverId, String why, long free, long needed) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_STORE_FULL,
                        why + ": " + free + " bytes are free at " + serverId + ", and about " + needed
                                + " are needed. Nothing was written; make room.")
                .with(ErrorMetadata.SERVED_BY, serverId)
                .with(ErrorMetadata.FREE, free)
                .with(ErrorMetadata.NEEDED, needed)
                .toException();
    }

    static StatusRuntimeException unsupported(String field) {
        return ErrorStatus.of(ErrorReason.ERROR_REASON_UNSUPPORTED, "field " + field + " is not known to this server")
                .with(ErrorMetadata.FIELD, field)
                .toException();
    }
}
