// SPDX-License-Identifier: Apache-2.0

/** Which replicas should own which shards: a pure function of the replicas that count. */
@NullMarked
package io.tidemark.server.placement;

import org.jspecify.annotations.NullMarked;
