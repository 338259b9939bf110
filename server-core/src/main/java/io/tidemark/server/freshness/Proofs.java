// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.freshness;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The newest proofs, so that a read at any recent index finds the newest one that holds for it. One thread adds; any thread
 * asks, without waiting.
 *
 * <p>Kept in rising order, of moments and of indexes both: a proof that is newer and asks for no higher index replaces
 * another. The oldest go first; a state that no kept proof holds for has an unknown staleness, never a guessed one.
 */
public final class Proofs {

    private static final int COUNT_MAX = 64;

    private volatile List<Proof> kept = List.of();
    private volatile long added;

    /** Adds a proof; one that an earlier one makes needless is passed over. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread adds
    public void add(Proof proof) {
        added++;
        List<Proof> next = new ArrayList<>(kept.size() + 1);
        for (Proof old : kept) {
            boolean oldIsNewer = !old.begun().isNotAfter(proof.begun());
            if (oldIsNewer && old.index() <= proof.index()) {
                return;
            }
            if (oldIsNewer || old.index() < proof.index()) {
                next.add(old);
            }
        }
        int place = next.size();
        while (place > 0 && next.get(place - 1).index() > proof.index()) {
            place--;
        }
        next.add(place, proof);
        kept = List.copyOf(next.size() > COUNT_MAX ? next.subList(next.size() - COUNT_MAX, next.size()) : next);
    }

    /** The newest that holds for the state at an index; null: none does. */
    public @Nullable Proof newestFor(long index) {
        List<Proof> proofs = kept;
        for (int i = proofs.size() - 1; i >= 0; i--) {
            if (proofs.get(i).index() <= index) {
                return proofs.get(i);
            }
        }
        return null;
    }

    /** How many there have been. */
    public long added() {
        return added;
    }

    /** Nothing is proven any more: of another history, or of an earlier life. */
    public void clear() {
        kept = List.of();
    }
}
