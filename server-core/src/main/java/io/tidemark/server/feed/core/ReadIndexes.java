// SPDX-License-Identifier: Apache-2.0
package io.tidemark.server.feed.core;

import java.util.concurrent.CompletableFuture;

/** How this server gets an index that answers a probe. For any thread. */
@FunctionalInterface
public interface ReadIndexes {

    /**
     * Confirms leadership in a round that begins after this call, shared by all who ask meanwhile, and completes once this server has
     * applied what was confirmed. Fails with an error that says why not. Each caller has a future of its own, and cancels it when
     * it no longer waits.
     */
    CompletableFuture<ReadIndex> confirm();
}
