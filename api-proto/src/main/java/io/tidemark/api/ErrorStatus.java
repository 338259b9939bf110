// SPDX-License-Identifier: Apache-2.0
package io.tidemark.api;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.tidemark.proto.v1.ErrorReason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a failed call says, on both sides of the wire: a reason to decide by, a message for people with every value it
 * mentions, and details. Servers build one and throw {@link #toException()}; clients get one back by {@link #from}.
 */
public final class ErrorStatus {

    private final ErrorReason reason;
    private final com.google.rpc.Status proto;
    private final ErrorInfo info;

    private ErrorStatus(ErrorReason reason, ErrorInfo info, com.google.rpc.Status proto) {
        this.reason = reason;
        this.info = info;
        this.proto = proto;
    }

    /** Starts an error. The message says what happened, to which thing, and what to do. */
    public static Builder of(ErrorReason reason, String message) {
        return new Builder(reason, message);
    }

    /**
     * What a failed call said; empty if the failure did not come from Tidemark (a broken connection, a proxy) or carries a
     * reason that this version does not know, in which case the gRPC code is all there is to go by and the outcome of a
     * write is open.
     */
    public static Optional<ErrorStatus> from(Throwable failure) {
        com.google.rpc.Status proto = StatusProto.fromThrowable(failure);
        return proto == null ? Optional.empty() : from(proto);
    }

    /** The same for a status that came inside an answer, as in {@code BatchWriteResult}. */
    public static Optional<ErrorStatus> from(com.google.rpc.Status proto) {
        ErrorInfo info = unpack(proto, ErrorInfo.class);
        if (info == null || !info.getDomain().equals(ErrorReasons.DOMAIN)) {
            return Optional.empty();
        }
        return ErrorReasons.byName(info.getReason()).map(reason -> new ErrorStatus(reason, info, proto));
    }

    /**
     * Whether a write that failed so may have happened, or may still happen: by its reason, and always where the failure is
     * not ours or its reason is not known.
     */
    public static boolean leavesOutcomeUnknown(Throwable failure) {
        return from(failure)
                .map(status -> ErrorReasons.leavesOutcomeUnknown(status.reason))
                .orElse(true);
    }

    /** The same for a status that came inside an answer. */
    public static boolean leavesOutcomeUnknown(com.google.rpc.Status proto) {
        return from(proto)
                .map(status -> ErrorReasons.leavesOutcomeUnknown(status.reason))
                .orElse(true);
    }

    public ErrorReason reason() {
        return reason;
    }

    public String message() {
        return proto.getMessage();
    }

    /** Every value that the message mentions, by name. */
    public Map<String, String> metadata() {
        return info.getMetadataMap();
    }

    /** How long to wait before trying again, where the server said so. */
    public Optional<java.time.Duration> retryDelay() {
        return detail(RetryInfo.class)
                .map(retry -> java.time.Duration.ofSeconds(
                        retry.getRetryDelay().getSeconds(),
                        retry.getRetryDelay().getNanos()));
    }

    /** The first detail of that type, such as {@code TooStale}. */
    public <T extends Message> Optional<T> detail(Class<T> type) {
        return Optional.ofNullable(unpack(proto, type));
    }

    /** For answers that carry errors as data. */
    public com.google.rpc.Status toProto() {
        return proto;
    }

    /** For ending a call. */
    public StatusRuntimeException toException() {
        return StatusProto.toStatusRuntimeException(proto);
    }

    @Override
    public String toString() {
        return info.getReason() + ": " + proto.getMessage();
    }

    private static <T extends Message> @Nullable T unpack(com.google.rpc.Status proto, Class<T> type) {
        for (Any any : proto.getDetailsList()) {
            if (any.is(type)) {
                try {
                    return any.unpack(type);
                } catch (InvalidProtocolBufferException e) {
                    // A detail that cannot be read helps nobody; the reason and the message still do.
                    return null;
                }
            }
        }
        return null;
    }

    /** Collects the parts of an error. Not thread-safe. */
    public static final class Builder {

        private final ErrorReason reason;
        private final String message;
        private final Map<String, String> metadata = new TreeMap<>();
        private final BadRequest.Builder badRequest = BadRequest.newBuilder();
        private final List<Message> details = new ArrayList<>();

        private Builder(ErrorReason reason, String message) {
            ErrorReasons.requireKnown(reason);
            this.reason = reason;
            this.message = message;
        }

        /** A value that the message mentions. */
        public Builder with(String name, Object value) {
            metadata.put(name, String.valueOf(value));
            return this;
        }

        /** A field that breaks a rule. */
        public Builder withField(String field, String description) {
            badRequest.addFieldViolations(BadRequest.FieldViolation.newBuilder()
                    .setField(field)
                    .setDescription(description)
                    .setReason(ErrorReasons.nameOf(reason)));
            return this;
        }

        /** How long to wait before trying again. */
        public Builder withRetryDelay(java.time.Duration delay) {
            details.add(RetryInfo.newBuilder()
                    .setRetryDelay(
                            Duration.newBuilder().setSeconds(delay.getSeconds()).setNanos(delay.getNano()))
                    .build());
            return this;
        }

        /** One of the details that {@code ErrorDetails} lists. */
        public Builder withDetail(Message detail) {
            details.add(detail);
            return this;
        }

        public ErrorStatus build() {
            ErrorInfo info = ErrorInfo.newBuilder()
                    .setDomain(ErrorReasons.DOMAIN)
                    .setReason(ErrorReasons.nameOf(reason))
                    .putAllMetadata(metadata)
                    .build();
            com.google.rpc.Status.Builder proto = com.google.rpc.Status.newBuilder()
                    .setCode(ErrorReasons.codeOf(reason).value())
                    .setMessage(message)
                    .addDetails(Any.pack(info));
            if (badRequest.getFieldViolationsCount() > 0) {
                proto.addDetails(Any.pack(badRequest.build()));
            }
            details.forEach(detail -> proto.addDetails(Any.pack(detail)));
            return new ErrorStatus(reason, info, proto.build());
        }

        /** {@link #build()}, ready to throw. */
        public StatusRuntimeException toException() {
            return build().toException();
        }
    }
}
