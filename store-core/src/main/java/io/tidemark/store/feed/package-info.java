// SPDX-License-Identifier: Apache-2.0

/**
 * Commits as they travel to replicas and watchers: resolved effects, by index, by shard. Start with {@link
 * io.tidemark.store.feed.CommitEffects}.
 *
 * <p>The newest are kept in memory; older ones are put together from the change index and the rows of that index. Both ways
 * give the same bytes, on every machine.
 */
@NullMarked
package io.tidemark.store.feed;

import org.jspecify.annotations.NullMarked;
