// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.server.freshness.Proofs;
import io.tidemark.store.Shards;
import io.tidemark.store.state.Store;
import io.tidemark.store.state.StoreView;

/**
 * Which shards are served. A shard joins when it is level with the applied index, and a probe that was sent after that was answered
 * for a subscription that it is part of; until then its staleness is unknown, and all that was proven before does not count for it. It
 * leaves before the store lets go of it, and that comes before the feed is told.
 *
 * <p>{@link #shards} is for any thread; all else is the feed's.
 */
final class Serving {

    private final Proofs proofs;
    private final Runnable changed;
    private volatile Shards shards = Shards.NONE;

    /** Level, and not served. */
    private Shards waiting = Shards.NONE;

    /** Probes up to this one were sent before they were level. */
    private long waitingBehind;

    Serving(Proofs proofs, Runnable changed) {
        this.proofs = proofs;
        this.changed = changed;
    }

    Shards shards() {
        return shards;
    }

    /** After a start: what is on the disk is served at once, of unknown staleness. */
    void restart(Store store) {
        proofs.clear();
        become(level(store));
    }

    /** Nothing is served, nor proven. */
    void stopAll() {
        proofs.clear();
        waiting = Shards.NONE;
        become(Shards.NONE);
    }

    /** These are not served any more, and then not here. */
    void stop(Store store, Shards stopped) {
        waiting = waiting.minus(stopped);
        if (shards.intersects(stopped)) {
            become(shards.minus(stopped));
        }
        if (!stopped.isEmpty()) {
            store.drop(stopped);
        }
    }

    /**
     * Whether shards wait for a probe that was not sent yet.
     *
     * @param lastProbe the last that was sent
     */
    boolean findLevel(Store store, long lastProbe) {
        if (store.shards().equals(shards)) {
            waiting = Shards.NONE;
            return false;
        }
        Shards found = level(store).minus(shards);
        if (found.equals(waiting)) {
            return false;
        }
        waiting = found;
        waitingBehind = lastProbe;
        return !found.isEmpty();
    }

    private static Shards level(Store store) {
        try (StoreView view = store.view()) {
            return view.readable();
        }
    }

    /**
     * A probe is about to prove how fresh the state is.
     *
     * @param probe one that was sent, and was not answered before
     * @param subscribed what the answer speaks for
     */
    void proving(long probe, Shards subscribed) {
        if (waiting.isEmpty() || probe <= waitingBehind) {
            return;
        }
        Shards joining = waiting.minus(waiting.minus(subscribed));
        if (!joining.isEmpty()) {
            waiting = waiting.minus(joining);
            proofs.clear();
            become(shards.plus(joining));
        }
    }

    private void become(Shards now) {
        shards = now;
        changed.run();
    }
}
