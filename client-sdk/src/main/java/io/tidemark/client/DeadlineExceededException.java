// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import org.jspecify.annotations.Nullable;

/**
 * No answer came within the deadline. A write did not happen and will not: one that may have is an {@link
 * OutcomeUnknownException}.
 */
public final class DeadlineExceededException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    public DeadlineExceededException(Failure failure, @Nullable Throwable cause) {
        super(failure, cause);
    }

    @Override
    DeadlineExceededException fromHere() {
        return new DeadlineExceededException(failure(), this);
    }
}
