// SPDX-License-Identifier: Apache-2.0
package io.tidemark.client.internal.dispatch;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The history that the cluster is in, as far as is known, and the newest index of it that any answer told. Thread-safe. */
final class Known {

    private volatile @Nullable History history;

    private static final class History {
        private final String id;
        private final AtomicLong index;

        History(String id, long index) {
            this.id = id;
            this.index = new AtomicLong(index);
        }
    }

    /**
     * A history, and an index of it.
     *
     * @param index the newest that is known
     */
    record Position(String historyId, long index) {}

    /** What is known; null: no server has answered yet. */
    @Nullable Position position() {
        History now = history;
        return now == null ? null : new Position(now.id, now.index.get());
    }

    /** An answer told of an index. Of another history than the one that is known it says nothing: see {@link #enter}. */
    void seen(String historyId, long index) {
        History now = history;
        if (now != null && now.id.equals(historyId)) {
            raise(now.index, index);
        }
    }

    /** The cluster is in this history now. Whether that is news. */
    synchronized boolean enter(String historyId, long index) {
        History now = history;
        if (now != null && now.id.equals(historyId)) {
            raise(now.index, index);
            return false;
        }
        history = new History(historyId, index);
        return true;
    }

    private static void raise(AtomicLong to, long index) {
        long now = to.get();
        while (index > now && !to.compareAndSet(now, index)) {
            now = to.get();
        }
    }
}
