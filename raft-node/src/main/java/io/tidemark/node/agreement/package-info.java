// SPDX-License-Identifier: Apache-2.0
/** Whether the rows of this node are those of the other nodes: looked at all the time. */
@NullMarked
package io.tidemark.node.agreement;

import org.jspecify.annotations.NullMarked;
