// SPDX-License-Identifier: Apache-2.0
package io.tidemark.node.confirm;

import io.tidemark.server.read.IndexWaiters;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * How far this node has applied the Raft log, for those who wait. Any thread waits; the thread that applies says how far it is,
 * and is not held up.
 */
public final class AppliedRaft {

    private final IndexWaiters waiters;
    private volatile long applied = -1;

    /** @param wakers where those who waited go on */
    public AppliedRaft(Executor wakers) {
        this.waiters = new IndexWaiters(() -> applied, wakers);
    }

    /**
     * All up to a Raft index is applied and visible to reads. Whoever calls has shown the store that has applied it to readers
     * before: also where another store took the place of one.
     */
    public void advanced(long raftIndex) {
        if (raftIndex > applied) {
            // One thread at a time applies.
            applied = raftIndex;
            waiters.advanced();
        }
    }

    /** Completes once a Raft index is applied; at once if it is. */
    CompletableFuture<Void> reached(long raftIndex) {
        return waiters.reached(raftIndex);
    }
}
