// SPDX-License-Identifier: Apache-2.0
package io.tidemark.store.digest;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The digests that a server keeps for comparison: those at every index that all servers agree on, a few of them. Written by
 * the thread that applies commits, read by any.
 */
public final class DigestSchedule {

    /** Digests are kept at every index that this divides. */
    public static final long INTERVAL = 4096;

    /** A server that is further behind than this many intervals has other worries. Under 1 MiB each at 1024 shards. */
    private static final int KEPT_MAX = 8;

    private final Deque<DigestsAt> kept = new ArrayDeque<>();

    /** Keeps digests, and drops the oldest beyond the limit. Indexes only rise. */
    public synchronized void keep(DigestsAt digests) {
        DigestsAt newest = kept.peekLast();
        if (newest != null && newest.index() >= digests.index()) {
            throw new IllegalArgumentException(
                    "digests at index " + digests.index() + " (expected: above " + newest.index() + ")");
        }
        kept.addLast(digests);
        if (kept.size() > KEPT_MAX) {
            kept.removeFirst();
        }
    }

    /** Puts digests in the place of those at their index, if any are kept there. */
    public synchronized void replace(DigestsAt digests) {
        DigestsAt newest = kept.peekLast();
        if (newest != null && newest.index() == digests.index()) {
            kept.removeLast();
            kept.addLast(digests);
        }
    }

    public synchronized Optional<DigestsAt> at(long index) {
        return kept.stream().filter(digests -> digests.index() == index).findFirst();
    }

    public synchronized Optional<DigestsAt> newest() {
        return Optional.ofNullable(kept.peekLast());
    }
}
