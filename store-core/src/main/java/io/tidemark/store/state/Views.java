// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.state;

import io.tidemark.store.LogTime;
import io.tidemark.store.engine.Engine;
import io.tidemark.store.engine.HorizonPassedException;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Gives readers states to look at, whatever the writer does meanwhile. For any thread, without locks.
 *
 * <p>The change index, which says what sequence an index has, is only to be believed above the horizon, and that may rise while
 * it is read. What readers are held to always rises before the engine drops anything. So whatever is still kept once a view is
 * pinned was kept all the while.
 */
final class Views {

    private final Engine engine;
    private final Supplier<Standing> standing;

    Views(Engine engine, Supplier<Standing> standing) {
        this.engine = engine;
        this.standing = standing;
    }

    StoreView newest() {
        while (true) {
            Standing now = standing.get();
            try {
                return viewAt(now.progress().sequence(), now.progress().index(), now);
            } catch (HorizonPassedException e) {
                requireNewer(now, e);
            }
        }
    }

    StoreView at(long index) {
        while (true) {
            Standing now = standing.get();
            now.progress().requireApplied(index);
            requireKept(index);
            try {
                long sequence = CommitIndex.sequenceOf(engine, now.progress(), index);
                return closedUnlessKept(viewAt(sequence, index, now));
            } catch (HorizonPassedException e) {
                requireKept(index);
                requireNewer(now, e);
            }
        }
    }

    private StoreView viewAt(long sequence, long index, Standing now) {
        return new StoreView(engine.viewAt(sequence), index, now.holdings(), now.tables());
    }

    private StoreView closedUnlessKept(StoreView view) {
        try {
            requireKept(view.index());
            return view;
        } catch (BelowHorizonException e) {
            view.close();
            throw e;
        }
    }

    Optional<Long> indexAt(LogTime time) {
        while (true) {
            Standing now = standing.get();
            try {
                Optional<Long> index = CommitIndex.indexAt(engine, now.progress(), time);
                index.ifPresent(this::requireKept);
                return index;
            } catch (HorizonPassedException e) {
                requireNewer(now, e);
            } catch (MissingCommitException e) {
                if (now.progress().horizon() == standing.get().progress().horizon()) {
                    throw e;
                }
            }
        }
    }

    private void requireKept(long index) {
        standing.get().progress().requireKept(index);
    }

    /** The writer went on and dropped history meanwhile, so there is a newer state to look at. */
    private void requireNewer(Standing seen, HorizonPassedException e) {
        if (seen.progress().sequence() == standing.get().progress().sequence()) {
            throw e;
        }
    }
}
