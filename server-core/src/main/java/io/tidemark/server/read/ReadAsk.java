// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.read;

import io.tidemark.store.LogTime;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a read asks of the state that it is answered from; every part of it must hold.
 *
 * @param floor the state is as of at least this index
 * @param maxWait how long to wait for that
 * @param roundTripMax how long a proof that is begun for this read alone may take: as long as it waits, or if it must not wait
 *     as long as it could have waited
 * @param serveUnmet answer with what is here if it does not come true
 */
public record ReadAsk(Base base, long floor, Duration maxWait, Duration roundTripMax, boolean serveUnmet) {

    public ReadAsk(Base base, long floor, Duration maxWait, boolean serveUnmet) {
        this(base, floor, maxWait, maxWait, serveUnmet);
    }

    /** What it asks beside the floor. */
    public sealed interface Base {}

    /** The newest acknowledged state. */
    public record Linearizable() implements Base {}

    /**
     * Some applied state.
     *
     * @param maxStaleness everything acknowledged up to this long before the answer is in it; null: no matter. Zero asks for a
     *     proof that begins after the read came
     * @param maxLag and it may lack this many commits of that; null: none
     */
    public record Recent(
            @Nullable Duration maxStaleness, @Nullable Long maxLag) implements Base {

        /** How many commits may be lacking. */
        long lag() {
            return maxLag == null ? 0 : maxLag;
        }

        boolean needsNewProof() {
            return maxStaleness != null && maxStaleness.isZero();
        }
    }

    /** Exactly that state. */
    public record AsOfIndex(long index) implements Base {}

    /** The state at the newest index whose log time is not later. */
    public record AsOfTime(LogTime time) implements Base {}
}
