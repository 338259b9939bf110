// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A call failed. The type says what to do; {@link #reason()} says it more precisely, and {@link #attempts()} what was tried.
 *
 * <p>Of a write, only {@link OutcomeUnknownException} leaves open whether it happened: after every other one it did not, and will
 * not.
 */
public abstract sealed class TidemarkException extends RuntimeException
        permits ClosedException,
                CodecException,
                ConditionFailedException,
                DeadlineExceededException,
                HistoryChangedException,
                HorizonPassedException,
                InvalidRequestException,
                NotFoundException,
                OutcomeUnknownException,
                OverloadedException,
                TooStaleException,
                UnavailableException {

    private static final long serialVersionUID = 1L;

    private final Failure failure;

    TidemarkException(Failure failure, @Nullable Throwable cause) {
        super(failure.message(), cause);
        this.failure = failure;
    }

    /** What programs decide by, as {@link Failure#reason}. */
    public String reason() {
        return failure.reason();
    }

    /** Every value that the message mentions, as {@link Failure#metadata}. */
    public Map<String, String> metadata() {
        return failure.metadata();
    }

    /** How often the call was sent, to whom, and what came of it; empty where it never was. */
    public List<Attempt> attempts() {
        return failure.attempts();
    }

    /** All of it in one value. */
    public Failure failure() {
        return failure;
    }

    /** What happened, with what was tried. */
    @Override
    public String getMessage() {
        if (failure.attempts().isEmpty()) {
            return failure.message();
        }
        return failure.attempts().stream()
                .map(Attempt::toString)
                .collect(Collectors.joining("; ", failure.message() + " (tried: ", ")"));
    }

    /** The same failure with the stack of whoever calls this and itself as the cause: what a call that blocks throws. */
    abstract TidemarkException fromHere();
}
