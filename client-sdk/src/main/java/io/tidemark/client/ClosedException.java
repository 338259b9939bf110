// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import org.jspecify.annotations.Nullable;

/** The client was closed before the call, or during it. */
public final class ClosedException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    public ClosedException(Failure failure, @Nullable Throwable cause) {
        super(failure, cause);
    }

    @Override
    ClosedException fromHere() {
        return new ClosedException(failure(), this);
    }
}
