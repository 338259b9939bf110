// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The write may have happened, or may still happen. It was sent as often as its deadline and the retry budget allowed, always
 * under the same request id, so that it is applied at most once. Read, and decide; or send it again with {@link
 * WriteOptions#withRequestIdOf} to learn how it ended.
 */
public final class OutcomeUnknownException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String requestId;
    private final @Nullable Long firstSentIndex;

    public OutcomeUnknownException(
            Failure failure, @Nullable Throwable cause, @Nullable String requestId, @Nullable Long firstSentIndex) {
        super(failure, cause);
        this.requestId = requestId;
        this.firstSentIndex = firstSentIndex;
    }

    /** The name under which the write was sent. */
    public Optional<String> requestId() {
        return Optional.ofNullable(requestId);
    }

    /** The newest index that was known when it was sent for the first time. */
    public OptionalLong firstSentIndex() {
        return firstSentIndex == null ? OptionalLong.empty() : OptionalLong.of(firstSentIndex);
    }

    @Override
    OutcomeUnknownException fromHere() {
        return new OutcomeUnknownException(failure(), this, requestId, firstSentIndex);
    }
}
