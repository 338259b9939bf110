// SPDX-License-Identifier: Apache-2.0

/** How shards pass from replica to replica: what leaders and replicas decide, over a model of everything between them. */
@NullMarked
package io.tidemark.verify.placement;

import org.jspecify.annotations.NullMarked;
