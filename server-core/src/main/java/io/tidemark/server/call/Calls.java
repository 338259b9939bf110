// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.call;

import com.google.protobuf.Message;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import io.tidemark.api.ErrorMetadata;
import io.tidemark.api.ErrorStatus;
import io.tidemark.api.UnknownFields;
import io.tidemark.proto.v1.ErrorReason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What every call does, whatever it asks. To be called on the thread that received it. */
public final class Calls {

    private static final Duration STALLED_RETRY = Duration.ofSeconds(1);

    private Calls() {}

    /**
     * Answers a call with what some work brings, or fails it with what the work throws. When the caller goes away its future is
     * cancelled.
     */
    public static <T> void answer(StreamObserver<T> caller, Supplier<CompletableFuture<T>> work) {
        UnaryAnswer<T> answer = UnaryAnswer.to(caller);
        try {
            answer(answer, work.get());
        } catch (RuntimeException | Error e) {
            answer.fail(e);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // what answers does not throw
    private static <T> void answer(UnaryAnswer<T> answer, CompletableFuture<T> future) {
        if (!future.isDone()) {
            answer.onCancel(() -> future.cancel(false));
        }
        future.whenComplete((value, failure) -> {
            if (failure == null) {
                answer.succeed(value);
            } else {
                answer.fail(failure);
            }
        });
    }

    /** Refuses a request with a field or a value that this version does not know. */
    public static void requireKnown(Message request) {
        String unknown = UnknownFields.first(request);
        if (unknown != null) {
            throw ErrorStatus.of(
                            ErrorReason.ERROR_REASON_UNSUPPORTED,
                            "field " + unknown
                                    + " is, or has a value that is, unknown to this server, which is of an older"
                                    + " version than the caller: leave it out")
                    .with(ErrorMetadata.FIELD, unknown)
                    .toException();
        }
    }

    /**
     * The caller of a stream took nothing of it for too long.
     *
     * @param advice how to go on
     */
    public static StatusRuntimeException stalled(String what, Duration stalled, String advice) {
        return ErrorStatus.of(
                        ErrorReason.ERROR_REASON_OVERLOADED,
                        "the caller took nothing of the " + what + " for " + stalled.toMillis() + " ms; " + advice)
                .with(ErrorMetadata.STALLED_MS, stalled.toMillis())
                .withRetryDelay(STALLED_RETRY)
                .toException();
    }

    /** What is left of the caller's deadline; null: it has none. */
    public static @Nullable Duration untilDeadline() {
        Deadline deadline = Context.current().getDeadline();
        return deadline == null ? null : Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS)));
    }
}
