// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.freshness;

import io.tidemark.server.time.Moment;
import java.time.Duration;

/**
 * Everything that was acknowledged to anyone before a moment lies at or below an index. It says so of the cluster, not of this
 * server, which may still have to apply that index.
 *
 * @param begun when this server sent the very probe, or began the very round, that proved it
 */
public record Proof(Moment begun, long index) {

    /** How stale a state at or above the index is at most, at a later moment. */
    public Duration staleness(Moment now) {
        return begun.elapsedTo(now);
    }
}
