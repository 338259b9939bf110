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
 * @param serveUnmet answer with what is here if it does not come true
 */
public record ReadAsk(Base base, long floor, Duration maxWait, boolean serveUnmet) {

    /** What it asks beside the floor. */
    public sealed interface Base {}

    /** The newest acknowledged state. */
    public record Linearizable() implements Base {}

    /**
     * Some applied state.
     *
     * @param maxStaleness everything acknowledged up to this long before the answer is in it; null: no matter
     * @param maxLag and it may lack this many commits of that
     */
    public record Recent(@Nullable Duration maxStaleness, long maxLag) implements Base {}

    /** Exactly that state. */
    public record AsOfIndex(long index) implements Base {}

    /** The state at the newest index whose log time is not later. */
    public record AsOfTime(LogTime time) implements Base {}
}
