// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * No server met in time what the read asked for: a bound on its staleness, an index, the newest state. Nothing older was given
 * instead. Ask for less, wait longer, or ask for what is there; {@link #unmet()} tells how far off it is, and why.
 */
public final class TooStaleException extends TidemarkException {

    private static final long serialVersionUID = 1L;

    private final Unmet unmet;
    private final @Nullable Duration expectedWait;

    public TooStaleException(Failure failure, @Nullable Throwable cause, Unmet unmet, @Nullable Duration expectedWait) {
        super(failure, cause);
        this.unmet = unmet;
        this.expectedWait = expectedWait;
    }

    /** What was asked, and what is here, at the server that was asked last. */
    public Unmet unmet() {
        return unmet;
    }

    /** When that server may come to meet it, at its present pace; empty where that cannot be told. */
    public Optional<Duration> expectedWait() {
        return Optional.ofNullable(expectedWait);
    }

    @Override
    TooStaleException fromHere() {
        return new TooStaleException(failure(), this, unmet, expectedWait);
    }
}
