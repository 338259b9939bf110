// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A queue is full, in a server or in this client. A write did not happen. Send less; try again after {@link #retryAfter()}. */
public final class OverloadedException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    private final @Nullable Duration retryAfter;

    public OverloadedException(Failure failure, @Nullable Throwable cause, @Nullable Duration retryAfter) {
        super(failure, cause);
        this.retryAfter = retryAfter;
    }

    /** How long the server asks to be left alone; empty where it did not say. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }

    @Override
    OverloadedException fromHere() {
        return new OverloadedException(failure(), this, retryAfter);
    }
}
