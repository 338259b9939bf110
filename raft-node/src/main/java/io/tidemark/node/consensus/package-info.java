// SPDX-License-Identifier: Apache-2.0

/**
 * One Raft group as the single writer. Starting point: {@link io.tidemark.node.consensus.Consensus}. The only package that sees
 * Apache Ratis; nothing of it shows in what others may use.
 *
 * <p>Threads: Ratis' updater alone writes to the store (applies, moves its position, starts checkpoints, replaces it by an
 * installed one). Proposals are submitted on the caller's thread and completed on the updater's. Listeners run on Ratis' threads
 * and must be quick.
 */
@NullMarked
package io.tidemark.node.consensus;

import org.jspecify.annotations.NullMarked;
