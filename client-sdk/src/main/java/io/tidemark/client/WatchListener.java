// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Whom a watch tells. Called by one thread at a time, one event after the other, on a thread of the client unless another executor is given; it may block, and then the
 * server waits, too.
 *
 * <p>An event counts as dealt with when {@link #onEvent} returns. If it throws, the watch ends with what it threw: going on would look as
 * if nothing were missing.
 */
@FunctionalInterface
public interface WatchListener<V> {

    /** Something to tell. */
    void onEvent(WatchEvent<V> event) throws Exception;

    /**
     * Nothing more follows.
     *
     * @param failure why; empty: the watch was closed
     */
    default void onEnd(Optional<Throwable> failure) {}

    /** Tells of changes only. */
    static <V> WatchListener<V> ofChanges(Consumer<? super Change<V>> consumer) {
        return event -> event.changes().forEach(consumer);
    }
}
