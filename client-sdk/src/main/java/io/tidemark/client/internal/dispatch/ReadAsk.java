// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a read asks for, as {@code tidemark.v1.ReadOptions} means it, in a form in which asks can be compared and joined: reads
 * whose asks differ in nothing but their floors may travel together under the highest of these, which satisfies them all, where no one
 * has to wait for another's.
 *
 * @param base what the floors and bounds add to
 * @param maxStaleness null: no such bound
 * @param maxLag null: no such bound
 * @param floor the answer is as of at least this index of {@code historyId}; 0: no floor
 * @param historyId the history that the caller believes in; empty: any, and then there is no floor and no index in {@code base}
 * @param maxWait how long a server may wait for the asks to come true; null: as long as the deadline allows
 * @param serveUnmet answer with what is there, and say so, instead of failing
 */
public record ReadAsk(
        Base base,
        @Nullable Duration maxStaleness,
        @Nullable Long maxLag,
        long floor,
        String historyId,
        @Nullable Duration maxWait,
        boolean serveUnmet) {

    /** What a read is as of, but for floors and bounds. */
    public sealed interface Base {

        /** The newest acknowledged state. */
        record Linearizable() implements Base {}

        /** Whatever the floors and bounds allow. */
        record Applied() implements Base {}

        /** The state at exactly this index. */
        record AsOfIndex(long index) implements Base {}

        /** The state at the newest index whose log time is not later. */
        record AsOfTime(Instant time) implements Base {}
    }
}
