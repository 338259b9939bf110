// SPDX-License-Identifier: Apache-2.0

/**
 * Making the first node of a new cluster out of what is left of an old one, while nothing runs: {@link
 * io.tidemark.node.offline.RestoreFromBackup} of a backup, {@link io.tidemark.node.offline.Recovery} of a node's directory. Both end
 * in a cluster of one, with a history id of its own, to which nodes are added at runtime: docs/decisions/0045.
 */
@NullMarked
package io.tidemark.node.offline;

import org.jspecify.annotations.NullMarked;
