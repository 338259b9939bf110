// SPDX-License-Identifier: Apache-2.0

/**
 * Writing: what a node does with a write until its outcome is known, whichever node leads. A write travels as it came, with a
 * request id, to the node that leads; there it is normalised, encoded once, and waits to be part of the next entry.
 */
@NullMarked
package io.tidemark.node.write;

import org.jspecify.annotations.NullMarked;
