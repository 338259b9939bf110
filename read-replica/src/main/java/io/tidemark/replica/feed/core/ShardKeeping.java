// SPDX-License-Identifier: Apache-2.0
package io.tidemark.replica.feed.core;

import io.tidemark.server.freshness.Proof;
import io.tidemark.server.time.Timers;
import io.tidemark.store.Shards;
import io.tidemark.store.engine.EngineFullException;
import io.tidemark.store.state.Store;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Brings the shards that are subscribed, held and served to those that are wanted, as far as it can be done at the time. A shard is not
 * served before it is level with what is applied, and not let go of before it is not served. Of the feed's thread.
 */
final class ShardKeeping {

    private static final Duration DROP_PAUSE = Duration.ofMillis(5);

    /** It is the proof itself that is wanted, or else another probe follows. */
    private static final ProofListener NOBODY = new ProofListener() {
        @Override
        public void proven(Proof proof) {
            // Serving hears of it by itself.
        }

        @Override
        public void notProven(String why) {
            // As above.
        }
    };

    private final FeedOptions options;
    private final StoreHome home;
    private final OwnedShards owned;
    private final Assignments assignments;
    private final Serving serving;
    private final Probes probes;
    private final CopyIn copyIn;
    private final Mending mending;
    private final DiskRoom room;
    private final FeedEvents events;
    private final Timers timers;
    private final Runnable changed;

    /** Of the copy under way, what is not wanted, and goes when that is complete. Never served. */
    private Shards leaving = Shards.NONE;

    private boolean removing;
    private boolean closed;

    /** @param changed called when what was let go of has gone, and can be copied again */
    ShardKeeping(
            FeedOptions options,
            StoreHome home,
            OwnedShards owned,
            Assignments assignments,
            Serving serving,
            Probes probes,
            CopyIn copyIn,
            Mending mending,
            DiskRoom room,
            FeedEvents events,
            Timers timers,
            Runnable changed) {
        this.options = options;
        this.home = home;
        this.owned = owned;
        this.assignments = assignments;
        this.serving = serving;
        this.probes = probes;
        this.copyIn = copyIn;
        this.mending = mending;
        this.room = room;
        this.events = events;
        this.timers = timers;
        this.changed = changed;
    }

    /** Those that are here, or on their way in: the feed brings what happens to them. */
    Shards receiving(Store store) {
        return store.shards().plus(copyIn.underWay());
    }

    /** Whether it is certain that no shard should be here. */
    boolean isIdle() {
        Store store = home.store();
        Assignment now = assignments.current();
        return store != null
                && now.isCertain()
                && owned.wanted(new OwnedShards.Here(store.shardCount(), Shards.NONE, Shards.NONE), now)
                        .isEmpty();
    }

    /** Does what can be done now. */
    void settle(@Nullable FeedSession of) {
        Store store = home.store();
        if (of == null || store == null || !of.isWelcomed() || of.isEnded()) {
            return;
        }
        // What differs was let go of to be copied again. What only comes in with the rest of a copy is no more here
        // than if it had gone.
        Shards here = receiving(store).minus(leaving).plus(mending.differing());
        Shards wanted =
                owned.wanted(new OwnedShards.Here(store.shardCount(), here, serving.shards()), assignments.current());
        leaving = withTheRestOf(copyIn.underWay(), wanted);
        letGo(store, receiving(store).minus(wanted).minus(leaving));
        mending.forget(Shards.all(store.shardCount()).minus(wanted));
        of.subscribe(wanted.plus(leaving));
        Shards held = store.shards();
        if (serving.findLevel(store, probes.lastSent())) {
            probes.prove(NOBODY);
        }
        Shards fed = of.agreed();
        if (room.isFull()) {
            return;
        }
        copyIn.want(fed.minus(held).minus(fed.minus(wanted)), of.fedFrom());
    }

    /**
     * A copy is of one set of shards, and to drop one of them is to begin anew with the others. So one of which half is wanted goes on as it
     * is: it brings no more than twice what it must, and each that is begun anew is at most half as large as the one before.
     */
    private static Shards withTheRestOf(Shards copy, Shards wanted) {
        Shards unwanted = copy.minus(wanted);
        return unwanted.count() * 2 <= copy.count() ? unwanted : Shards.NONE;
    }

    /** Not served, then not here, and only then, by the caller, not subscribed. */
    void letGo(Store store, Shards gone) {
        if (gone.isEmpty()) {
            return;
        }
        serving.stop(store, gone);
        copyIn.dropped(gone);
        removeDropped();
    }

    /** The rows of what was let go of, some at a time. */
    void removeDropped() {
        if (!removing) {
            removing = true;
            timers.after(DROP_PAUSE, this::removeSome);
        }
    }

    private void removeSome() {
        Store store = home.store();
        removing = false;
        if (closed || room.isFull() || store == null) {
            return;
        }
        try {
            if (store.dropRows(options.copyRowsStep())) {
                removeDropped();
            } else {
                changed.run();
            }
        } catch (EngineFullException e) {
            room.full();
        } catch (RuntimeException e) {
            events.failed("the store cannot be written: " + e.getMessage(), e);
        }
    }

    void close() {
        closed = true;
    }
}
