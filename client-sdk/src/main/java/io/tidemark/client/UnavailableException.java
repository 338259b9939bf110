// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import org.jspecify.annotations.Nullable;

/**
 * No server could take the call: none could be reached, there is no leader, or none that is up serves the row. A write did not
 * happen. Try again later; {@link #attempts()} tells who was asked.
 */
public final class UnavailableException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    public UnavailableException(Failure failure, @Nullable Throwable cause) {
        super(failure, cause);
    }

    @Override
    UnavailableException fromHere() {
        return new UnavailableException(failure(), this);
    }
}
