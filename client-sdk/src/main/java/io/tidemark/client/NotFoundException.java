// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The table does not exist, or whatever else was named. An absent row is no failure but an empty result. A write did not happen.
 */
public final class NotFoundException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    public NotFoundException(Failure failure, @Nullable Throwable cause) {
        super(failure, cause);
    }

    /** The table that does not exist, if it is one. */
    public Optional<String> table() {
        return Optional.ofNullable(metadata().get("table"));
    }

    @Override
    NotFoundException fromHere() {
        return new NotFoundException(failure(), this);
    }
}
