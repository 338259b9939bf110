// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cluster was restored or recovered: session tokens, page tokens, indexes and versions of the history before mean nothing now.
 * A write did not happen. Forget what was read, {@link Session#reset()} or begin a new session, and read anew.
 */
public final class HistoryChangedException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    private final @Nullable String askedHistoryId;
    private final @Nullable String actualHistoryId;

    public HistoryChangedException(
            Failure failure,
            @Nullable Throwable cause,
            @Nullable String askedHistoryId,
            @Nullable String actualHistoryId) {
        super(failure, cause);
        this.askedHistoryId = askedHistoryId;
        this.actualHistoryId = actualHistoryId;
    }

    /** The history that the caller believed in. */
    public Optional<String> askedHistoryId() {
        return Optional.ofNullable(askedHistoryId);
    }

    /** The one that is. */
    public Optional<String> actualHistoryId() {
        return Optional.ofNullable(actualHistoryId);
    }

    @Override
    HistoryChangedException fromHere() {
        return new HistoryChangedException(failure(), this, askedHistoryId, actualHistoryId);
    }
}
