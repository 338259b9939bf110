// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which part of what a read asked for was not met, and why.
 *
 * @param behind why the server is behind
 * @param linearizable whether the newest acknowledged state was asked for, and could not be proven
 * @param askedStaleness the staleness that was asked for; null: that is not what is missing
 * @param actualStaleness the staleness that is here; null: unknown
 * @param askedIndex the index that was asked for; null: that is not what is missing
 * @param actualIndex the index that is here
 * @param askedLag the lag in commits that was asked for; null: that is not what is missing
 * @param actualLag the lag that is here; null: unknown
 */
public record Unmet(
        Behind behind,
        boolean linearizable,
        @Nullable Duration askedStaleness,
        @Nullable Duration actualStaleness,
        @Nullable Long askedIndex,
        @Nullable Long actualIndex,
        @Nullable Long askedLag,
        @Nullable Long actualLag)
        implements Serializable {

    /** Why a server is behind what was asked of it. */
    public enum Behind {
        /** It did not say. */
        UNKNOWN,
        /** The way to the leader is slow or cut, or there is no leader. */
        NETWORK,
        /** Commits have arrived and are not applied yet. */
        APPLY,
        /** The server is copying the rows. */
        BOOTSTRAP,
        /** Nothing has been proven yet since it started, or since its history changed. */
        STARTING
    }
}
