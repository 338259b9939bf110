// SPDX-License-Identifier: Apache-2.0

/**
 * The first start of a node: the first members agree on what they are before any of them votes, a new node learns which
 * cluster it waits for, and a disk that was lost is told from one that was there. Begin with
 * {@link io.tidemark.node.birth.Birth}; why it is safe stands in docs/decisions/0049.
 */
@NullMarked
package io.tidemark.node.birth;

import org.jspecify.annotations.NullMarked;
