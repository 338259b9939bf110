// SPDX-License-Identifier: Apache-2.0

/**
 * The state that every node and every replica keeps: the transition function, the engine, the digests and the change feed as
 * one. Start with {@link io.tidemark.store.state.Store}.
 *
 * <h2>Index and sequence</h2>
 *
 * <p>Users count commits by <em>index</em>. The engine counts what is written to it by an index of its own, here always called
 * <em>sequence</em>: it also moves where no commit is made, as when a refused request is remembered, a shard is copied in, or
 * digests are put down before a checkpoint. The change index says which sequence a commit has; the state as of an index is
 * that of the last sequence before the next commit's.
 *
 * <h2>One entry is one batch</h2>
 *
 * <p>All commits of an entry, the request ids it settled and the caller's position become visible and durable together. So
 * after a crash the caller goes on with the entry behind the position, and no entry is ever half there.
 *
 * <h2>When history goes</h2>
 *
 * <p>The horizon that readers are held to rises with a commit. What lies below it is dropped only after that commit is in a
 * checkpoint, because a restart goes back to the checkpoint, and the transition function needs the history of that state.
 */
@NullMarked
package io.tidemark.store.state;

import org.jspecify.annotations.NullMarked;
