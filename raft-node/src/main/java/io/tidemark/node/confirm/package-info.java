// SPDX-License-Identifier: Apache-2.0

/**
 * Confirmed Raft indexes, and the node's freshness that stands on them: {@code docs/design.md}, section "Freshness". Starting
 * points: {@link io.tidemark.node.confirm.NodeFreshness} for whoever reads, {@link
 * io.tidemark.node.confirm.ConfirmationHandlers} for what other nodes ask.
 *
 * <p>Nothing here has a clock, a timer or a thread of its own. Every call is for any thread and none waits: what it changes is
 * kept under locks that are held for a few instructions, and never while something outside is called.
 */
@NullMarked
package io.tidemark.node.confirm;

import org.jspecify.annotations.NullMarked;
